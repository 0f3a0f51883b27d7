// What was said: asked for, changed, explained.
#include <limits>

#include <fmt/format.h>

#include "base/ids.h"
#include "dialogue/conversations.h"
#include "dialogue/record.h"
#include "server/fields.h"
#include "server/internal/handlers.h"
#include "server/internal/ids.h"
#include "server/internal/shapes.h"
#include "server/problem.h"
#include "server/turns_elsewhere.h"

namespace dramatis::server::internal {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

// The words from byte `after` on; a client counts what it was given, so it never points into a
// letter.
Result<std::string> words_after(std::string_view words, std::int64_t after) {
  const auto at = static_cast<std::size_t>(after);
  const bool splits = at < words.size() && (static_cast<unsigned char>(words[at]) & 0xC0U) == 0x80U;
  if (at > words.size() || splits) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("after is {}; {} bytes were said so far.", after, words.size()));
  }
  return std::string(words.substr(at));
}

Result<JsonObject> stored_json(const dialogue::Turn& turn, const Api& api, const Identity& who,
                               std::int64_t after) {
  DRAMATIS_TRY(auto words, words_after(turn.spoken.reply, after));
  DRAMATIS_TRY(const auto spoken, api.with.store.list_alternatives(turn.id));
  JsonArray others;
  for (const auto& one : spoken) {
    JsonObject json{{"reply", one.reply}, {"at", print_time(one.at)}};
    if (who.sees_thoughts() && !one.thoughts.empty()) json.emplace_back("thoughts", one.thoughts);
    others.push_back(std::move(json));
  }
  return JsonObject{{"turn_id", print_id(turn.id)},
                    {"done", true},
                    {"text", std::move(words)},
                    {"turn", turn_json(turn, who)},
                    {"replies", std::move(others)}};
}

// Another server has its words; here they are known when they are stored.
JsonObject told_json(TurnId id, const TurnsElsewhere::Told& told) {
  JsonObject json{
      {"turn_id", print_id(id)}, {"done", told.problem.has_value()}, {"text", std::string()}};
  if (told.problem) json.emplace_back("problem", *told.problem);
  return json;
}

}  // namespace

Result<Response> list_turns(const Api& api, const Call& call) {
  DRAMATIS_TRY(const auto conversation, conversation_of(call.part("conversation"), api, call.who));
  DRAMATIS_TRY(const auto limit, number_of(call.request, "limit", kUsualPage, 1, kMaxPage));
  std::optional<TurnId> before;
  if (const std::string_view text = call.request.parameter("before"); !text.empty()) {
    DRAMATIS_TRY(const auto turn, turn_of(text, api, call.who));
    if (turn.conversation != conversation.id) return tl::unexpected(dialogue::no_such(turn.id));
    before = turn.id;
  }
  const auto eyes = call.who.sees_thoughts() ? dialogue::Eyes::kOwner : dialogue::Eyes::kPlayer;
  DRAMATIS_TRY(const auto turns, dialogue::history(conversation.id, api.with.store,
                                                   static_cast<std::size_t>(limit), eyes, before));
  JsonArray list;
  for (const auto& turn : turns) list.push_back(turn_json(turn, call.who));
  const bool is_full = turns.size() == static_cast<std::size_t>(limit);
  return json_response(200,
                       JsonObject{{"turns", std::move(list)},
                                  {"before", is_full ? Json(print_id(turns.front().id)) : Json()}});
}

Result<Response> show_turn(const Api& api, const Call& call) {
  DRAMATIS_TRY(const auto after,
               number_of(call.request, "after", 0, 0, std::numeric_limits<int>::max()));
  auto id = parse_turn_id(call.part("turn"));
  const auto underway = id ? api.underway.find(*id) : nullptr;
  if (underway != nullptr && call.who.may_reach(underway->pair().user)) {
    const auto state = underway->state();
    if (!state.stored) {
      DRAMATIS_TRY(auto words, words_after(state.words, after));
      JsonObject json{{"turn_id", print_id(*id)}, {"done", state.done}, {"text", std::move(words)}};
      if (state.failed) json.emplace_back("problem", state.failed->members);
      return json_response(200, json);
    }
    id = state.stored;
  } else if (id) {
    DRAMATIS_TRY(auto told, TurnsElsewhere(api.notices, api.with.clock).find(*id));
    if (told && call.who.may_reach(told->pair.user))
      return json_response(200, told_json(*id, *told));
  }
  DRAMATIS_TRY(const auto turn,
               turn_of(id ? print_id(*id) : std::string(call.part("turn")), api, call.who));
  DRAMATIS_TRY(const auto json, stored_json(turn, api, call.who, after));
  return json_response(200, json);
}

Result<Response> change_turn(const Api& api, const Call& call) {
  DRAMATIS_TRY(auto turn, turn_of(call.part("turn"), api, call.who));
  DRAMATIS_TRY(Fields fields, Fields::read(call.request.body));
  const auto message = fields.text("message");
  const auto reply = fields.text("reply");
  const auto chosen = fields.integer("chosen");
  if (!message && !reply && !chosen)
    fields.mistake("message", "is missing, and so are reply and chosen.");
  if (chosen && *chosen < 0) fields.mistake("chosen", "is less than 0.");
  DRAMATIS_DO(fields.judge());
  if (reply && !call.who.sees_thoughts())
    return fail(ErrorCode::kRefused, "Words are put into an NPC's mouth by owners and writers.");
  if (message) {
    DRAMATIS_TRY(turn, dialogue::edit_message(turn.id, *message, api.with));
  }
  if (reply) {
    DRAMATIS_TRY(turn, dialogue::edit_reply(turn.id, *reply, api.with));
  }
  if (chosen) {
    DRAMATIS_TRY(
        turn, dialogue::choose_alternative(turn.id, static_cast<std::size_t>(*chosen), api.with));
  }
  return json_response(200, turn_json(turn, call.who));
}

Result<Response> cancel_turn(const Api& api, const Call& call) {
  const auto id = parse_turn_id(call.part("turn"));
  const auto underway = id ? api.underway.find(*id) : nullptr;
  if (underway != nullptr && call.who.may_reach(underway->pair().user)) {
    if (underway->state().done) return fail(ErrorCode::kConflict, "This turn has ended.");
    underway->cancel();
    return Response{.status = 204};
  }
  if (id && underway == nullptr) {
    const TurnsElsewhere elsewhere(api.notices, api.with.clock);
    DRAMATIS_TRY(const auto told, elsewhere.find(*id));
    if (told && call.who.may_reach(told->pair.user) && !told->problem) {
      DRAMATIS_DO(elsewhere.cancel(*id, *told));
      return Response{.status = 204};
    }
  }
  DRAMATIS_DO(turn_of(call.part("turn"), api, call.who));
  return fail(ErrorCode::kConflict, "This turn has ended.");
}

Result<Response> explain_turn(const Api& api, const Call& call) {
  DRAMATIS_TRY(const auto turn, turn_of(call.part("turn"), api, call.who));
  DRAMATIS_TRY(const auto spoken, api.with.store.list_alternatives(turn.id));
  const auto account_of = [](const dialogue::Alternative& one) {
    return one.account ? Json(dialogue::account_json(*one.account)) : Json();
  };
  JsonArray others;
  for (const auto& one : spoken) {
    others.push_back(JsonObject{{"reply", one.reply},
                                {"thoughts", one.thoughts},
                                {"at", print_time(one.at)},
                                {"account", account_of(one)}});
  }
  return json_response(200, JsonObject{{"turn_id", print_id(turn.id)},
                                       {"chosen", turn.chosen},
                                       {"account", account_of(turn.spoken)},
                                       {"replies", std::move(others)}});
}

}  // namespace dramatis::server::internal
