// What can be done with a whole conversation, and with what was said in it.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dialogue/conversation.h"
#include "dialogue/ports.h"
#include "prompt/compose.h"

namespace dramatis::dialogue {

// A conversation that somebody wants to begin.
struct Beginning {
  Pair pair{};
  std::string title{};
  prompt::Scene scene{};
  std::string note{};
  std::span<const prompt::Line> said{};  // supplied: what was said before, oldest first
};

// Begins it, and makes it the pair's current one. Supplied lines of one speaker in a row become one
// line. Errors: kInvalidArgument naming the field or the line that is wrong (blank, too long, a
// player's that has no answer); kNpcNotFound, kUserNotFound.
[[nodiscard]] Result<Conversation> begin_conversation(const Beginning& beginning,
                                                      const Ports& with);

// What is to be changed; nothing: it stays.
struct ConversationChange {
  std::optional<std::string> title{};
  std::function<void(prompt::Scene&)> scene{};  // of the scene as it stands by then; may run twice
  std::optional<std::string> note{};
};

// Two changes of different things at once are both kept. Errors: kInvalidArgument naming the field
// that is wrong, kConversationNotFound.
[[nodiscard]] Result<Conversation> change_conversation(ConversationId id,
                                                       const ConversationChange& change,
                                                       const Ports& with);

// Begins another conversation with copies of all that was said up to `after`, that turn included,
// and makes it the current one. The first stays as it is.
[[nodiscard]] Result<Conversation> branch(TurnId after, const Ports& with);

// Changes what the player said in a turn. Errors: kInvalidArgument where nothing is said or the NPC
// spoke first, kTurnNotFound, kOverBudget.
[[nodiscard]] Result<Turn> edit_message(TurnId id, std::string_view message, const Ports& with);
// Puts other words into the NPC's mouth; its own stay among the alternatives.
[[nodiscard]] Result<Turn> edit_reply(TurnId id, std::string_view reply, const Ports& with);

// Makes another of the turn's replies the one that counts.
[[nodiscard]] Result<Turn> choose_alternative(TurnId id, std::size_t place, const Ports& with);

// Takes the turn and all after it away, and says how many there were.
[[nodiscard]] Result<std::size_t> remove_turns_from(TurnId id, const Ports& with);

// Takes the newest turn away, and returns it; nothing where there is none.
[[nodiscard]] Result<std::optional<Turn>> undo(ConversationId id, const Ports& with);
// Of the pair's current conversation.
[[nodiscard]] Result<std::optional<Turn>> undo(Pair pair, const Ports& with);

// Forgets what was said, and says how many turns that were. The conversation stays, with its scene.
[[nodiscard]] Result<std::size_t> reset(ConversationId id, const Ports& with);
// Of the pair's current conversation.
[[nodiscard]] Result<std::size_t> reset(Pair pair, const Ports& with);

// Whether whoever asks may see what NPCs think and how replies came about.
enum class Eyes { kPlayer, kOwner };

// The newest `count` turns (at most kMaxTurnsListed), oldest first; with `before`, of those before
// that turn. With thoughts and accounts for an owner alone.
[[nodiscard]] Result<std::vector<Turn>> history(ConversationId id, const Store& store,
                                                std::size_t count, Eyes eyes,
                                                std::optional<TurnId> before = std::nullopt);
// Of the pair's current conversation.
[[nodiscard]] Result<std::vector<Turn>> history(Pair pair, const Store& store, std::size_t count,
                                                Eyes eyes);

// Without what only an owner may see.
[[nodiscard]] Turn for_players(Turn turn);

}  // namespace dramatis::dialogue
