// One function for each address.
#include "server/api.h"

#include <limits>

#include <fmt/format.h>

#include "base/ids.h"
#include "dialogue/conversations.h"
#include "dialogue/limits.h"
#include "dialogue/registry.h"
#include "dialogue/turn.h"
#include "persona/character.h"
#include "server/fields.h"
#include "server/problem.h"
#include "server/router.h"
#include "text/utterance.h"

namespace dramatis::server {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

// An id in no shape of ours is the id of nobody.
Result<UserId> user_of(std::string_view text) {
  if (const auto id = parse_user_id(text)) return *id;
  return fail(ErrorCode::kUserNotFound,
              "user_id is no id of a player; register one with POST /v1/users.");
}

Result<NpcId> npc_of(std::string_view text) {
  if (const auto id = parse_npc_id(text)) return *id;
  return fail(ErrorCode::kNpcNotFound,
              "The address holds no id of an NPC; GET /v1/npcs lists them.");
}

Result<dialogue::Pair> pair_of(const Request& request, std::string_view npc) {
  DRAMATIS_TRY(const NpcId npc_id, npc_of(npc));
  DRAMATIS_TRY(const UserId user_id, user_of(request.parameter("user_id")));
  return dialogue::Pair{.npc = npc_id, .user = user_id};
}

// What people call an NPC.
std::string name_of(const dialogue::Npc& npc, const persona::Cast& cast) {
  const auto& settings = npc.settings;
  if (!settings.character.empty()) {
    const persona::Member* member = cast.find_member(settings.character);
    return member == nullptr ? settings.character : member->sheet.name;
  }
  const auto sheets =
      persona::character_from_text(settings.world_description, settings.character_description);
  return sheets ? sheets->character.name : std::string();
}

Result<int> to_int(std::int64_t value, std::string_view name) {
  if (value < 0 || value > std::numeric_limits<int>::max()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is {}, which cannot be.", name, value));
  }
  return static_cast<int>(value);
}

Result<dialogue::NpcSettings> read_settings(std::string_view body) {
  DRAMATIS_TRY(Fields fields, Fields::read(body));
  dialogue::NpcSettings settings;
  settings.character = fields.text("character").value_or("");
  settings.world_description = fields.text("world_description").value_or("");
  settings.character_description = fields.text("character_description").value_or("");
  settings.scene = fields.text("scene").value_or("");
  settings.has_scratchpad = fields.truth("has_scratchpad");
  settings.temperature = fields.number("temperature").value_or(settings.temperature);
  const std::int64_t history =
      fields.integer("history_size").value_or(static_cast<std::int64_t>(settings.history_size));
  const std::int64_t tokens = fields.integer("max_tokens").value_or(settings.max_tokens);
  DRAMATIS_DO(fields.judge());
  DRAMATIS_TRY(const int history_size, to_int(history, "history_size"));
  DRAMATIS_TRY(settings.max_tokens, to_int(tokens, "max_tokens"));
  settings.history_size = static_cast<std::size_t>(history_size);
  return settings;
}

JsonObject message_json(std::string_view role, std::string_view content) {
  return {{"role", role}, {"content", content}};
}

JsonObject turn_json(const dialogue::Turn& turn) {
  return {{"turn_id", print_id(turn.id)}, {"reply", turn.spoken.reply}};
}

bool wants_events(const Request& request) {
  return request.header("accept").find("text/event-stream") != std::string_view::npos;
}

// What a player says to an NPC, judged before any model is asked.
struct Said {
  UserId user{};
  std::string message{};
};

Result<Said> read_said(std::string_view body) {
  DRAMATIS_TRY(Fields fields, Fields::read(body));
  const std::string user = fields.required_text("user_id");
  std::string message = fields.required_text("message");
  DRAMATIS_DO(fields.judge());
  DRAMATIS_TRY(const UserId id, user_of(user));
  DRAMATIS_TRY(auto heard, text::hear(message));
  return Said{.user = id, .message = std::move(heard.words)};
}

// Passes words on as they come, for a reader of events.
class EventSink final : public lm::TextSink {
 public:
  explicit EventSink(Answer& answer) : answer_(answer) {}
  [[nodiscard]] lm::Go write(std::string_view words) override {
    begun_ = true;
    const auto reader = answer_.send_event("text", text::print_json(JsonObject{{"text", words}}));
    return reader == Reader::kThere ? lm::Go::kOn : lm::Go::kStop;
  }
  [[nodiscard]] bool begun() const { return begun_; }

 private:
  Answer& answer_;
  bool begun_ = false;
};

// For a reader of the whole reply.
class QuietSink final : public lm::TextSink {
 public:
  [[nodiscard]] lm::Go write(std::string_view /*words*/) override { return lm::Go::kOn; }
};

// A model's limits are nobody's business but the owner's, who finds them in the log.
Error fit_to_tell(Error error) {
  if (error.code == ErrorCode::kOverBudget)
    error.what = "The conversation does not fit into the model.";
  return error;
}

}  // namespace

void Api::handle(const Request& request, Answer& answer) const {
  const auto matched = match(request.method, request.path);
  if (!matched) return answer.respond(matched.error());
  const auto reply = [&answer](Result<Response> response) {
    answer.respond(response ? *std::move(response) : problem(response.error()));
  };
  switch (matched->endpoint) {
    case Endpoint::kHealth:
      return answer.respond(json_response(200, JsonObject{{"status", "ok"}}));
    case Endpoint::kMakeUser:
      return reply(make_user(request));
    case Endpoint::kMakeNpc:
      return reply(make_npc(request));
    case Endpoint::kListNpcs:
      return reply(list_npcs());
    case Endpoint::kHistory:
      return reply(show_history(request, matched->npc));
    case Endpoint::kForget:
      return reply(forget(request, matched->npc));
    case Endpoint::kChat:
      return chat(request, matched->npc, answer);
  }
}

Result<Response> Api::make_user(const Request& request) const {
  DRAMATIS_TRY(Fields fields, Fields::read(request.body));
  const std::string name = fields.required_text("username");
  DRAMATIS_DO(fields.judge());
  DRAMATIS_TRY(const auto user, dialogue::register_user(with_.store, with_.clock, name));
  return json_response(201, JsonObject{{"user_id", print_id(user.id)}, {"username", user.name}});
}

Result<Response> Api::make_npc(const Request& request) const {
  DRAMATIS_TRY(const auto settings, read_settings(request.body));
  DRAMATIS_TRY(const auto npc,
               dialogue::register_npc(with_.store, with_.clock, with_.cast, settings));
  return json_response(
      201, JsonObject{{"npc_id", print_id(npc.id)}, {"name", name_of(npc, with_.cast)}});
}

Result<Response> Api::list_npcs() const {
  DRAMATIS_TRY(const auto npcs, with_.store.list_npcs());
  JsonArray list;
  for (const auto& npc : npcs) {
    list.push_back(JsonObject{{"npc_id", print_id(npc.id)}, {"name", name_of(npc, with_.cast)}});
  }
  return json_response(200, JsonObject{{"npcs", std::move(list)}});
}

Result<Response> Api::show_history(const Request& request, std::string_view npc) const {
  DRAMATIS_TRY(const auto pair, pair_of(request, npc));
  DRAMATIS_TRY(const auto turns, dialogue::history(pair, with_.store, dialogue::kMaxTurnsListed,
                                                   dialogue::Eyes::kOwner));
  JsonArray messages;
  for (const auto& turn : turns) {
    if (turn.message) messages.push_back(message_json("player", *turn.message));
    JsonObject spoken = message_json("npc", turn.spoken.reply);
    if (!turn.spoken.thoughts.empty()) spoken.emplace_back("thoughts", turn.spoken.thoughts);
    messages.push_back(std::move(spoken));
  }
  return json_response(200, JsonObject{{"messages", std::move(messages)}});
}

Result<Response> Api::forget(const Request& request, std::string_view npc) const {
  DRAMATIS_TRY(const auto pair, pair_of(request, npc));
  DRAMATIS_DO(dialogue::reset(pair, with_));
  return Response{.status = 204};
}

void Api::chat(const Request& request, std::string_view npc, Answer& answer) const {
  const auto npc_id = npc_of(npc);
  if (!npc_id) return answer.respond(problem(npc_id.error()));
  const auto said = read_said(request.body);
  if (!said) return answer.respond(problem(said.error()));
  const dialogue::Request asked{.pair = {.npc = *npc_id, .user = said->user},
                                .message = said->message,
                                .key = request.header("idempotency-key"),
                                .deadline = with_.clock.steady() + turn_time_};
  EventSink events(answer);
  QuietSink quiet;
  const bool streams = wants_events(request);
  lm::TextSink& sink = streams ? static_cast<lm::TextSink&>(events) : quiet;
  const auto reply = dialogue::take_turn(asked, with_, sink, answer.stop());
  if (!reply) {
    const Error error = fit_to_tell(reply.error());
    if (!events.begun()) return answer.respond(problem(error));
    answer.send_event("error", text::print_json(problem_json(error)));
    return;
  }
  if (!streams) return answer.respond(json_response(200, turn_json(reply->turn)));
  answer.send_event("done", text::print_json(turn_json(reply->turn)));
}

}  // namespace dramatis::server
