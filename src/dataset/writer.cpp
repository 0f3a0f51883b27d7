// A language model as a writer of data.
#include "dataset/writer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace dramatis::dataset {
namespace {

// The whole text comes back with the completion.
class Unheard final : public lm::TextSink {
 public:
  lm::Go write(std::string_view /*text*/) override { return lm::Go::kOn; }
};

std::uint64_t number_in(const text::Json& object, std::string_view name) {
  const text::Json* const found = object.find(name);
  const std::int64_t* const value = found == nullptr ? nullptr : found->as_int();
  return value == nullptr || *value < 0 ? 0 : static_cast<std::uint64_t>(*value);
}

}  // namespace

Cost& Cost::operator+=(const Cost& other) {
  requests += other.requests;
  prompt_tokens += other.prompt_tokens;
  reply_tokens += other.reply_tokens;
  micros += other.micros;
  return *this;
}

text::JsonObject json_of(const Cost& cost) {
  return {{"requests", cost.requests},
          {"prompt_tokens", cost.prompt_tokens},
          {"reply_tokens", cost.reply_tokens},
          {"micros", cost.micros}};
}

Cost cost_in(const text::Json& record) {
  const text::Json* const cost = record.find("cost");
  if (cost == nullptr) return {};
  return {.requests = number_in(*cost, "requests"),
          .prompt_tokens = number_in(*cost, "prompt_tokens"),
          .reply_tokens = number_in(*cost, "reply_tokens"),
          .micros = number_in(*cost, "micros")};
}

bool is_spent(const WritingBudget& budget, const Cost& cost) {
  const bool asked = budget.requests > 0 && cost.requests >= budget.requests;
  const bool read = budget.tokens > 0 && cost.prompt_tokens + cost.reply_tokens >= budget.tokens;
  const bool paid = budget.money > 0 && static_cast<double>(cost.micros) >= budget.money * 1e6;
  return asked || read || paid;
}

Status Purse::begin() {
  const auto spent_up = [this] {
    return fail(ErrorCode::kOverBudget,
                fmt::format("The budget is spent: {} in {:.0f} s.", print(), taken().count()));
  };
  if (is_spent()) return spent_up();
  if (till_ == nullptr) {
    const std::lock_guard lock(mutex_);
    if (!dataset::is_spent(budget_, spent_)) {
      ++spent_.requests;
      return {};
    }
  } else {
    DRAMATIS_DO(settle());
    DRAMATIS_TRY(const auto answer, till_->begin(budget_));
    learn(answer.so_far);
    if (answer.granted) return {};
  }
  return spent_up();
}

void Purse::pay(const Cost& cost) {
  {
    const std::lock_guard lock(mutex_);
    (till_ == nullptr ? spent_ : owed_) += cost;
  }
  // A till that cannot be reached hears of it when the next request begins, which waits for it.
  static_cast<void>(settle());
}

Status Purse::settle() {
  Cost debt;
  {
    const std::lock_guard lock(mutex_);
    debt = std::exchange(owed_, {});
  }
  if (till_ == nullptr || debt == Cost{}) return {};
  const auto paid = till_->pay(debt);
  if (paid) {
    learn(*paid);
    return {};
  }
  const std::lock_guard lock(mutex_);
  owed_ += debt;
  return tl::unexpected(paid.error());
}

// Answers may come in another order than they were given.
void Purse::learn(const Cost& so_far) {
  const std::lock_guard lock(mutex_);
  spent_ = {.requests = std::max(spent_.requests, so_far.requests),
            .prompt_tokens = std::max(spent_.prompt_tokens, so_far.prompt_tokens),
            .reply_tokens = std::max(spent_.reply_tokens, so_far.reply_tokens),
            .micros = std::max(spent_.micros, so_far.micros)};
}

Cost Purse::spent() const {
  const std::lock_guard lock(mutex_);
  Cost all = spent_;
  return all += owed_;
}

bool Purse::is_spent() const {
  const bool waited = budget_.time.count() > 0 && clock_.steady() - begun_ >= budget_.time;
  return waited || dataset::is_spent(budget_, spent());
}

std::string Purse::print() const {
  const Cost so_far = spent();
  return fmt::format("{} requests, {} tokens read, {} written, {:.4f} in money", so_far.requests,
                     so_far.prompt_tokens, so_far.reply_tokens,
                     static_cast<double>(so_far.micros) / 1e6);
}

Result<Writer::Text> Writer::write(const Wish& wish, std::stop_token stop) {
  DRAMATIS_DO(purse_.begin());
  Unheard sink;
  auto said = model_.generate(wish.prompt, wish.how, sink, std::move(stop));
  Cost cost{.requests = 1};
  if (said) {
    cost.prompt_tokens = said->prompt_tokens;
    cost.reply_tokens = said->generated_tokens;
    // A price of a million tokens is one in millionths of a token.
    cost.micros = static_cast<std::uint64_t>(
        std::ceil(price_.prompt * static_cast<double>(cost.prompt_tokens) +
                  price_.reply * static_cast<double>(cost.reply_tokens)));
  }
  purse_.pay({.prompt_tokens = cost.prompt_tokens,
              .reply_tokens = cost.reply_tokens,
              .micros = cost.micros});
  if (!said) return tl::unexpected(std::move(said).error());
  return Text{
      .text = std::move(said->text), .cut = said->why == lm::StopReason::kLength, .cost = cost};
}

}  // namespace dramatis::dataset
