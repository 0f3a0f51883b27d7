// Two notices for a turn: what its server says of it, and that it is to stop.
#include "server/turns_elsewhere.h"

#include "server/limits.h"
#include "text/json.h"

namespace dramatis::server {
namespace {

using text::Json;
using text::JsonObject;

std::string name_of(TurnId id) {
  return "turn/" + print_id(id);
}
std::string name_of_stop(TurnId id) {
  return "stop/" + print_id(id);
}

std::string print_notice(dialogue::Pair pair, const JsonObject* problem) {
  JsonObject json{{"npc", print_id(pair.npc)}, {"user", print_id(pair.user)}};
  if (problem != nullptr) json.emplace_back("problem", *problem);
  return text::print_json(json);
}

std::string_view text_at(const Json& json, std::string_view name) {
  const Json* found = json.find(name);
  return found == nullptr || found->as_string() == nullptr ? std::string_view()
                                                           : std::string_view(*found->as_string());
}

}  // namespace

// Whoever cannot write notices serves well all the same: other servers know less of it.
void TurnsElsewhere::begin(TurnId id, dialogue::Pair pair, Instant until) const {
  if (notices_ == nullptr) return;
  static_cast<void>(notices_->post(
      {.name = name_of(id), .value = print_notice(pair, nullptr), .until = until}, clock_.now()));
}

void TurnsElsewhere::finish(TurnId id) const {
  if (notices_ == nullptr) return;
  static_cast<void>(notices_->remove(name_of(id)));
  static_cast<void>(notices_->remove(name_of_stop(id)));
}

void TurnsElsewhere::finish(TurnId id, dialogue::Pair pair, const Failure& failed) const {
  if (notices_ == nullptr) return;
  static_cast<void>(notices_->replace({.name = name_of(id),
                                       .value = print_notice(pair, &failed.members),
                                       .until = clock_.now() + kTurnKeptTime}));
  static_cast<void>(notices_->remove(name_of_stop(id)));
}

bool TurnsElsewhere::is_cancelled(TurnId id) const {
  if (notices_ == nullptr) return false;
  const auto stop = notices_->find(name_of_stop(id), clock_.now());
  return stop && *stop;
}

Result<std::optional<TurnsElsewhere::Told>> TurnsElsewhere::find(TurnId id) const {
  if (notices_ == nullptr) return std::nullopt;
  DRAMATIS_TRY(const auto notice, notices_->find(name_of(id), clock_.now()));
  if (!notice) return std::nullopt;
  DRAMATIS_TRY(auto json, text::parse_json(notice->value));
  const auto npc = parse_npc_id(text_at(json, "npc"));
  const auto user = parse_user_id(text_at(json, "user"));
  if (!npc || !user)
    return fail(ErrorCode::kCorrupt, "The notice on " + print_id(id) + " names no pair.");
  Told told{.pair = {.npc = *npc, .user = *user}, .until = notice->until};
  const Json* problem = json.find("problem");
  if (problem != nullptr && problem->as_object() != nullptr) told.problem = *problem->as_object();
  return std::optional<Told>(std::move(told));
}

Status TurnsElsewhere::cancel(TurnId id, const Told& told) const {
  return notices_->replace({.name = name_of_stop(id), .value = "", .until = told.until});
}

}  // namespace dramatis::server
