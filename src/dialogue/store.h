// What is kept between turns, behind one port. store/ implements it on disk, dialogue/testing in
// memory.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "dialogue/conversation.h"
#include "dialogue/npc.h"

namespace dramatis::dialogue {

// Which conversations are listed, those begun last first.
struct ConversationsAsked {
  std::optional<NpcId> npc{};              // nothing: of any NPC
  std::optional<UserId> user{};            // nothing: of any player
  std::optional<ConversationId> before{};  // only those begun before this one: the next page
  std::size_t count = 0;                   // at most so many
};

// Thread-safe. Every change is whole and lasting when the call returns. An id that nobody has is
// kUserNotFound, kNpcNotFound, kConversationNotFound or kTurnNotFound, and `what` holds it; a store
// that cannot answer is kUnavailable.
class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  // Adds a user under `name`, or under the first free of name_1, name_2, ... kConflict for a taken
  // id, kOverBudget past kMaxNamesakes.
  [[nodiscard]] virtual Result<User> add_user(const User& user) = 0;
  [[nodiscard]] virtual Result<User> find_user(UserId id) const = 0;
  // kUserNotFound where nobody has this name.
  [[nodiscard]] virtual Result<User> find_user_named(std::string_view name) const = 0;
  // In the order of registration.
  [[nodiscard]] virtual Result<std::vector<User>> list_users() const = 0;
  // With all conversations.
  [[nodiscard]] virtual Status remove_user(UserId id) = 0;

  // kConflict for a taken id.
  [[nodiscard]] virtual Status add_npc(const Npc& npc) = 0;
  [[nodiscard]] virtual Result<Npc> find_npc(NpcId id) const = 0;
  // In the order of registration.
  [[nodiscard]] virtual Result<std::vector<Npc>> list_npcs() const = 0;
  // Puts `settings` in the place of its own.
  [[nodiscard]] virtual Status update_npc(NpcId id, const NpcSettings& settings) = 0;
  // With all conversations.
  [[nodiscard]] virtual Status remove_npc(NpcId id) = 0;

  // Adds a conversation with its first turns, oldest first, and makes it its pair's current one.
  // kConflict for a taken id or a key of the pair that was used before.
  [[nodiscard]] virtual Status begin(const Conversation& conversation,
                                     std::span<const Turn> turns) = 0;
  [[nodiscard]] virtual Result<Conversation> find_conversation(ConversationId id) const = 0;
  // The pair's current one, or nothing where it has none.
  [[nodiscard]] virtual Result<std::optional<Conversation>> current_conversation(
      Pair pair) const = 0;
  [[nodiscard]] virtual Result<std::vector<Conversation>> list_conversations(
      const ConversationsAsked& asked) const = 0;
  // Has `change` change title, scene and note, and keeps them; two changes at once are made one
  // after the other. It may be run again, and its error undoes all of it.
  [[nodiscard]] virtual Result<Conversation> change_conversation(
      ConversationId id, const std::function<Status(Conversation&)>& change) = 0;
  [[nodiscard]] virtual Status make_current(ConversationId id) = 0;
  // With its turns. Of the pair's others, the one begun last becomes current where this one was.
  [[nodiscard]] virtual Status remove_conversation(ConversationId id) = 0;

  [[nodiscard]] virtual Result<Turn> find_turn(TurnId id) const = 0;
  // The turn which a client stored under this key in any conversation of the pair, or nothing.
  [[nodiscard]] virtual Result<std::optional<Turn>> find_turn(Pair pair,
                                                              std::string_view key) const = 0;
  // The newest `count` turns, oldest first; with `before`, of those before that turn.
  [[nodiscard]] virtual Result<std::vector<Turn>> newest_turns(
      ConversationId conversation, std::size_t count,
      std::optional<TurnId> before = std::nullopt) const = 0;
  // Appends a turn with its one reply to a conversation whose newest turn is `after` (nothing:
  // which has none). kConflict where it is not, for a taken id, and for a key of the pair that was
  // used before.
  [[nodiscard]] virtual Status add_turn(const Turn& turn, std::optional<TurnId> after) = 0;
  // Changes what the player said.
  [[nodiscard]] virtual Status edit_message(TurnId id, std::string_view message) = 0;
  // Takes the turn and all after it away, and says how many there were.
  [[nodiscard]] virtual Result<std::size_t> remove_turns_from(TurnId id) = 0;
  // Takes all turns away, and says how many there were.
  [[nodiscard]] virtual Result<std::size_t> remove_turns(ConversationId conversation) = 0;

  // Adds a reply to the turn's others, and chooses it. kOverBudget past kMaxAlternatives.
  [[nodiscard]] virtual Result<Turn> add_alternative(TurnId id, const Alternative& spoken) = 0;
  // In the order in which they were made, at least one.
  [[nodiscard]] virtual Result<std::vector<Alternative>> list_alternatives(TurnId id) const = 0;
  // Makes the reply at `place` the one that counts. kInvalidArgument where there is none.
  [[nodiscard]] virtual Result<Turn> choose_alternative(TurnId id, std::size_t place) = 0;
};

// The errors that every store and caller gives alike.
[[nodiscard]] Error no_such(NpcId id);
[[nodiscard]] Error no_such(UserId id);
[[nodiscard]] Error no_such(ConversationId id);
[[nodiscard]] Error no_such(TurnId id);
[[nodiscard]] Error too_many_alternatives(TurnId id);
[[nodiscard]] Error no_alternative(std::size_t place, const Turn& turn);

}  // namespace dramatis::dialogue
