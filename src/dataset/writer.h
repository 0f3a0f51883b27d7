// A language model as a writer of data: one text at a time, paid from a purse.
#pragma once

#include <cstdint>
#include <mutex>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "lm/language_model.h"
#include "text/json.h"

namespace dramatis::dataset {

// What a run may cost; 0: as much as it takes.
struct WritingBudget {
  std::uint64_t requests = 0;
  std::uint64_t tokens = 0;      // read and written
  double money = 0;              // in the currency of the prices
  std::chrono::seconds time{0};  // of one start
};

// For a million tokens.
struct TokenPrice {
  double prompt = 0;
  double reply = 0;
};

// What something has cost.
struct Cost {
  std::uint64_t requests = 0;
  std::uint64_t prompt_tokens = 0;
  std::uint64_t reply_tokens = 0;
  std::uint64_t micros = 0;  // millionths of the currency

  Cost& operator+=(const Cost& other);
  friend bool operator==(const Cost&, const Cost&) = default;
};

// {"requests","prompt_tokens","reply_tokens","micros"}; read back, what is missing is 0.
[[nodiscard]] text::JsonObject json_of(const Cost& cost);
[[nodiscard]] Cost cost_in(const text::Json& record);  // its "cost"

// Whether nothing more may begin that costs requests, tokens or money.
[[nodiscard]] bool is_spent(const WritingBudget& budget, const Cost& cost);

// Where the workers of a run pay together, wherever they are: a port. Thread-safe.
class Till {
 public:
  Till() = default;
  Till(const Till&) = delete;
  Till& operator=(const Till&) = delete;
  virtual ~Till() = default;

  struct Answer {
    bool granted = false;
    Cost so_far{};  // of all workers
  };
  // One request more, counted before it is sent, unless the budget is spent. Errors of both: those
  // of the database.
  [[nodiscard]] virtual Result<Answer> begin(const WritingBudget& budget) = 0;
  // What a request cost beside itself. Returns what all have spent.
  [[nodiscard]] virtual Result<Cost> pay(const Cost& cost) = 0;
};

// What the writers of a run spend together. Thread-safe.
class Purse {
 public:
  // `before`: what earlier starts of the run, and other workers, have spent. `clock` and `till`,
  // where there is one, outlive it; the time begins now.
  Purse(const WritingBudget& budget, const Clock& clock, const Cost& before = {},
        Till* till = nullptr)
      : budget_(budget), clock_(clock), till_(till), begun_(clock.steady()), spent_(before) {}

  // Counts a request that is to be sent. Errors: kOverBudget where the budget is spent; those of
  // the till.
  [[nodiscard]] Status begin();
  // Tokens and money of a request. What the till does not take now, it is offered with the next.
  void pay(const Cost& cost);
  // Whether nothing more may begin; what is under way then is still paid for.
  [[nodiscard]] bool is_spent() const;
  // As far as this worker knows.
  [[nodiscard]] Cost spent() const;
  [[nodiscard]] std::chrono::duration<double> taken() const { return clock_.steady() - begun_; }
  // "120 requests, 45000 tokens read, 3100 written, 0.3100 in money"
  [[nodiscard]] std::string print() const;

 private:
  [[nodiscard]] Status settle();
  void learn(const Cost& so_far);

  const WritingBudget budget_;
  const Clock& clock_;
  Till* const till_;
  const SteadyTime begun_;
  mutable std::mutex mutex_;
  Cost spent_;   // guarded by mutex_
  Cost owed_{};  // guarded by mutex_: what the till does not know of yet
};

// Thread-safe.
class Writer {
 public:
  // `model` and `purse` outlive it.
  Writer(lm::LanguageModel& model, Purse& purse, const TokenPrice& price = {})
      : model_(model), purse_(purse), price_(price) {}

  struct Wish {
    lm::Prompt prompt{};
    lm::Sampling how{};
  };
  // A reply, whether it was cut at its length, and what it cost. Errors: kOverBudget where the
  // purse is spent; those of the model, whose requests are paid for, too.
  struct Text {
    std::string text{};
    bool cut = false;
    Cost cost{};
  };
  [[nodiscard]] Result<Text> write(const Wish& wish, std::stop_token stop);

  [[nodiscard]] lm::LanguageModel& model() const { return model_; }

 private:
  lm::LanguageModel& model_;
  Purse& purse_;
  const TokenPrice price_;
};

}  // namespace dramatis::dataset
