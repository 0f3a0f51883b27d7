// The port of dialogue/ as statements that both databases understand.
#pragma once

#include "dialogue/store.h"
#include "store/internal/backend.h"

namespace dramatis::store::internal {

// Thread-safe.
class SqlStore : public dialogue::Store {
 public:
  // `backend` outlives the store.
  explicit SqlStore(Backend& backend) : backend_(backend) {}

  [[nodiscard]] Result<dialogue::User> add_user(const dialogue::User& user) override;
  [[nodiscard]] Result<dialogue::User> find_user(UserId id) const override;
  [[nodiscard]] Result<dialogue::User> find_user_named(std::string_view name) const override;
  [[nodiscard]] Result<std::vector<dialogue::User>> list_users() const override;
  [[nodiscard]] Status remove_user(UserId id) override;

  [[nodiscard]] Status add_npc(const dialogue::Npc& npc) override;
  [[nodiscard]] Result<dialogue::Npc> find_npc(NpcId id) const override;
  [[nodiscard]] Result<std::vector<dialogue::Npc>> list_npcs() const override;
  [[nodiscard]] Status update_npc(NpcId id, const dialogue::NpcSettings& settings) override;
  [[nodiscard]] Status remove_npc(NpcId id) override;

  [[nodiscard]] Status begin(const dialogue::Conversation& conversation,
                             std::span<const dialogue::Turn> turns) override;
  [[nodiscard]] Result<dialogue::Conversation> find_conversation(ConversationId id) const override;
  [[nodiscard]] Result<std::optional<dialogue::Conversation>> current_conversation(
      dialogue::Pair pair) const override;
  [[nodiscard]] Result<std::vector<dialogue::Conversation>> list_conversations(
      const dialogue::ConversationsAsked& asked) const override;
  [[nodiscard]] Result<dialogue::Conversation> change_conversation(
      ConversationId id, const std::function<Status(dialogue::Conversation&)>& change) override;
  [[nodiscard]] Status make_current(ConversationId id) override;
  [[nodiscard]] Status remove_conversation(ConversationId id) override;

  [[nodiscard]] Result<dialogue::Turn> find_turn(TurnId id) const override;
  [[nodiscard]] Result<std::optional<dialogue::Turn>> find_turn(
      dialogue::Pair pair, std::string_view key) const override;
  [[nodiscard]] Result<std::vector<dialogue::Turn>> newest_turns(
      ConversationId conversation, std::size_t count, std::optional<TurnId> before) const override;
  [[nodiscard]] Status add_turn(const dialogue::Turn& turn, std::optional<TurnId> after) override;
  [[nodiscard]] Status edit_message(TurnId id, std::string_view message) override;
  [[nodiscard]] Result<std::size_t> remove_turns_from(TurnId id) override;
  [[nodiscard]] Result<std::size_t> remove_turns(ConversationId conversation) override;

  [[nodiscard]] Result<dialogue::Turn> add_alternative(
      TurnId id, const dialogue::Alternative& spoken) override;
  [[nodiscard]] Result<std::vector<dialogue::Alternative>> list_alternatives(
      TurnId id) const override;
  [[nodiscard]] Result<dialogue::Turn> choose_alternative(TurnId id, std::size_t place) override;

 private:
  Backend& backend_;
};

}  // namespace dramatis::store::internal
