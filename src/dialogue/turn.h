// A player speaks and the NPC answers: the story of one turn, and of its other answers.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string_view>

#include "base/result.h"
#include "dialogue/conversation.h"
#include "dialogue/ports.h"
#include "lm/language_model.h"
#include "prompt/compose.h"

namespace dramatis::dialogue {

// What a player asks of an NPC.
struct Request {
  Pair pair{};  // left alone where `conversation` names one
  std::optional<ConversationId>
      conversation{};          // nothing: the pair's current one, begun where there is none
  std::string_view message{};  // not for greet() and regenerate()
  std::string_view key{};      // the client's, for take_turn(): the same key is never a second turn
  std::optional<TurnId> id{};  // the turn's own, where somebody asks for it before it is stored
  std::optional<std::uint64_t> seed{};         // nothing: drawn
  std::optional<SteadyTime> deadline{};        // nothing: the model's own
  lm::Urgency urgency = lm::Urgency::kPlayer;  // kBackground: nobody waits for the words
  std::string_view account{};                  // who pays, as lm::Asker has it; empty: nobody
  std::function<void()> thinks{};  // called once, where the NPC begins with private thoughts
};

enum class Freshness { kNew, kRepeated };

// The turn as it was stored.
struct Reply {
  Turn turn{};
  Freshness freshness =
      Freshness::kNew;  // kRepeated: the key was used before, nothing was generated
};

// One turn. Speech streams to `to_player` as it is made; when the call returns a reply, the turn is
// stored. On any error nothing is stored and the history is as it was.
// Errors: kInvalidArgument for a blank message or a bad key, kOverBudget for a long one,
// kNpcNotFound, kUserNotFound and kConversationNotFound with the id, kNotFound for an NPC whose
// character has left the cast or whose model is not served, kConflict (a key used for another
// message, too many turns at once, or words of another server in between), kUnavailable where
// nothing was said aloud, and what the model answers.
[[nodiscard]] Result<Reply> take_turn(const Request& request, const Ports& with,
                                      lm::TextSink& to_player, const std::stop_token& stop = {});

// The NPC speaks first: one of the sheet's greetings, or the model's words where there are none.
// kConflict where the two have spoken already.
[[nodiscard]] Result<Reply> greet(const Request& request, const Ports& with,
                                  lm::TextSink& to_player, const std::stop_token& stop = {});

// Another reply to the newest message, beside the old ones, which stay; another greeting, where the
// NPC spoke first. kNotFound where nothing was said or the sheet has no other greeting, kOverBudget
// past kMaxAlternatives.
[[nodiscard]] Result<Reply> regenerate(const Request& request, const Ports& with,
                                       lm::TextSink& to_player, const std::stop_token& stop = {});

// What the model would be told next, were `request.message` said (blank: as if "..." were).
[[nodiscard]] Result<prompt::Composed> preview(const Request& request, const Ports& with);

// A reply made once more.
struct Replay {
  std::string reply{};
  bool same_prompt = false;  // no word of what the model was told has changed since
  bool same_reply = false;
};

// Generates the reply of a stored turn again, as its account tells, and stores nothing. `payer`
// pays. kNotFound where no model was asked for it.
[[nodiscard]] Result<Replay> replay(TurnId turn, const Ports& with, lm::TextSink& sink,
                                    const std::stop_token& stop = {}, std::string_view payer = {});

}  // namespace dramatis::dialogue
