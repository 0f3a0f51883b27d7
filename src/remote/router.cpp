// The story of a request: a place, a try, another place; then the fallback.
#include "remote/router.h"

#include <algorithm>
#include <condition_variable>
#include <set>

#include <fmt/format.h>

#include "remote/limits.h"
#include "remote/raw_text.h"
#include "remote/refit.h"

namespace dramatis::remote {

using runtime::LogName;

// Whether the listener has heard anything, and how much.
class Router::Watch final : public lm::TextSink {
 public:
  explicit Watch(lm::TextSink& sink) : sink_(sink) {}
  [[nodiscard]] lm::Go write(std::string_view text) override {
    bytes_ += text.size();
    return sink_.write(text);
  }
  [[nodiscard]] bool spoke() const { return bytes_ > 0; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  lm::TextSink& sink_;
  std::size_t bytes_ = 0;
};

// What all tries of one request share.
struct Router::Asked {
  const lm::Prompt& prompt;
  lm::Sampling how;  // with a deadline
  SteadyTime until;
  std::stop_token stop;
  std::size_t prompt_tokens;  // about
  std::chrono::sys_days day;
};

namespace {

constexpr runtime::MetricName kRequests{"dramatis_model_requests_total",
                                        "Requests to a service, by how they ended."};
constexpr runtime::MetricName kTokens{"dramatis_model_tokens_total",
                                      "Tokens of prompts and replies at a service."};
constexpr runtime::MetricName kCost{"dramatis_model_cost_micros_total",
                                    "What a service was paid, in millionths of the currency."};
constexpr runtime::MetricName kDoubted{"dramatis_model_doubted_counts_total",
                                       "Replies whose service told counts that cannot be."};
constexpr runtime::MetricName kRetries{"dramatis_model_retries_total",
                                       "Requests sent once more, there or elsewhere."};
constexpr runtime::MetricName kReplays{
    "dramatis_model_replays_total",
    "Retries of requests that a service may have worked on already, and may charge twice."};
constexpr runtime::MetricName kFallbacks{"dramatis_model_fallbacks_total",
                                         "Replies of the model that speaks where no service does."};
constexpr runtime::MetricName kUp{"dramatis_endpoint_up",
                                  "1 where a service answers, 0.5 where it is tried, else 0."};
constexpr runtime::MetricName kInFlight{"dramatis_model_in_flight",
                                        "Requests under way at a service."};

std::string_view ending_name(const Attempt<Said>& said) {
  if (said) return "well";
  if (said.error().error.code == ErrorCode::kCancelled) return "cancelled";
  return said.error().blame == Blame::kNobody ? "refused" : "failed";
}

std::size_t about_tokens(std::size_t bytes) {
  return (bytes + 2) / 3;
}

std::size_t prompt_tokens_of(const lm::Prompt& asked) {
  std::size_t tokens = about_tokens(asked.reply_start.size());
  for (const auto& message : asked.messages) tokens += about_tokens(message.text.size());
  return tokens;
}

std::vector<Seat> seats_of(const std::vector<Endpoint>& endpoints) {
  std::vector<Seat> seats;
  for (const auto& endpoint : endpoints) seats.push_back(endpoint.seat);
  return seats;
}

Status validate(const RouterOptions& options, const std::vector<Endpoint>& endpoints) {
  const auto wrong = [&](std::string what) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("The model '{}' {}", options.name, what));
  };
  if (endpoints.empty() || endpoints.size() > kMaxEndpoints) {
    return wrong(
        fmt::format("has {} services; it takes 1 to {}.", endpoints.size(), kMaxEndpoints));
  }
  std::set<std::string_view> names;
  for (const auto& endpoint : endpoints) {
    const Seat& seat = endpoint.seat;
    if (!names.insert(seat.name).second)
      return wrong(
          fmt::format("names {} twice; one of them may have more requests at once.", seat.name));
    if (!(seat.weight > 0) || seat.weight > 1e6)
      return wrong(fmt::format("gives {} a weight of {}; it takes one above 0, to 1000000.",
                               seat.name, seat.weight));
    if (seat.most_in_flight == 0 || seat.most_in_flight > kMaxInFlight)
      return wrong(fmt::format("gives {} {} requests at once; it takes 1 to {}.", seat.name,
                               seat.most_in_flight, kMaxInFlight));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Router>> Router::open(RouterOptions options, std::vector<Endpoint> endpoints,
                                             Fallback fallback, Rng jitter,
                                             const RouterParts& parts) {
  DRAMATIS_DO(validate(options, endpoints));
  if ((options.limit.limits() || options.limit_per_account.limits()) && parts.ledger == nullptr) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("The model '{}' has limits of spending and nowhere to write it down.",
                            options.name));
  }
  return std::unique_ptr<Router>(
      new Router(std::move(options), std::move(endpoints), std::move(fallback), jitter, parts));
}

Router::Router(RouterOptions options, std::vector<Endpoint> endpoints, Fallback fallback,
               Rng jitter, const RouterParts& parts)
    : options_(std::move(options)),
      endpoints_(std::move(endpoints)),
      fallback_(std::move(fallback)),
      parts_(parts),
      pool_(seats_of(endpoints_), Rng(jitter.next()), parts.clock),
      jitter_(jitter) {
  for (const auto& endpoint : endpoints_) show_state(endpoint);
}

std::size_t Router::context_size() const {
  std::size_t least = endpoints_.front().backend->model().context_size();
  for (const auto& endpoint : endpoints_)
    least = std::min(least, endpoint.backend->model().context_size());
  return least;
}

Result<std::size_t> Router::count_tokens(std::string_view text) const {
  std::size_t most = 0;
  for (const auto& endpoint : endpoints_) {
    DRAMATIS_TRY(const std::size_t tokens, endpoint.backend->model().count_tokens(text));
    most = std::max(most, tokens);
  }
  return most;
}

Result<lm::Completion> Router::generate(const lm::Prompt& asked, const lm::Sampling& how,
                                        lm::TextSink& sink, std::stop_token stop) {
  DRAMATIS_DO(lm::validate(how));
  Asked facts{.prompt = asked,
              .how = how,
              .until = how.deadline.value_or(parts_.clock.steady() + options_.total_timeout),
              .stop = std::move(stop),
              .prompt_tokens = prompt_tokens_of(asked),
              .day = std::chrono::floor<std::chrono::days>(parts_.clock.now())};
  facts.how.deadline = facts.until;
  Watch watch(sink);
  Pool::Seats been(endpoints_.size(), false);
  budget_.earn();
  auto place = pool_.take(been, facts.until, facts.stop);
  for (int number = 1; place; ++number) {
    const Spend most = most_of(*place, facts);
    if (auto reserved = reserve(facts, most); !reserved) {
      pool_.give_back(*place, Pool::End::kNobodysFault);
      return fall_back(facts, watch, reserved.error());
    }
    auto said = ask(*place, facts, most, watch);
    if (said) return std::move(said->completion);
    const Failure& failure = said.error();
    if (watch.spoke() || failure.blame == Blame::kNobody) return tl::unexpected(failure.error);
    been[place->seat] = true;
    place = another(facts, failure, number, been);
  }
  const ErrorCode code = place.error().code;
  if (code == ErrorCode::kCancelled || code == ErrorCode::kDeadline)
    return tl::unexpected(std::move(place).error());
  return fall_back(facts, watch, place.error());
}

Result<lm::Completion> Router::go_on(const lm::RawText& from, const lm::Sampling& how,
                                     lm::TextSink& sink, std::stop_token stop) {
  return generate(raw_prompt(from), how, sink, std::move(stop));
}

Result<Pool::Place> Router::another(const Asked& facts, const Failure& failure, int number,
                                    const Pool::Seats& been) {
  if (failure.error.code == ErrorCode::kDeadline || number >= kMaxAttempts ||
      (failure.again == Again::kOnce && number > 1)) {
    return tl::unexpected(failure.error);
  }
  auto next = pool_.take(been, facts.until, facts.stop);
  const bool nobody_else = !next && next.error().code == ErrorCode::kUnavailable;
  // The same one again, where that can help.
  if (nobody_else && failure.again != Again::kNever) {
    if (!failure.after) rest(number, facts);
    next = pool_.take({}, facts.until, facts.stop);
  }
  if (!next && next.error().code == ErrorCode::kUnavailable) return tl::unexpected(failure.error);
  if (!next) return next;
  if (!budget_.spend()) {
    pool_.give_back(*next, Pool::End::kNobodysFault);
    return tl::unexpected(failure.error);
  }
  parts_.metrics.counter(kRetries, {{"model", options_.name}}).add();
  if (failure.again == Again::kOnce)
    parts_.metrics.counter(kReplays, {{"model", options_.name}}).add();
  return next;
}

void Router::rest(int number, const Asked& facts) {
  const auto most =
      std::min<std::chrono::milliseconds>(options_.retry_base * (1 << (number - 1)), kMaxBackoff);
  std::chrono::milliseconds drawn{0};
  {
    const std::lock_guard lock(mutex_);
    drawn = std::chrono::milliseconds(jitter_.below(static_cast<std::uint64_t>(most.count()) + 1));
  }
  const auto left = std::min<SteadyTime::duration>(drawn, facts.until - parts_.clock.steady());
  std::mutex nobodys;
  std::condition_variable_any never;
  std::unique_lock lock(nobodys);
  never.wait_for(lock, facts.stop, left, [] { return false; });
}

Spend Router::most_of(const Pool::Place& place, const Asked& facts) const {
  return cost_of(endpoints_[place.seat].price, facts.prompt_tokens,
                 static_cast<std::uint64_t>(facts.how.max_tokens));
}

Attempt<Said> Router::ask(const Pool::Place& place, const Asked& facts, const Spend& most,
                          Watch& watch) {
  const Endpoint& endpoint = endpoints_[place.seat];
  auto& in_flight =
      parts_.metrics.gauge(kInFlight, {{"model", options_.name}, {"endpoint", endpoint.seat.name}});
  const SteadyTime began = parts_.clock.steady();
  const runtime::Raised raised(in_flight);
  auto said = endpoint.backend->try_once(facts.prompt, facts.how, watch, facts.stop);
  if (!said && said.error().error.code == ErrorCode::kDeadline &&
      parts_.clock.steady() - began < kFairWait) {
    said.error().blame = Blame::kNobody;
  }
  const Spend spent = spent_on(said, facts, watch, endpoint.price);
  settle(facts, most, spent);
  if (said) {
    pool_.give_back(place, Pool::End::kWell);
    said->completion.model = options_.name;
  } else {
    pool_.give_back(place, said.error());
  }
  if (spent.micros > 0) {
    parts_.metrics.counter(kCost, {{"model", options_.name}, {"endpoint", endpoint.seat.name}})
        .add(spent.micros);
  }
  count(endpoint, said);
  return said;
}

Result<lm::Completion> Router::fall_back(const Asked& facts, Watch& watch, const Error& why) {
  // A language model of this process takes messages; raw text is its continuer's.
  if (fallback_.model == nullptr || is_raw(facts.prompt)) return tl::unexpected(why);
  const auto fitted = refit(facts.prompt, facts.how, *fallback_.model);
  if (!fitted) return tl::unexpected(why);
  parts_.log.write(runtime::Level::kWarn, "a model of this process speaks for a service",
                   {{"model", LogName{options_.name}}, {"speaks", LogName{fallback_.name}}});
  auto said = fallback_.model->generate(*fitted, facts.how, watch, facts.stop);
  if (!said) {
    const ErrorCode code = said.error().code;
    const bool left = code == ErrorCode::kCancelled || code == ErrorCode::kDeadline;
    if (watch.spoke() || left) return said;
    return tl::unexpected(why);
  }
  parts_.metrics.counter(kFallbacks, {{"model", options_.name}, {"speaks", fallback_.name}}).add();
  if (said->model.empty()) said->model = fallback_.name;
  return said;
}

Status Router::reserve(const Asked& facts, const Spend& most) {
  const std::string& account = facts.prompt.asker.account;
  const SpendKey all{.model = options_.name, .account = {}, .day = facts.day};
  if (parts_.ledger == nullptr) return {};
  DRAMATIS_DO(parts_.ledger->reserve(all, most, options_.limit));
  if (account.empty()) return {};
  auto own = parts_.ledger->reserve({.model = options_.name, .account = account, .day = facts.day},
                                    most, options_.limit_per_account);
  if (own) return {};
  DRAMATIS_DO(parts_.ledger->settle(all, most, {}));
  return own;
}

void Router::settle(const Asked& facts, const Spend& most, const Spend& spent) {
  if (parts_.ledger == nullptr) return;
  for (const std::string& account : {std::string(), facts.prompt.asker.account}) {
    const auto settled = parts_.ledger->settle(
        {.model = options_.name, .account = account, .day = facts.day}, most, spent);
    // What was reserved stays spent: too much rather than too little.
    if (!settled) {
      parts_.log.write(runtime::Level::kError, "spending could not be settled",
                       {{"model", LogName{options_.name}}, {"error", settled.error().code}});
    }
    if (facts.prompt.asker.account.empty()) return;
  }
}

Spend Router::spent_on(const Attempt<Said>& said, const Asked& facts, const Watch& watch,
                       const Price& price) const {
  if (said) {
    const lm::Completion& told = said->completion;
    return cost_of(price, told.prompt_tokens, told.generated_tokens);
  }
  // A service that refused, or was never reached, charges nothing; any other may have read the
  // prompt, and written as much as was heard.
  const Failure& failure = said.error();
  const bool worked = watch.spoke() || failure.again == Again::kOnce ||
                      (failure.status == 0 && failure.again == Again::kNever);
  return worked ? cost_of(price, facts.prompt_tokens, about_tokens(watch.bytes())) : Spend{};
}

void Router::count(const Endpoint& endpoint, const Attempt<Said>& said) {
  const std::string_view model = options_.name;
  const std::string_view where = endpoint.seat.name;
  auto& metrics = parts_.metrics;
  metrics.counter(kRequests, {{"model", model}, {"endpoint", where}, {"end", ending_name(said)}})
      .add();
  show_state(endpoint);
  if (said) {
    const lm::Completion& told = said->completion;
    metrics.counter(kTokens, {{"model", model}, {"endpoint", where}, {"of", "prompt"}})
        .add(told.prompt_tokens);
    metrics.counter(kTokens, {{"model", model}, {"endpoint", where}, {"of", "reply"}})
        .add(told.generated_tokens);
    if (!said->doubted) return;
    metrics.counter(kDoubted, {{"model", model}, {"endpoint", where}}).add();
    parts_.log.write(runtime::Level::kWarn, "a service told counts that cannot be",
                     {{"model", LogName{model}}, {"endpoint", LogName{where}}});
    return;
  }
  const Failure& failure = said.error();
  if (failure.blame == Blame::kNobody) return;
  // The words of the service may quote a player; the log gets none of them.
  const auto level =
      failure.blame == Blame::kOperator ? runtime::Level::kError : runtime::Level::kWarn;
  parts_.log.write(level, "a service failed",
                   {{"model", LogName{model}},
                    {"endpoint", LogName{where}},
                    {"error", failure.error.code},
                    {"status", runtime::whole(failure.status)},
                    {"needs_operator", failure.blame == Blame::kOperator}});
}

void Router::show_state(const Endpoint& endpoint) {
  for (const auto& place : pool_.health()) {
    if (place.name != endpoint.seat.name) continue;
    const double up = place.state == lm::EndpointState::kUp         ? 1
                      : place.state == lm::EndpointState::kHalfOpen ? 0.5
                                                                    : 0;
    parts_.metrics.gauge(kUp, {{"model", options_.name}, {"endpoint", place.name}}).set(up);
  }
}

Result<std::vector<lm::Score>> Router::score(const lm::Prompt& asked,
                                             std::span<const std::string> replies,
                                             std::stop_token stop) {
  return endpoints_.front().backend->model().score(asked, replies, std::move(stop));
}

Result<std::vector<std::vector<float>>> Router::embed(std::span<const std::string> texts,
                                                      std::stop_token stop) {
  return endpoints_.front().backend->model().embed(texts, std::move(stop));
}

std::vector<lm::EndpointHealth> Router::health() const {
  auto places = pool_.health();
  if (fallback_.model != nullptr) places.push_back({.name = fallback_.name});
  return places;
}

void Router::feel_pulses(const std::stop_token& stop) {
  for (const auto& place : pool_.take_idle()) {
    const Endpoint& endpoint = endpoints_[place.seat];
    const auto felt = endpoint.backend->feel_pulse(parts_.clock.steady() + kPulsePatience, stop);
    felt ? pool_.give_back(place, Pool::End::kLives) : pool_.give_back(place, felt.error());
    show_state(endpoint);
  }
}

}  // namespace dramatis::remote
