// Cells and JSON -> structs, and back.
#include "store/internal/rows.h"

#include <fmt/format.h>

#include "dialogue/record.h"
#include "dialogue/store.h"
#include "text/json.h"

namespace dramatis::store::internal {
namespace {

using dialogue::Alternative;
using dialogue::Conversation;
using dialogue::Npc;
using dialogue::Turn;
using dialogue::User;

// A document of ours; that it is damaged is the database's fault, not the caller's.
Result<text::Json> parse_column(const Cell& cell, std::string_view what) {
  auto parsed = text::parse_json(text(cell), text(cell).size());
  if (parsed) return parsed;
  return fail(ErrorCode::kCorrupt,
              fmt::format("The {} in the database cannot be read: {}", what, parsed.error().what));
}

}  // namespace

User user_of(const Row& row) {
  return {.id = id_of<UserId>(row[0]), .name = text(row[1]), .registered = instant_of(row[2])};
}

Result<Npc> npc_of(const Row& row) {
  Npc npc{.id = id_of<NpcId>(row[0]), .registered = instant_of(row[2])};
  DRAMATIS_TRY(const auto settings, parse_column(row[1], "settings of " + print_id(npc.id)));
  DRAMATIS_TRY(npc.settings, dialogue::read_settings(settings));
  return npc;
}

Result<Conversation> conversation_of(const Row& row) {
  Conversation conversation{.id = id_of<ConversationId>(row[0]),
                            .pair = {.npc = id_of<NpcId>(row[1]), .user = id_of<UserId>(row[2])},
                            .title = text(row[3]),
                            .note = text(row[5]),
                            .started = instant_of(row[7])};
  DRAMATIS_TRY(const auto scene, parse_column(row[4], "scene of " + print_id(conversation.id)));
  DRAMATIS_TRY(conversation.scene, dialogue::read_scene(scene));
  if (!is_null(row[6])) conversation.branched_after = id_of<TurnId>(row[6]);
  return conversation;
}

Result<Alternative> alternative_of(const Row& row) {
  Alternative spoken{.reply = text(row[0]), .thoughts = text(row[1]), .at = instant_of(row[3])};
  if (is_null(row[2])) return spoken;
  DRAMATIS_TRY(const auto account, parse_column(row[2], "account of a reply"));
  DRAMATIS_TRY(spoken.account, dialogue::read_account(account));
  return spoken;
}

Result<Turn> turn_of(const Row& row) {
  Turn turn{.id = id_of<TurnId>(row[4]),
            .conversation = id_of<ConversationId>(row[5]),
            .pair = {.npc = id_of<NpcId>(row[6]), .user = id_of<UserId>(row[7])},
            .chosen = static_cast<std::size_t>(integer(row[9])),
            .alternatives = static_cast<std::size_t>(integer(row[10])),
            .key = text(row[11])};
  DRAMATIS_TRY(turn.spoken, alternative_of(row));
  if (!is_null(row[8])) turn.message = text(row[8]);
  return turn;
}

std::string print_settings(const dialogue::NpcSettings& settings) {
  return text::print_json(dialogue::settings_json(settings));
}
std::string print_scene(const prompt::Scene& scene) {
  return text::print_json(dialogue::scene_json(scene));
}
std::optional<std::string> print_account(const Alternative& spoken) {
  if (!spoken.account) return std::nullopt;
  return text::print_json(dialogue::account_json(*spoken.account));
}

Status check_pair(Session& session, dialogue::Pair pair) {
  DRAMATIS_TRY(const auto npc,
               session.run("SELECT 1 FROM npcs WHERE id = ?1", {number_of(pair.npc)}));
  if (npc.rows.empty()) return tl::unexpected(dialogue::no_such(pair.npc));
  DRAMATIS_TRY(const auto user,
               session.run("SELECT 1 FROM users WHERE id = ?1", {number_of(pair.user)}));
  if (user.rows.empty()) return tl::unexpected(dialogue::no_such(pair.user));
  return {};
}

Result<Turn> hold_turn(Session& session, TurnId id) {
  DRAMATIS_TRY(const auto found, session.run("SELECT " DRAMATIS_TURN_COLUMNS
                                             " FROM turns WHERE id = ?1" DRAMATIS_STORE_HOLD,
                                             {number_of(id)}));
  if (found.rows.empty()) return tl::unexpected(dialogue::no_such(id));
  return turn_of(found.rows.front());
}

Status hold_conversation(Session& session, ConversationId id) {
  DRAMATIS_TRY(const auto found,
               session.run("SELECT 1 FROM conversations WHERE id = ?1" DRAMATIS_STORE_HOLD,
                           {number_of(id)}));
  if (found.rows.empty()) return tl::unexpected(dialogue::no_such(id));
  return {};
}

Status append_turn(Session& session, const Turn& turn, const Conversation& conversation) {
  const Alternative& spoken = turn.spoken;
  const auto account = print_account(spoken);
  const Value key = turn.key.empty() ? Value() : Value(std::string_view(turn.key));
  return session
      .run(
          "INSERT INTO turns (id, conversation, npc, player, message, reply, thoughts, account, "
          "at_ms, chosen, alternatives, key) "
          "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, 1, ?10)",
          {number_of(turn.id), number_of(conversation.id), number_of(conversation.pair.npc),
           number_of(conversation.pair.user), text_or_null(turn.message),
           std::string_view(spoken.reply), std::string_view(spoken.thoughts), text_or_null(account),
           milliseconds_of(spoken.at), key})
      .map([](const Answer& /*changed*/) {});
}

}  // namespace dramatis::store::internal
