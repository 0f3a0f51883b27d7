// The table of the native API: every address, who may call it, what it takes and gives.
#include "server/api.h"
#include "server/internal/handlers.h"
#include "server/problem.h"

namespace dramatis::server {
namespace {

using namespace internal;  // the handlers of this room

using Replying = Result<Response> (*)(const Api&, const Call&);
using Answering = void (*)(const Api&, const Call&, Answer&);

// Joins rows with what answers them.
class Table {
 public:
  explicit Table(const Api& api) : api_(api) {}

  void add(Route route, Replying reply) {
    route.handler = [&api = api_, reply](const Call& call, Answer& answer) {
      auto response = reply(api, call);
      answer.respond(response ? *std::move(response) : problem(response.error()));
    };
    routes_.push_back(std::move(route));
  }
  void add(Route route, Answering answering) {
    route.handler = [&api = api_, answering](const Call& call, Answer& answer) {
      answering(api, call, answer);
    };
    routes_.push_back(std::move(route));
  }
  // The gate and the server answer it; `handler` stays empty.
  void add(Route route) { routes_.push_back(std::move(route)); }
  [[nodiscard]] std::vector<Route> take() { return std::move(routes_); }

 private:
  const Api& api_;
  std::vector<Route> routes_;
};

constexpr std::string_view kTurnErrors = "409 413 422 429 499 503 504";

void add_service(Table& table) {
  for (const auto& [path, name] :
       {std::pair{"/livez", "show_alive"}, {"/healthz", "show_healthz"}}) {
    table.add({.method = "GET",
               .pattern = path,
               .operation = name,
               .caller = Caller::kAnybody,
               .doc = {.summary = "Whether the process lives", .answer = "Status"},
               .answered = Answered::kAtOnce},
              show_alive);
  }
  table.add(
      {.method = "GET",
       .pattern = "/readyz",
       .operation = "show_ready",
       .caller = Caller::kAnybody,
       .doc = {.summary = "Whether it can take turns: its store answers, and a model can be asked",
               .answer = "Status",
               .errors = "503"}},
      show_ready);
  table.add({.method = "GET",
             .pattern = "/health",
             .operation = "show_health",
             .caller = Caller::kPlayer,
             .doc = {.summary = "What is well and what is not", .answer = "Health", .ill = 503}},
            show_health);
  table.add({.method = "GET",
             .pattern = "/metrics",
             .operation = "show_metrics",
             .caller = Caller::kOwner,
             .doc = {.summary = "Counters and histograms, for Prometheus",
                     .answer = "Text",
                     .type = "text/plain"}},
            show_metrics);
  table.add(
      {.method = "GET",
       .pattern = "/v1/models",
       .operation = "list_models",
       .caller = Caller::kPlayer,
       .doc = {.summary = "The language models that NPCs can speak with", .answer = "ModelList"}},
      list_models);
  table.add({.method = "GET",
             .pattern = "/v1/me",
             .operation = "show_me",
             .caller = Caller::kPlayer,
             .doc = {.summary = "Who the caller is", .answer = "Me"}},
            show_me);
  table.add({.method = "GET",
             .pattern = "/v1/logs",
             .operation = "list_logs",
             .caller = Caller::kOwner,
             .doc = {.summary = "The newest lines of the log",
                     .query = "after_line",
                     .answer = "LogList"}},
            list_logs);
  table.add({.method = "GET",
             .pattern = "/v1/models/{model}",
             .operation = "show_model",
             .caller = Caller::kPlayer,
             .doc = {.summary = "One of them", .answer = "Model"}},
            show_model);
}

void add_users(Table& table) {
  table.add({.method = "POST",
             .pattern = "/v1/users",
             .operation = "make_user",
             .caller = Caller::kWriter,
             .takes = Takes::kJson,
             .doc = {.summary = "Register a player; a taken name gets a number",
                     .body = "UserWish",
                     .status = 201,
                     .answer = "User",
                     .errors = "409 413"},
             .repeating = Repeating::kFromTable},
            make_user);
  table.add({.method = "GET",
             .pattern = "/v1/users",
             .operation = "list_users",
             .caller = Caller::kWriter,
             .doc = {.summary = "All players", .answer = "UserList"}},
            list_users);
  table.add({.method = "GET",
             .pattern = "/v1/users/{user}",
             .operation = "show_user",
             .caller = Caller::kPlayer,
             .doc = {.summary = "A player", .answer = "User"}},
            show_user);
  table.add({.method = "DELETE",
             .pattern = "/v1/users/{user}",
             .operation = "remove_user",
             .caller = Caller::kWriter,
             .doc = {.summary = "Forget a player with all conversations and keys", .status = 204}},
            remove_user);
}

void add_npcs(Table& table) {
  table.add({.method = "POST",
             .pattern = "/v1/npcs",
             .operation = "make_npc",
             .caller = Caller::kWriter,
             .takes = Takes::kJson,
             .doc = {.summary = "Register an NPC: a character of the cast, or one in plain words",
                     .body = "NpcSettings",
                     .status = 201,
                     .answer = "Npc",
                     .errors = "409 413 422"},
             .repeating = Repeating::kFromTable},
            make_npc);
  table.add({.method = "GET",
             .pattern = "/v1/npcs",
             .operation = "list_npcs",
             .caller = Caller::kPlayer,
             .doc = {.summary = "All NPCs", .answer = "NpcList"}},
            list_npcs);
  table.add({.method = "GET",
             .pattern = "/v1/npcs/{npc}",
             .operation = "show_npc",
             .caller = Caller::kPlayer,
             .doc = {.summary = "An NPC; its settings for owners and writers", .answer = "Npc"}},
            show_npc);
  table.add({.method = "PATCH",
             .pattern = "/v1/npcs/{npc}",
             .operation = "change_npc",
             .caller = Caller::kWriter,
             .takes = Takes::kJson,
             .doc = {.summary = "Change settings; null makes one usual again",
                     .body = "NpcSettings",
                     .answer = "Npc",
                     .errors = "413 422"}},
            change_npc);
  table.add({.method = "DELETE",
             .pattern = "/v1/npcs/{npc}",
             .operation = "remove_npc",
             .caller = Caller::kWriter,
             .doc = {.summary = "Forget an NPC with all its conversations", .status = 204}},
            remove_npc);
  table.add({.method = "POST",
             .pattern = "/v1/npcs/{npc}/chat",
             .operation = "chat",
             .caller = Caller::kPlayer,
             .takes = Takes::kJson,
             .doc = {.summary = "Say something in the pair's current conversation",
                     .body = "Said",
                     .answer = "Spoken",
                     .streams = true,
                     .defers = true,
                     .errors = kTurnErrors}},
            chat);
  table.add({.method = "GET",
             .pattern = "/v1/npcs/{npc}/history",
             .operation = "show_history",
             .caller = Caller::kPlayer,
             .doc = {.summary = "What the two have said in their current conversation",
                     .query = "user_id",
                     .answer = "History"}},
            show_history);
  table.add({.method = "DELETE",
             .pattern = "/v1/npcs/{npc}/history",
             .operation = "forget_history",
             .caller = Caller::kPlayer,
             .doc = {.summary = "Forget it; the conversation stays",
                     .query = "user_id",
                     .status = 204,
                     .errors = "409"}},
            forget_history);
}

void add_conversations(Table& table) {
  table.add({.method = "GET",
             .pattern = "/v1/conversations",
             .operation = "list_conversations",
             .caller = Caller::kPlayer,
             .doc = {.summary = "Conversations, those begun last first",
                     .query = "npc_id user_id limit after_conversation",
                     .answer = "ConversationList"}},
            list_conversations);
  table.add({.method = "POST",
             .pattern = "/v1/conversations",
             .operation = "begin_conversation",
             .caller = Caller::kPlayer,
             .takes = Takes::kJson,
             .doc = {.summary = "Begin one, with what was said before where it is supplied",
                     .body = "Beginning",
                     .status = 201,
                     .answer = "Conversation",
                     .errors = "409 413 429"},
             .repeating = Repeating::kFromTable},
            begin_conversation);
  table.add({.method = "GET",
             .pattern = "/v1/conversations/{conversation}",
             .operation = "show_conversation",
             .caller = Caller::kPlayer,
             .doc = {.summary = "A conversation", .answer = "Conversation"}},
            show_conversation);
  table.add({.method = "PATCH",
             .pattern = "/v1/conversations/{conversation}",
             .operation = "change_conversation",
             .caller = Caller::kPlayer,
             .takes = Takes::kJson,
             .doc = {.summary = "Change title, scene or note, or make it the current one",
                     .body = "ConversationChange",
                     .answer = "Conversation"}},
            change_conversation);
  table.add({.method = "DELETE",
             .pattern = "/v1/conversations/{conversation}",
             .operation = "remove_conversation",
             .caller = Caller::kPlayer,
             .doc = {.summary = "Forget a conversation with its turns", .status = 204}},
            remove_conversation);
  table.add({.method = "GET",
             .pattern = "/v1/conversations/{conversation}/turns",
             .operation = "list_turns",
             .caller = Caller::kPlayer,
             .doc = {.summary = "The newest turns, oldest first; a page at a time",
                     .query = "before limit",
                     .answer = "TurnList"}},
            list_turns);
  table.add({.method = "POST",
             .pattern = "/v1/conversations/{conversation}/turns",
             .operation = "say",
             .caller = Caller::kPlayer,
             .takes = Takes::kJson,
             .doc = {.summary = "Say something",
                     .body = "Saying",
                     .answer = "Turn",
                     .streams = true,
                     .defers = true,
                     .errors = kTurnErrors}},
            say);
  table.add({.method = "POST",
             .pattern = "/v1/conversations/{conversation}/greet",
             .operation = "greet",
             .caller = Caller::kPlayer,
             .takes = Takes::kMaybeJson,
             .doc = {.summary = "Let the NPC speak first",
                     .body = "Seeded",
                     .answer = "Turn",
                     .streams = true,
                     .defers = true,
                     .errors = kTurnErrors},
             .repeating = Repeating::kFromTable},
            greet);
  table.add({.method = "POST",
             .pattern = "/v1/conversations/{conversation}/undo",
             .operation = "undo_turn",
             .caller = Caller::kPlayer,
             .doc = {.summary = "Take the newest turn away", .answer = "Removed", .errors = "409"}},
            undo_turn);
  table.add({.method = "POST",
             .pattern = "/v1/conversations/{conversation}/reset",
             .operation = "reset_conversation",
             .caller = Caller::kPlayer,
             .doc = {.summary = "Take all turns away", .answer = "RemovedCount", .errors = "409"}},
            reset_conversation);
  table.add({.method = "POST",
             .pattern = "/v1/conversations/{conversation}/branch",
             .operation = "branch_conversation",
             .caller = Caller::kPlayer,
             .takes = Takes::kJson,
             .doc = {.summary = "Begin another end of it after one of its turns",
                     .body = "BranchWish",
                     .status = 201,
                     .answer = "Conversation",
                     .errors = "409 429"},
             .repeating = Repeating::kFromTable},
            branch_conversation);
  table.add({.method = "POST",
             .pattern = "/v1/conversations/{conversation}/preview",
             .operation = "preview_conversation",
             .caller = Caller::kWriter,
             .takes = Takes::kMaybeJson,
             .doc = {.summary = "What the model would be told next; it is not asked",
                     .body = "PreviewWish",
                     .answer = "Preview",
                     .errors = "413 503"}},
            preview_conversation);
  table.add({.method = "GET",
             .pattern = "/v1/conversations/{conversation}/export",
             .operation = "export_conversation",
             .caller = Caller::kPlayer,
             .doc = {.summary = "All of it, a line of JSON for the conversation and for each turn",
                     .answer = "Text",
                     .type = "application/jsonl"}},
            export_conversation);
}

void add_turns(Table& table) {
  table.add({.method = "GET",
             .pattern = "/v1/turns/{turn}",
             .operation = "show_turn",
             .caller = Caller::kPlayer,
             .doc = {.summary = "A turn, under way or stored: its words from byte `after` on",
                     .query = "after_byte",
                     .answer = "TurnState"}},
            show_turn);
  table.add({.method = "PATCH",
             .pattern = "/v1/turns/{turn}",
             .operation = "change_turn",
             .caller = Caller::kPlayer,
             .takes = Takes::kJson,
             .doc = {.summary = "Change what was said, or choose another reply",
                     .body = "TurnChange",
                     .answer = "Turn",
                     .errors = "409 413"}},
            change_turn);
  table.add({.method = "POST",
             .pattern = "/v1/turns/{turn}/regenerate",
             .operation = "regenerate",
             .caller = Caller::kPlayer,
             .takes = Takes::kMaybeJson,
             .doc = {.summary = "Another reply to the newest message; the old ones stay",
                     .body = "Seeded",
                     .answer = "Turn",
                     .streams = true,
                     .defers = true,
                     .errors = kTurnErrors},
             .repeating = Repeating::kFromTable},
            regenerate);
  table.add({.method = "POST",
             .pattern = "/v1/turns/{turn}/cancel",
             .operation = "cancel_turn",
             .caller = Caller::kPlayer,
             .doc = {.summary = "Stop a turn under way; nothing of it is kept",
                     .status = 204,
                     .errors = "409"},
             .answered = Answered::kOnWorker},
            cancel_turn);
  table.add({.method = "POST",
             .pattern = "/v1/turns/{turn}/replay",
             .operation = "replay_turn",
             .caller = Caller::kWriter,
             .doc = {.summary = "Make the reply again as its account tells; nothing is kept",
                     .answer = "Replay",
                     .errors = "409 413 503 504"}},
            replay_turn);
  table.add({.method = "GET",
             .pattern = "/v1/turns/{turn}/explain",
             .operation = "explain_turn",
             .caller = Caller::kWriter,
             .doc = {.summary = "How the reply came about: sections, examples, tokens, times",
                     .answer = "Explanation"}},
            explain_turn);
}

void add_keys(Table& table) {
  table.add({.method = "POST",
             .pattern = "/v1/keys",
             .operation = "make_key",
             .caller = Caller::kOwner,
             .takes = Takes::kJson,
             .doc = {.summary = "Make a key; the answer alone shows it",
                     .body = "KeyWish",
                     .status = 201,
                     .answer = "NewKey",
                     .errors = "409 413 422"},
             .repeating = Repeating::kFromOwnTable},
            make_key);
  table.add({.method = "GET",
             .pattern = "/v1/keys",
             .operation = "list_keys",
             .caller = Caller::kOwner,
             .doc = {.summary = "All keys, without what opens them",
                     .answer = "KeyList",
                     .errors = "422"}},
            list_keys);
  table.add({.method = "DELETE",
             .pattern = "/v1/keys/{key}",
             .operation = "revoke_key",
             .caller = Caller::kOwner,
             .doc = {.summary = "Revoke a key; its sockets close within a second",
                     .status = 204,
                     .errors = "409 422"}},
            revoke_key);
}

}  // namespace

std::vector<Route> native_routes(const Api& api) {
  Table table(api);
  add_service(table);
  add_users(table);
  add_npcs(table);
  add_conversations(table);
  add_turns(table);
  add_keys(table);
  table.add(
      {.method = "GET",
       .pattern = "/v1/ws",
       .operation = "open_socket",
       .caller = Caller::kPlayer,
       .takes = Takes::kSocket,
       .doc = {
           .summary = "A WebSocket for several conversations", .status = 101, .errors = "426"}});
  return table.take();
}

}  // namespace dramatis::server
