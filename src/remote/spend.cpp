// Sums that never wrap, in one map.
#include "remote/spend.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "base/checked.h"

namespace dramatis::remote {
namespace {

constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();

std::uint64_t sum(std::uint64_t a, std::uint64_t b) {
  return checked_add(a, b).value_or(kAll);
}

std::uint64_t less(std::uint64_t a, std::uint64_t b) {
  return a - std::min(a, b);
}

bool passes(std::uint64_t total, const std::optional<std::uint64_t>& limit) {
  return limit && total > *limit;
}

}  // namespace

Spend cost_of(const Price& price, std::uint64_t prompt_tokens, std::uint64_t reply_tokens) {
  const auto prompt = checked_mul(price.prompt, prompt_tokens).value_or(kAll);
  const auto reply = checked_mul(price.reply, reply_tokens).value_or(kAll);
  const std::uint64_t thousands = sum(prompt, reply);
  return {.tokens = sum(prompt_tokens, reply_tokens),
          .micros = thousands / 1000 + (thousands % 1000 == 0 ? 0 : 1)};
}

tl::unexpected<Error> spent_up(const SpendKey& key, const SpendLimit& limit) {
  const std::string most =
      limit.micros ? fmt::format("{:.2f} in money", static_cast<double>(*limit.micros) / 1e6)
                   : fmt::format("{} tokens", limit.tokens.value_or(0));
  return fail(ErrorCode::kUnavailable,
              fmt::format("{} for '{}' on a day is {}, and it is used up; it begins anew at "
                          "midnight UTC.",
                          key.account.empty() ? "What may be spent" : "What a key may spend",
                          key.model, most));
}

Status MemoryLedger::reserve(const SpendKey& key, const Spend& most, const SpendLimit& limit) {
  const runtime::Lock lock(mutex_);
  forget_before(key.day);
  const auto found = sums_.find(key);
  const Spend so_far = found == sums_.end() ? Spend{} : found->second;
  const Spend then{.tokens = sum(so_far.tokens, most.tokens),
                   .micros = sum(so_far.micros, most.micros)};
  if (passes(then.tokens, limit.tokens)) return spent_up(key, {.tokens = limit.tokens});
  if (passes(then.micros, limit.micros)) return spent_up(key, {.micros = limit.micros});
  sums_[key] = then;
  return {};
}

Status MemoryLedger::settle(const SpendKey& key, const Spend& reserved, const Spend& spent) {
  const runtime::Lock lock(mutex_);
  const auto found = sums_.find(key);
  if (found == sums_.end()) return {};  // of a day that is over
  found->second = {.tokens = sum(less(found->second.tokens, reserved.tokens), spent.tokens),
                   .micros = sum(less(found->second.micros, reserved.micros), spent.micros)};
  return {};
}

Result<Spend> MemoryLedger::find(const SpendKey& key) const {
  const runtime::Lock lock(mutex_);
  const auto found = sums_.find(key);
  return found == sums_.end() ? Spend{} : found->second;
}

void MemoryLedger::forget_before(std::chrono::sys_days day) {
  if (day <= latest_) return;
  latest_ = day;
  std::erase_if(sums_, [day](const auto& entry) { return entry.first.day < day; });
}

}  // namespace dramatis::remote
