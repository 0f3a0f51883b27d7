// Conversations which an author wrote for a character: a JSONL file, one conversation a line.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "persona/character.h"
#include "persona/finding.h"

namespace dramatis::persona {

struct Dialogue {
  std::string id{};                   // "orlando-marlo-001"
  std::string scene{};                // where, when, who the player is; may be empty
  std::vector<Exchange> exchanges{};  // at least one

  friend bool operator==(const Dialogue&, const Dialogue&) = default;
};

// The conversations of `jsonl`; faults as in parse_world. A line in which a word of `secrets`
// stands is an error, and so is an id that stands twice.
[[nodiscard]] std::vector<Dialogue> parse_dialogues(std::string_view jsonl, const std::string& file,
                                                    std::span<const Secret> secrets,
                                                    std::vector<Finding>& found);

}  // namespace dramatis::persona
