// What requests to paid services cost, counted by the day, and the most that may be spent.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "runtime/mutex.h"

namespace dramatis::remote {

// Tokens of prompts and replies together, and millionths of the currency that prices are in.
struct Spend {
  std::uint64_t tokens = 0;
  std::uint64_t micros = 0;

  friend bool operator==(const Spend&, const Spend&) = default;
};

// Nothing: as much as anybody likes.
struct SpendLimit {
  std::optional<std::uint64_t> tokens{};
  std::optional<std::uint64_t> micros{};

  [[nodiscard]] bool limits() const { return tokens.has_value() || micros.has_value(); }
  friend bool operator==(const SpendLimit&, const SpendLimit&) = default;
};

// For 1,000 tokens, in millionths.
struct Price {
  std::uint64_t prompt = 0;
  std::uint64_t reply = 0;

  friend bool operator==(const Price&, const Price&) = default;
};

// Rounded up, and as much as a number holds where it does not fit.
[[nodiscard]] Spend cost_of(const Price& price, std::uint64_t prompt_tokens,
                            std::uint64_t reply_tokens);

// Whose spending, of which of our models, on which day of UTC.
struct SpendKey {
  std::string model;
  std::string account;  // as lm::Asker has it; empty: everybody's together
  std::chrono::sys_days day{};

  friend auto operator<=>(const SpendKey&, const SpendKey&) = default;
};

// Where spending is written down. A durable one is a row for each key; what a crash leaves reserved
// stays spent. Implementations are thread-safe, and several processes may share one.
class SpendLedger {
 public:
  SpendLedger() = default;
  SpendLedger(const SpendLedger&) = delete;
  SpendLedger& operator=(const SpendLedger&) = delete;
  virtual ~SpendLedger() = default;

  // Adds `most` to the key's sum, or nothing where that would pass `limit`, in one step. Errors:
  // kUnavailable naming limit and sum; those of the store.
  [[nodiscard]] virtual Status reserve(const SpendKey& key, const Spend& most,
                                       const SpendLimit& limit) = 0;
  // What was reserved turned out to be `spent`, which may be more. Errors: those of the store.
  [[nodiscard]] virtual Status settle(const SpendKey& key, const Spend& reserved,
                                      const Spend& spent) = 0;
  [[nodiscard]] virtual Result<Spend> find(const SpendKey& key) const = 0;
};

// Forgets with the process, and days before the last one that was written.
class MemoryLedger final : public SpendLedger {
 public:
  [[nodiscard]] Status reserve(const SpendKey& key, const Spend& most,
                               const SpendLimit& limit) override;
  [[nodiscard]] Status settle(const SpendKey& key, const Spend& reserved,
                              const Spend& spent) override;
  [[nodiscard]] Result<Spend> find(const SpendKey& key) const override;

 private:
  void forget_before(std::chrono::sys_days day) DRAMATIS_REQUIRES(mutex_);

  mutable runtime::Mutex mutex_;
  std::map<SpendKey, Spend> sums_ DRAMATIS_GUARDED_BY(mutex_);
  std::chrono::sys_days latest_ DRAMATIS_GUARDED_BY(mutex_){};
};

// The sentence that ends a day's spending; for every ledger.
[[nodiscard]] tl::unexpected<Error> spent_up(const SpendKey& key, const SpendLimit& limit);

}  // namespace dramatis::remote
