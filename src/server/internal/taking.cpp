// The story of a turn as the service sees it.
#include "server/internal/taking.h"

#include <fmt/format.h>

#include "base/random.h"
#include "dialogue/turn.h"
#include "persona/character.h"
#include "server/internal/quotas.h"

namespace dramatis::server::internal {
namespace {

// Words between two looks at the key: a search through all keys for each word would be many.
constexpr int kWordsBetweenLooks = 8;

// Into the table on the way to the player, for as long as the caller's key is one.
class NotingSink final : public lm::TextSink {
 public:
  NotingSink(const Api& api, const Identity& who, TurnUnderway& turn, lm::TextSink& next)
      : api_(api), who_(who), turn_(turn), next_(next) {}
  [[nodiscard]] lm::Go write(std::string_view words) override {
    if (is_revoked()) return lm::Go::kStop;
    turn_.append(words);
    return next_.write(words);
  }

 private:
  [[nodiscard]] bool is_revoked() {
    const int n = words_++;
    if (api_.ring == nullptr || !who_.key ||
        (n >= kWordsBetweenLooks && n % kWordsBetweenLooks != 0))
      return false;
    const auto key = api_.ring->find(*who_.key);
    return key && !*key;
  }

  const Api& api_;
  const Identity& who_;
  TurnUnderway& turn_;
  lm::TextSink& next_;
  int words_ = 0;
};

// A model's limits are nobody's business but the owner's, who finds them in the log.
Error fit_to_tell(Error error) {
  if (error.code == ErrorCode::kOverBudget && error.what.find("lternative") == std::string::npos)
    error.what = "The conversation does not fit into the model.";
  return error;
}

// Of whom nobody wrote such lines.
constexpr std::string_view kSaidByAnybody = "Hm. Give me a moment.";

std::string line_of(NpcId id, std::string_view message, const Api& api) {
  const auto npc = api.with.store.find_npc(id);
  if (!npc || npc->settings.character.empty()) return std::string(kSaidByAnybody);
  const persona::Member* member = api.with.cast.find_member(npc->settings.character);
  if (member == nullptr) return std::string(kSaidByAnybody);
  const auto& lines = member->sheet.does_not_know;
  if (lines.empty()) return std::string(kSaidByAnybody);
  return lines[std::hash<std::string_view>{}(message) % lines.size()];
}

std::string model_of(NpcId id, const Api& api) {
  const auto npc = api.with.store.find_npc(id);
  const auto serving = api.with.models.find(npc ? npc->settings.model : std::string());
  return serving ? (*serving)->name : std::string();
}

Result<dialogue::Reply> ask(const Api& api, const Identity& who, const Wish& wish,
                            TurnUnderway& turn, lm::TextSink& sink) {
  const std::string account = account_of(who);
  const dialogue::Request request{.pair = wish.pair,
                                  .conversation = wish.conversation,
                                  .message = wish.message,
                                  .key = wish.key,
                                  .id = wish.id,
                                  .seed = wish.seed,
                                  .deadline = api.with.clock.steady() + api.turn_time,
                                  .account = account,
                                  .thinks = wish.thinks};
  switch (wish.verb) {
    case Verb::kSay:
      return dialogue::take_turn(request, api.with, sink, turn.stop());
    case Verb::kGreet:
      return dialogue::greet(request, api.with, sink, turn.stop());
    case Verb::kAgain:
      return dialogue::regenerate(request, api.with, sink, turn.stop());
  }
  return fail(ErrorCode::kInternal, "No such verb.");
}

// What the turn may cost in tokens and conversations.
std::optional<Failure> reserve(const Api& api, const Identity& who, const Wish& wish,
                               TokenPurse& purse) {
  if (who.quota == accounts::Quota{}) return std::nullopt;
  const auto npc = api.with.store.find_npc(wish.pair.npc);
  if (!npc) return failure(npc.error());
  if (!wish.conversation) {
    const auto current = api.with.store.current_conversation(wish.pair);
    if (!current) return failure(current.error());
    if (!*current) {
      auto refused = spend(api.keys, api.with.clock, who, accounts::Meter::kConversations);
      if (refused) return refused;
    }
  }
  return purse.reserve(npc->settings.max_tokens);
}

}  // namespace

Result<TurnId> draw_turn_id() {
  DRAMATIS_TRY(const std::uint64_t id, random_u64());
  return TurnId{id};
}

Failure failure_of(const Error& error, NpcId npc, std::string_view message, const Api& api) {
  Failure failed = failure(fit_to_tell(error));
  if (error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kDeadline)
    failed.members.emplace_back("line", line_of(npc, message, api));
  return failed;
}

tl::expected<dialogue::Turn, Failure> take(const Api& api, const Identity& who, const Wish& wish,
                                           TurnUnderway& turn, lm::TextSink& sink) {
  TokenPurse purse(api, who);
  if (auto refused = reserve(api, who, wish, purse)) {
    turn.finish(*refused);
    return tl::unexpected(*std::move(refused));
  }
  NotingSink noting(api, who, turn, sink);
  auto reply = ask(api, who, wish, turn, noting);
  if (!reply) {
    api.telemetry.turn_failed(reply.error().code, model_of(wish.pair.npc, api));
    Failure failed = failure_of(reply.error(), wish.pair.npc, wish.message, api);
    turn.finish(failed);
    return tl::unexpected(std::move(failed));
  }
  const auto& account = reply->turn.spoken.account;
  if (reply->freshness == dialogue::Freshness::kNew) {
    api.telemetry.turn_kept(account);
    if (account)
      purse.settle(static_cast<std::int64_t>(account->prompt_tokens + account->generated_tokens));
  }
  turn.finish(reply->turn.id);
  return std::move(reply->turn);
}

}  // namespace dramatis::server::internal
