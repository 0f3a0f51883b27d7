// Names for talks and answers.
#include "server/dialect_telling.h"

#include <fmt/format.h>

#include "base/random.h"
#include "server/dialect_limits.h"
#include "server/internal/quotas.h"
#include "text/digest.h"

namespace dramatis::server {

void read_head_of(const Call& call, Ask& ask) {
  const Request& request = call.request;
  ask.only_user = call.who.user;
  ask.account = account_of(call.who);
  if (ask.session.empty()) ask.session = request.header("x-session");
  ask.key = request.header("idempotency-key");
  std::string first;
  for (const auto& message : ask.messages) {
    if (message.role != lm::Role::kPlayer) continue;
    first = message.text;
    break;
  }
  ask.conversation =
      "dialect/" + text::sha256(fmt::format("{}\n{}\n{}\n{}", request.header("authorization"),
                                            ask.model, ask.user, first));
}

namespace {

// Turns are counted where they are stored; words and times, of every reply.
void tell(Telemetry& telemetry, const Ask& ask, const Named& who, const Judged<Played>& played) {
  if (!played) {
    if (!ask.session.empty()) telemetry.turn_failed(played.error().code, who.serving->name);
    return;
  }
  if (played->freshness == dialogue::Freshness::kRepeated) return;
  if (!ask.session.empty()) return telemetry.turn_kept(played->account);
  telemetry.reply_made(played->made, who.serving->name);
}

}  // namespace

Judged<Played> play_within_quota(const Dialects& with, const Call& call, const Ask& ask,
                                 const Named& who, Listening listening) {
  internal::TokenPurse purse(with.api, call.who);
  const int own = who.actor ? who.actor->settings.max_tokens : kUsualReplyTokens;
  if (const auto refused = purse.reserve(ask.max_tokens.value_or(own)))
    return tl::unexpected(Fault(*refused));
  listening.may_begin = [&] {
    return internal::spend(with.api.keys, with.with.clock, call.who,
                           accounts::Meter::kConversations);
  };
  lm::TextContinuer* const continuer =
      with.options.continuer_of ? with.options.continuer_of(who.serving->name) : nullptr;
  auto played = play(ask, who, with.with, listening, continuer);
  tell(with.api.telemetry, ask, who, played);
  if (played && played->freshness == dialogue::Freshness::kNew) {
    purse.settle(
        static_cast<std::int64_t>(played->made.prompt_tokens + played->made.generated_tokens));
  }
  return played;
}

Judged<lm::Embedder*> embedder_of(std::string_view model, const Dialects& with) {
  if (with.options.vectors != nullptr) return with.options.vectors;
  DRAMATIS_TRY(const auto who, find_model(model, with.with));
  return &who.serving->model;
}

std::string fresh_id(std::string_view prefix) {
  const auto drawn = random_u64();
  // A service without randomness has failed elsewhere already; an answer needs some name.
  return fmt::format("{}{:016x}", prefix, drawn.value_or(0));
}

}  // namespace dramatis::server
