// Conversations: begun, listed, changed, branched, taken along.
#include <fmt/format.h>

#include "base/ids.h"
#include "dialogue/conversations.h"
#include "dialogue/limits.h"
#include "dialogue/turn.h"
#include "server/fields.h"
#include "server/internal/handlers.h"
#include "server/internal/ids.h"
#include "server/internal/quotas.h"
#include "server/internal/shapes.h"
#include "server/problem.h"

namespace dramatis::server::internal {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

// A scene, a note and what was said before are the writers' to tell: a player would be king.
Status judge_telling(const Fields& fields, const Identity& who) {
  if (who.sees_thoughts()) return {};
  for (const std::string_view theirs : {"scene", "note", "messages"}) {
    if (fields.has(theirs))
      return fail(ErrorCode::kRefused, fmt::format("{} is for owners and writers.", theirs));
  }
  return {};
}

// Fields that are there replace those of `scene`; null empties them.
// What a request says of a scene; the rest of it stays.
struct SceneFields {
  bool anew = false;
  std::vector<std::pair<std::string prompt::Scene::*, std::string>> fields{};

  void put_into(prompt::Scene& scene) const {
    if (anew) scene = {};
    for (const auto& [field, text] : fields) scene.*field = text;
  }
};

Result<SceneFields> read_scene(Fields& fields) {
  SceneFields read{.anew = fields.has_null("scene")};
  auto given = fields.object("scene");
  if (!given) return read;
  const auto take = [&](std::string_view name, std::string prompt::Scene::*into) {
    if (given->has_null(name)) read.fields.emplace_back(into, "");
    if (auto text = given->text(name)) read.fields.emplace_back(into, *std::move(text));
  };
  take("place", &prompt::Scene::place);
  take("time", &prompt::Scene::time);
  take("status", &prompt::Scene::status);
  take("player", &prompt::Scene::player);
  take("player_is", &prompt::Scene::player_is);
  take("acquaintance", &prompt::Scene::acquaintance);
  DRAMATIS_DO(given->judge());
  return read;
}

Result<std::vector<prompt::Line>> read_messages(Fields& fields) {
  std::vector<prompt::Line> lines;
  auto given = fields.objects("messages");
  if (!given) return lines;
  for (Fields& one : *given) {
    const std::string role = one.required_text("role");
    std::string content = one.required_text("content");
    if (role != "player" && role != "npc") one.mistake("role", "is neither player nor npc.");
    DRAMATIS_DO(one.judge());
    lines.push_back(
        {.who = role == "npc" ? lm::Role::kNpc : lm::Role::kPlayer, .text = std::move(content)});
  }
  return lines;
}

Result<dialogue::Pair> pair_of(const Call& call, std::string_view npc) {
  DRAMATIS_TRY(const NpcId npc_id, npc_of(npc));
  DRAMATIS_TRY(const UserId user_id, user_or_own(call.request.parameter("user_id"), call.who));
  return dialogue::Pair{.npc = npc_id, .user = user_id};
}

Response begun(const dialogue::Conversation& conversation, const Identity& who) {
  Response response = json_response(201, conversation_json(conversation, who));
  response.headers.emplace_back("Location", "/v1/conversations/" + print_id(conversation.id));
  return response;
}

// A quota is spent once all else is judged, and given back by nobody: what fails after it is ours.
void answer_begun(const Api& api, const Call& call,
                  const std::function<Result<dialogue::Conversation>()>& begin, Answer& answer) {
  if (auto refused = spend(api.keys, api.with.clock, call.who, accounts::Meter::kConversations))
    return answer.respond(response_of(*refused));
  const auto conversation = begin();
  answer.respond(conversation ? begun(*conversation, call.who) : problem(conversation.error()));
}

// What a request begins, with the lines that it points to.
struct Read {
  dialogue::Beginning beginning{};
  std::vector<prompt::Line> said{};
};

Result<Read> read_beginning(const Call& call) {
  DRAMATIS_TRY(Fields fields, Fields::read(call.request.body));
  DRAMATIS_DO(judge_telling(fields, call.who));
  Read read;
  const std::string npc = fields.required_text("npc_id");
  const std::string user =
      call.who.user ? fields.text("user_id").value_or("") : fields.required_text("user_id");
  read.beginning.title = fields.text("title").value_or("");
  read.beginning.note = fields.text("note").value_or("");
  DRAMATIS_TRY(const auto scene, read_scene(fields));
  scene.put_into(read.beginning.scene);
  DRAMATIS_TRY(read.said, read_messages(fields));
  DRAMATIS_DO(fields.judge());
  DRAMATIS_TRY(read.beginning.pair.npc, npc_of(npc));
  DRAMATIS_TRY(read.beginning.pair.user, user_or_own(user, call.who));
  return read;
}

}  // namespace

Result<Response> show_history(const Api& api, const Call& call) {
  DRAMATIS_TRY(const auto pair, pair_of(call, call.part("npc")));
  const auto eyes = call.who.sees_thoughts() ? dialogue::Eyes::kOwner : dialogue::Eyes::kPlayer;
  DRAMATIS_TRY(const auto turns,
               dialogue::history(pair, api.with.store, dialogue::kMaxTurnsListed, eyes));
  JsonArray messages;
  for (const auto& turn : turns) {
    if (turn.message) messages.push_back(message_json("player", *turn.message));
    JsonObject spoken = message_json("npc", turn.spoken.reply);
    if (!turn.spoken.thoughts.empty()) spoken.emplace_back("thoughts", turn.spoken.thoughts);
    messages.push_back(std::move(spoken));
  }
  return json_response(200, JsonObject{{"messages", std::move(messages)}});
}

Result<Response> forget_history(const Api& api, const Call& call) {
  DRAMATIS_TRY(const auto pair, pair_of(call, call.part("npc")));
  DRAMATIS_DO(dialogue::reset(pair, api.with));
  return Response{.status = 204};
}

Result<Response> list_conversations(const Api& api, const Call& call) {
  dialogue::ConversationsAsked asked{.user = call.who.user};
  if (const std::string_view npc = call.request.parameter("npc_id"); !npc.empty()) {
    DRAMATIS_TRY(asked.npc, npc_of(npc));
  }
  if (const std::string_view user = call.request.parameter("user_id"); !user.empty()) {
    DRAMATIS_TRY(asked.user, user_of(user, call.who));
  }
  if (const std::string_view after = call.request.parameter("after"); !after.empty()) {
    DRAMATIS_TRY(const auto last, conversation_of(after, api, call.who));
    asked.before = last.id;
  }
  DRAMATIS_TRY(const auto limit, number_of(call.request, "limit", kUsualPage, 1, kMaxPage));
  asked.count = static_cast<std::size_t>(limit);
  DRAMATIS_TRY(const auto found, api.with.store.list_conversations(asked));
  JsonArray list;
  for (const auto& one : found) list.push_back(conversation_json(one, call.who));
  const bool is_full = found.size() == asked.count;
  return json_response(200,
                       JsonObject{{"conversations", std::move(list)},
                                  {"after", is_full ? Json(print_id(found.back().id)) : Json()}});
}

void begin_conversation(const Api& api, const Call& call, Answer& answer) {
  auto read = read_beginning(call);
  if (!read) return answer.respond(problem(read.error()));
  read->beginning.said = read->said;
  answer_begun(
      api, call, [&] { return dialogue::begin_conversation(read->beginning, api.with); }, answer);
}

Result<Response> show_conversation(const Api& api, const Call& call) {
  DRAMATIS_TRY(const auto found, conversation_of(call.part("conversation"), api, call.who));
  DRAMATIS_TRY(const auto current, api.with.store.current_conversation(found.pair));
  JsonObject json = conversation_json(found, call.who);
  json.emplace_back("current", current && current->id == found.id);
  return json_response(200, json);
}

Result<Response> change_conversation(const Api& api, const Call& call) {
  DRAMATIS_TRY(const auto found, conversation_of(call.part("conversation"), api, call.who));
  DRAMATIS_TRY(Fields fields, Fields::read(call.request.body));
  DRAMATIS_DO(judge_telling(fields, call.who));
  dialogue::ConversationChange change{
      .title = fields.text("title"), .scene = {}, .note = fields.text("note")};
  if (fields.has_null("title")) change.title = "";
  if (fields.has_null("note")) change.note = "";
  DRAMATIS_TRY(const auto given, read_scene(fields));
  change.scene = [&given](prompt::Scene& scene) { given.put_into(scene); };
  const auto current = fields.truth("current");
  if (current && !*current) fields.mistake("current", "is made false by making another one true.");
  DRAMATIS_DO(fields.judge());
  DRAMATIS_DO(dialogue::change_conversation(found.id, change, api.with));
  if (current) DRAMATIS_DO(api.with.store.make_current(found.id));
  return show_conversation(api, call);
}

Result<Response> remove_conversation(const Api& api, const Call& call) {
  DRAMATIS_TRY(const auto found, conversation_of(call.part("conversation"), api, call.who));
  DRAMATIS_DO(api.with.store.remove_conversation(found.id));
  return Response{.status = 204};
}

Result<Response> undo_turn(const Api& api, const Call& call) {
  DRAMATIS_TRY(const auto found, conversation_of(call.part("conversation"), api, call.who));
  DRAMATIS_TRY(const auto removed, dialogue::undo(found.id, api.with));
  return json_response(
      200, JsonObject{{"removed", removed ? Json(turn_json(*removed, call.who)) : Json()}});
}

Result<Response> reset_conversation(const Api& api, const Call& call) {
  DRAMATIS_TRY(const auto found, conversation_of(call.part("conversation"), api, call.who));
  DRAMATIS_TRY(const auto removed, dialogue::reset(found.id, api.with));
  return json_response(200, JsonObject{{"removed", removed}});
}

void branch_conversation(const Api& api, const Call& call, Answer& answer) {
  const auto read = [&]() -> Result<TurnId> {
    DRAMATIS_TRY(const auto found, conversation_of(call.part("conversation"), api, call.who));
    DRAMATIS_TRY(Fields fields, Fields::read(call.request.body));
    const std::string text = fields.required_text("turn_id");
    DRAMATIS_DO(fields.judge());
    DRAMATIS_TRY(const auto turn, turn_of(text, api, call.who));
    if (turn.conversation != found.id) return tl::unexpected(dialogue::no_such(turn.id));
    return turn.id;
  }();
  if (!read) return answer.respond(problem(read.error()));
  answer_begun(
      api, call, [&] { return dialogue::branch(*read, api.with); }, answer);
}

Result<Response> preview_conversation(const Api& api, const Call& call) {
  DRAMATIS_TRY(const auto found, conversation_of(call.part("conversation"), api, call.who));
  DRAMATIS_TRY(Fields fields, Fields::read_or_empty(call.request.body));
  const std::string message = fields.text("message").value_or("");
  DRAMATIS_DO(fields.judge());
  DRAMATIS_TRY(const auto asked,
               dialogue::preview({.conversation = found.id, .message = message}, api.with));
  JsonArray sections;
  std::size_t tokens = 0;
  for (const auto& section : asked.sections) {
    tokens += section.tokens;
    sections.push_back(
        JsonObject{{"name", section.name}, {"tokens", section.tokens}, {"cut", section.cut}});
  }
  JsonArray messages;
  for (const auto& one : asked.prompt.messages) {
    const std::string_view role = one.role == lm::Role::kSystem   ? "system"
                                  : one.role == lm::Role::kPlayer ? "player"
                                                                  : "npc";
    messages.push_back(message_json(role, one.text));
  }
  return json_response(200, JsonObject{{"tokens", tokens},
                                       {"sections", std::move(sections)},
                                       {"messages", std::move(messages)}});
}

Result<Response> export_conversation(const Api& api, const Call& call) {
  DRAMATIS_TRY(const auto found, conversation_of(call.part("conversation"), api, call.who));
  const auto eyes = call.who.sees_thoughts() ? dialogue::Eyes::kOwner : dialogue::Eyes::kPlayer;
  DRAMATIS_TRY(const auto turns,
               dialogue::history(found.id, api.with.store, dialogue::kMaxTurnsListed, eyes));
  JsonObject head{{"type", "conversation"}};
  for (auto& member : conversation_json(found, call.who)) head.push_back(std::move(member));
  std::string lines = text::print_json(head) + "\n";
  for (const auto& turn : turns) {
    JsonObject line{{"type", "turn"}};
    for (auto& member : turn_json(turn, call.who)) line.push_back(std::move(member));
    lines += text::print_json(line) + "\n";
  }
  Response response{.status = 200, .content_type = "application/jsonl", .body = std::move(lines)};
  response.headers.emplace_back(
      "Content-Disposition", fmt::format("attachment; filename=\"{}.jsonl\"", print_id(found.id)));
  return response;
}

}  // namespace dramatis::server::internal
