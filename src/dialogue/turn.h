// A player speaks and the NPC answers: the story of one turn, and what can be done with turns
// afterwards.
#pragma once

#include <optional>
#include <stop_token>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dialogue/ports.h"
#include "dialogue/store.h"
#include "lm/language_model.h"
#include "prompt/compose.h"

namespace dramatis::dialogue {

// What a player asks of an NPC.
struct Request {
  Pair pair{};
  std::string_view message{};  // not for greet() and regenerate()
  std::string_view key{};      // the client's, for take_turn(): the same key is never a second turn
  std::optional<std::uint64_t> seed{};   // nothing: drawn
  std::optional<SteadyTime> deadline{};  // nothing: the model's own
};

enum class Freshness { kNew, kRepeated };

// The turn as it was stored, and how it came to be.
struct Reply {
  Turn turn{};
  Freshness freshness =
      Freshness::kNew;    // kRepeated: the key was used before, nothing was generated
  lm::Completion made{};  // the model's account; empty where no model was asked
  std::vector<prompt::Section> sections{};  // of the prompt, for owners
};

// One turn. Speech streams to `to_player` as it is made; when the call returns a reply, the turn is
// stored. On any error nothing is stored and the history is as it was.
// Errors: kInvalidArgument for a blank message or a bad key, kOverBudget for a long one,
// kNpcNotFound and kUserNotFound with the id, kNotFound for an NPC whose character has left the
// cast, kConflict (a key used for another message, or too many turns at once), kUnavailable where
// nothing was said aloud, and what the model answers.
[[nodiscard]] Result<Reply> take_turn(const Request& request, const Ports& with,
                                      lm::TextSink& to_player, const std::stop_token& stop = {});

// The NPC speaks first: one of the sheet's greetings, or the model's words where there are none.
// kConflict where the two have spoken already.
[[nodiscard]] Result<Reply> greet(const Request& request, const Ports& with,
                                  lm::TextSink& to_player, const std::stop_token& stop = {});

// Another reply to the newest message, in the place of the old one, which stays if this fails.
// kNotFound where there is no message.
[[nodiscard]] Result<Reply> regenerate(const Request& request, const Ports& with,
                                       lm::TextSink& to_player, const std::stop_token& stop = {});

// Takes the newest turn away, and returns it; nothing where there is none.
[[nodiscard]] Result<std::optional<Turn>> undo(Pair pair, const Ports& with);

// Forgets what the two have said, and says how many turns that were.
[[nodiscard]] Result<std::size_t> reset(Pair pair, const Ports& with);

// Whether whoever asks may see what NPCs think.
enum class Eyes { kPlayer, kOwner };

// The newest `count` turns (at most kMaxTurnsListed), oldest first; with thoughts for an owner
// alone.
[[nodiscard]] Result<std::vector<Turn>> history(Pair pair, const Store& store, std::size_t count,
                                                Eyes eyes);

}  // namespace dramatis::dialogue
