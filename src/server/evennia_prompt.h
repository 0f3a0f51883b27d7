// The one text that Evennia's LLM contrib sends -> who speaks with whom, where, and what was said.
//
// The contrib puts everything into one prompt: a sentence about the NPC, then the lines of both,
// "Anna: Hello there", of which the newest is the player's. Nothing follows it: no cue for the NPC,
// and no request names who it is.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lm/language_model.h"

namespace dramatis::server {

struct EvenniaTalk {
  std::string npc{};          // its name; empty where the prompt does not tell
  std::string player{};       // the speaker's name
  std::string description{};  // of the NPC; empty where there is none but Evennia's own filling
  std::string place{};        // where they are; may be empty
  std::string prefix{};  // the owner's own sentence before the lines; empty: Evennia's usual one
  std::vector<lm::Message> lines{};  // by turns, oldest first; the last is the player's

  friend bool operator==(const EvenniaTalk&, const EvenniaTalk&) = default;
};

// The talk in `prompt`, freed of Evennia's colour codes. Nothing where its last line is not
// "NAME: words". Never fails on a name, a place or words that look like the rest. Time grows with
// the prompt's length.
[[nodiscard]] std::optional<EvenniaTalk> read_evennia_prompt(std::string_view prompt);

// `text` without Evennia's markup: "|r", "|[500", "|/", "|lc...|lt...|le"; "||" is a bar.
[[nodiscard]] std::string without_markup(std::string_view text);

}  // namespace dramatis::server
