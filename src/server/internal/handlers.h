// The functions behind the routes, by files. Each answers one request.
#pragma once

#include "base/result.h"
#include "server/api.h"
#include "server/http.h"
#include "server/route.h"

namespace dramatis::server::internal {

// api_people.cpp: players and NPCs
[[nodiscard]] Result<Response> make_user(const Api& api, const Call& call);
[[nodiscard]] Result<Response> list_users(const Api& api, const Call& call);
[[nodiscard]] Result<Response> show_user(const Api& api, const Call& call);
[[nodiscard]] Result<Response> remove_user(const Api& api, const Call& call);
[[nodiscard]] Result<Response> make_npc(const Api& api, const Call& call);
[[nodiscard]] Result<Response> list_npcs(const Api& api, const Call& call);
[[nodiscard]] Result<Response> show_npc(const Api& api, const Call& call);
[[nodiscard]] Result<Response> change_npc(const Api& api, const Call& call);
[[nodiscard]] Result<Response> remove_npc(const Api& api, const Call& call);

// api_conversations.cpp
[[nodiscard]] Result<Response> show_history(const Api& api, const Call& call);
[[nodiscard]] Result<Response> forget_history(const Api& api, const Call& call);
[[nodiscard]] Result<Response> list_conversations(const Api& api, const Call& call);
void begin_conversation(const Api& api, const Call& call, Answer& answer);
[[nodiscard]] Result<Response> show_conversation(const Api& api, const Call& call);
[[nodiscard]] Result<Response> change_conversation(const Api& api, const Call& call);
[[nodiscard]] Result<Response> remove_conversation(const Api& api, const Call& call);
[[nodiscard]] Result<Response> undo_turn(const Api& api, const Call& call);
[[nodiscard]] Result<Response> reset_conversation(const Api& api, const Call& call);
void branch_conversation(const Api& api, const Call& call, Answer& answer);
[[nodiscard]] Result<Response> export_conversation(const Api& api, const Call& call);
[[nodiscard]] Result<Response> preview_conversation(const Api& api, const Call& call);

// api_turns.cpp: what a model is asked for
void chat(const Api& api, const Call& call, Answer& answer);
void say(const Api& api, const Call& call, Answer& answer);
void greet(const Api& api, const Call& call, Answer& answer);
void regenerate(const Api& api, const Call& call, Answer& answer);
void replay_turn(const Api& api, const Call& call, Answer& answer);

// api_stored_turns.cpp: what was said
[[nodiscard]] Result<Response> list_turns(const Api& api, const Call& call);
[[nodiscard]] Result<Response> show_turn(const Api& api, const Call& call);
[[nodiscard]] Result<Response> change_turn(const Api& api, const Call& call);
[[nodiscard]] Result<Response> cancel_turn(const Api& api, const Call& call);
[[nodiscard]] Result<Response> explain_turn(const Api& api, const Call& call);

// api_keys.cpp
[[nodiscard]] Result<Response> make_key(const Api& api, const Call& call);
[[nodiscard]] Result<Response> list_keys(const Api& api, const Call& call);
[[nodiscard]] Result<Response> revoke_key(const Api& api, const Call& call);

// api_service.cpp: of the service itself
[[nodiscard]] Result<Response> show_alive(const Api& api, const Call& call);
[[nodiscard]] Result<Response> show_ready(const Api& api, const Call& call);
[[nodiscard]] Result<Response> show_health(const Api& api, const Call& call);
[[nodiscard]] Result<Response> show_metrics(const Api& api, const Call& call);
[[nodiscard]] Result<Response> list_models(const Api& api, const Call& call);
[[nodiscard]] Result<Response> show_model(const Api& api, const Call& call);
[[nodiscard]] Result<Response> show_me(const Api& api, const Call& call);
[[nodiscard]] Result<Response> list_logs(const Api& api, const Call& call);

}  // namespace dramatis::server::internal
