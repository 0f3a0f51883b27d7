// Keys: made and shown once, listed without their secrets, revoked.
#include <algorithm>

#include "accounts/keys.h"
#include "server/fields.h"
#include "server/internal/handlers.h"
#include "server/internal/ids.h"
#include "server/internal/shapes.h"
#include "server/problem.h"

namespace dramatis::server::internal {
namespace {

using accounts::Role;
using text::JsonArray;
using text::JsonObject;

Result<accounts::Keys*> keys_of(const Api& api) {
  if (api.keys != nullptr) return api.keys;
  return fail(ErrorCode::kUnsupported, "This service keeps no keys.");
}

Result<accounts::Quota> read_quota(Fields& fields) {
  accounts::Quota quota;
  auto given = fields.object("quota");
  if (!given) return quota;
  quota.requests_per_minute = given->integer("requests_per_minute").value_or(0);
  quota.tokens_per_day = given->integer("tokens_per_day").value_or(0);
  quota.conversations_per_day = given->integer("conversations_per_day").value_or(0);
  DRAMATIS_DO(given->judge());
  return quota;
}

Result<accounts::KeyWish> read_wish(const Api& api, const Call& call) {
  DRAMATIS_TRY(Fields fields, Fields::read(call.request.body));
  const auto role = accounts::parse_role(fields.required_text("role"));
  if (!role) fields.mistake("role", "is one of owner, writer and player.");
  const auto user = fields.text("user_id");
  accounts::KeyWish wish{.name = fields.text("name").value_or("")};
  DRAMATIS_TRY(wish.quota, read_quota(fields));
  DRAMATIS_DO(fields.judge());
  wish.role = *role;
  if (user) {
    DRAMATIS_TRY(wish.user, user_of(*user, call.who));
    DRAMATIS_DO(api.with.store.find_user(*wish.user));
  }
  return wish;
}

std::ptrdiff_t owners(const std::vector<accounts::Key>& keys) {
  return std::ranges::count(keys, Role::kOwner, &accounts::Key::role);
}

}  // namespace

Result<Response> make_key(const Api& api, const Call& call) {
  DRAMATIS_TRY(accounts::Keys * keys, keys_of(api));
  DRAMATIS_TRY(const auto wish, read_wish(api, call));
  DRAMATIS_TRY(const auto made, accounts::make_key(wish, api.with.clock));
  DRAMATIS_TRY(const auto others, keys->list());
  // From the first key on every caller needs one: without an owner's nobody could make another.
  if (wish.role != Role::kOwner && others.empty()) {
    return fail(ErrorCode::kConflict,
                "The first key is an owner's; from then on every caller needs one.");
  }
  DRAMATIS_DO(keys->add(made.key));
  api.ring->forget();
  JsonObject json = key_json(made.key);
  json.emplace_back("key", made.secret);
  return json_response(201, json);
}

Result<Response> list_keys(const Api& api, const Call& /*call*/) {
  DRAMATIS_TRY(accounts::Keys * keys, keys_of(api));
  DRAMATIS_TRY(const auto all, keys->list());
  JsonArray list;
  for (const auto& key : all) list.push_back(key_json(key));
  return json_response(200, JsonObject{{"keys", std::move(list)}});
}

Result<Response> revoke_key(const Api& api, const Call& call) {
  DRAMATIS_TRY(accounts::Keys * keys, keys_of(api));
  const auto id = accounts::parse_key_id(call.part("key"));
  if (!id) return fail(ErrorCode::kNotFound, "This is no id of a key; GET /v1/keys lists them.");
  DRAMATIS_TRY(const auto all, keys->list());
  const auto found = std::ranges::find(all, *id, &accounts::Key::id);
  if (found != all.end() && found->role == Role::kOwner && owners(all) == 1)
    return fail(ErrorCode::kConflict, "This is the last owner's key; make another one first.");
  DRAMATIS_DO(keys->revoke(*id));
  api.ring->forget();
  return Response{.status = 204};
}

}  // namespace dramatis::server::internal
