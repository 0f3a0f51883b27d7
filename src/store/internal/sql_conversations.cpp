// Conversations, and which of a pair's is the current one.
#include <fmt/format.h>

#include "store/internal/rows.h"
#include "store/internal/sql_store.h"

namespace dramatis::store::internal {
namespace {

using dialogue::Conversation;
using dialogue::Pair;

struct Belonging {
  Pair pair{};
  bool is_current = false;
};

Result<Belonging> belonging_of(Session& session, ConversationId id) {
  DRAMATIS_TRY(const auto found,
               session.run("SELECT npc, player, is_current FROM conversations WHERE id = ?1",
                           {number_of(id)}));
  if (found.rows.empty()) return tl::unexpected(dialogue::no_such(id));
  const Row& row = found.rows.front();
  return Belonging{.pair = {.npc = id_of<NpcId>(row[0]), .user = id_of<UserId>(row[1])},
                   .is_current = integer(row[2]) != 0};
}

// Nobody else decides which of the player's conversations are current before this transaction has
// ended.
Status hold_player(Session& session, UserId id) {
  DRAMATIS_TRY(
      const auto found,
      session.run("SELECT 1 FROM users WHERE id = ?1" DRAMATIS_STORE_HOLD, {number_of(id)}));
  if (found.rows.empty()) return tl::unexpected(dialogue::no_such(id));
  return {};
}

Status leave_current(Session& session, Pair pair) {
  return session
      .run(
          "UPDATE conversations SET is_current = 0 "
          "WHERE npc = ?1 AND player = ?2 AND is_current = 1",
          {number_of(pair.npc), number_of(pair.user)})
      .map([](const Answer& /*changed*/) {});
}

Status add_conversation(Session& session, const Conversation& conversation) {
  const std::string scene = print_scene(conversation.scene);
  const Value branched =
      conversation.branched_after ? Value(number_of(*conversation.branched_after)) : Value();
  return session
      .run(
          "INSERT INTO conversations (id, npc, player, title, scene, note, branched_after, "
          "is_current, started_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8)",
          {number_of(conversation.id), number_of(conversation.pair.npc),
           number_of(conversation.pair.user), std::string_view(conversation.title),
           std::string_view(scene), std::string_view(conversation.note), branched,
           milliseconds_of(conversation.started)})
      .map([](const Answer& /*changed*/) {});
}

// The place before which conversations are listed.
Result<std::int64_t> place_before(Session& session, std::optional<ConversationId> before) {
  if (!before) return std::numeric_limits<std::int64_t>::max();
  DRAMATIS_TRY(const auto found,
               session.run("SELECT place FROM conversations WHERE id = ?1", {number_of(*before)}));
  if (found.rows.empty()) return tl::unexpected(dialogue::no_such(*before));
  return integer(found.rows.front()[0]);
}

Result<Answer> list_asked(Session& session, const dialogue::ConversationsAsked& asked,
                          std::int64_t before) {
  const std::int64_t most = limit_of(asked.count);
  if (asked.npc && asked.user) {
    return session.run("SELECT " DRAMATIS_CONVERSATION_COLUMNS
                       " FROM conversations WHERE npc = ?1 AND player = ?2 AND place < ?3 "
                       "ORDER BY place DESC LIMIT ?4",
                       {number_of(*asked.npc), number_of(*asked.user), before, most});
  }
  if (asked.npc) {
    return session.run("SELECT " DRAMATIS_CONVERSATION_COLUMNS
                       " FROM conversations WHERE npc = ?1 AND place < ?2 "
                       "ORDER BY place DESC LIMIT ?3",
                       {number_of(*asked.npc), before, most});
  }
  if (asked.user) {
    return session.run("SELECT " DRAMATIS_CONVERSATION_COLUMNS
                       " FROM conversations WHERE player = ?1 AND place < ?2 "
                       "ORDER BY place DESC LIMIT ?3",
                       {number_of(*asked.user), before, most});
  }
  return session.run("SELECT " DRAMATIS_CONVERSATION_COLUMNS
                     " FROM conversations WHERE place < ?1 ORDER BY place DESC LIMIT ?2",
                     {before, most});
}

}  // namespace

Status SqlStore::begin(const Conversation& conversation, std::span<const dialogue::Turn> turns) {
  return change(backend_, [&](Session& session) -> Status {
    DRAMATIS_DO(check_pair(session, conversation.pair));
    DRAMATIS_DO(hold_player(session, conversation.pair.user));
    const auto before = belonging_of(session, conversation.id);
    if (before && session.again()) return {};
    if (before) {
      return fail(ErrorCode::kConflict,
                  fmt::format("The id '{}' is taken.", print_id(conversation.id)));
    }
    if (before.error().code != ErrorCode::kConversationNotFound)
      return tl::unexpected(before.error());
    DRAMATIS_DO(leave_current(session, conversation.pair));
    DRAMATIS_DO(add_conversation(session, conversation));
    for (const auto& turn : turns) DRAMATIS_DO(append_turn(session, turn, conversation));
    return {};
  });
}

Result<Conversation> SqlStore::find_conversation(ConversationId id) const {
  return read(
      backend_,
      [&](Session& session) -> Result<Conversation> {
        DRAMATIS_TRY(const auto found, session.run("SELECT " DRAMATIS_CONVERSATION_COLUMNS
                                                   " FROM conversations WHERE id = ?1",
                                                   {number_of(id)}));
        if (found.rows.empty()) return tl::unexpected(dialogue::no_such(id));
        return conversation_of(found.rows.front());
      },
      Sight::kEachItsOwn);
}

Result<std::optional<Conversation>> SqlStore::current_conversation(Pair pair) const {
  return read(
      backend_,
      [&](Session& session) -> Result<std::optional<Conversation>> {
        DRAMATIS_TRY(const auto found,
                     session.run("SELECT " DRAMATIS_CONVERSATION_COLUMNS
                                 " FROM conversations WHERE npc = ?1 AND player = ?2 "
                                 "AND is_current = 1",
                                 {number_of(pair.npc), number_of(pair.user)}));
        if (found.rows.empty()) {
          DRAMATIS_DO(check_pair(session, pair));
          return std::nullopt;
        }
        DRAMATIS_TRY(auto conversation, conversation_of(found.rows.front()));
        return conversation;
      },
      Sight::kEachItsOwn);
}

Result<std::vector<Conversation>> SqlStore::list_conversations(
    const dialogue::ConversationsAsked& asked) const {
  return read(backend_, [&](Session& session) -> Result<std::vector<Conversation>> {
    DRAMATIS_TRY(const auto before, place_before(session, asked.before));
    DRAMATIS_TRY(const auto found, list_asked(session, asked, before));
    std::vector<Conversation> conversations;
    for (const Row& row : found.rows) {
      DRAMATIS_TRY(auto conversation, conversation_of(row));
      conversations.push_back(std::move(conversation));
    }
    return conversations;
  });
}

Result<Conversation> SqlStore::change_conversation(
    ConversationId id, const std::function<Status(Conversation&)>& change_it) {
  Conversation conversation;
  const Status kept = change(backend_, [&](Session& session) -> Status {
    DRAMATIS_TRY(const auto found,
                 session.run("SELECT " DRAMATIS_CONVERSATION_COLUMNS
                             " FROM conversations WHERE id = ?1" DRAMATIS_STORE_HOLD,
                             {number_of(id)}));
    if (found.rows.empty()) return tl::unexpected(dialogue::no_such(id));
    DRAMATIS_TRY(conversation, conversation_of(found.rows.front()));
    DRAMATIS_DO(change_it(conversation));
    const std::string scene = print_scene(conversation.scene);
    return session
        .run("UPDATE conversations SET title = ?1, scene = ?2, note = ?3 WHERE id = ?4",
             {std::string_view(conversation.title), std::string_view(scene),
              std::string_view(conversation.note), number_of(id)})
        .map([](const Answer& /*changed*/) {});
  });
  if (!kept) return tl::unexpected(kept.error());
  return conversation;
}

Status SqlStore::make_current(ConversationId id) {
  return change(backend_, [&](Session& session) -> Status {
    DRAMATIS_TRY(const auto belonging, belonging_of(session, id));
    DRAMATIS_DO(hold_player(session, belonging.pair.user));
    DRAMATIS_DO(leave_current(session, belonging.pair));
    DRAMATIS_TRY(
        const auto changed,
        session.run("UPDATE conversations SET is_current = 1 WHERE id = ?1", {number_of(id)}));
    if (changed.changed == 0) return tl::unexpected(dialogue::no_such(id));
    return {};
  });
}

Status SqlStore::remove_conversation(ConversationId id) {
  return change(backend_, [&](Session& session) -> Status {
    const auto seen = belonging_of(session, id);
    if (!seen && session.again() && seen.error().code == ErrorCode::kConversationNotFound)
      return {};
    if (!seen) return tl::unexpected(seen.error());
    const Pair pair = seen->pair;
    DRAMATIS_DO(hold_player(session, pair.user));
    DRAMATIS_TRY(const auto belonging, belonging_of(session, id));
    DRAMATIS_DO(session.run("DELETE FROM conversations WHERE id = ?1", {number_of(id)}));
    session.forget();
    if (!belonging.is_current) return {};
    return session
        .run(
            "UPDATE conversations SET is_current = 1 WHERE place = "
            "(SELECT max(place) FROM conversations WHERE npc = ?1 AND player = ?2)",
            {number_of(pair.npc), number_of(pair.user)})
        .map([](const Answer& /*changed*/) {});
  });
}

}  // namespace dramatis::store::internal
