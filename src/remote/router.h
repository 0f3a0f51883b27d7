// One model behind several services: requests are spread over them, what fails is tried elsewhere
// before its first word, and where nobody answers a model of this process may speak.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "lm/health.h"
#include "lm/language_model.h"
#include "lm/text_continuer.h"
#include "remote/backend.h"
#include "remote/pool.h"
#include "remote/retry_budget.h"
#include "remote/spend.h"
#include "runtime/log.h"
#include "runtime/metrics.h"

namespace dramatis::remote {

// A service of a router's.
struct Endpoint {
  std::unique_ptr<Backend> backend;
  Seat seat;
  Price price{};  // nothing by default
};

struct RouterOptions {
  std::string name;  // of the model, as settings and NPCs name it
  // For everything, where the caller names no deadline.
  std::chrono::milliseconds total_timeout{120'000};
  // The pause before a service is asked a second time is drawn from 0 to this, then from 0 to twice
  // this.
  std::chrono::milliseconds retry_base{500};
  SpendLimit limit_per_account{};  // on a day
  SpendLimit limit{};              // everybody's together
};

// What speaks where no service does.
struct Fallback {
  lm::LanguageModel* model = nullptr;  // outlives the router; null: nobody
  std::string name{};
};

// What a router stands on; all of it outlives the router.
struct RouterParts {
  const Clock& clock;
  runtime::Metrics& metrics;
  runtime::Log& log;
  SpendLedger* ledger = nullptr;  // null where nothing is limited
};

// Thread-safe; a call blocks its thread. After the first word has reached the listener nothing is
// tried again: the error says what happened. Completion::model says who spoke.
class Router final : public lm::LanguageModel, public lm::TextContinuer, public lm::HealthSource {
 public:
  // Errors: kInvalidArgument naming what is wrong with the options.
  [[nodiscard]] static Result<std::unique_ptr<Router>> open(RouterOptions options,
                                                            std::vector<Endpoint> endpoints,
                                                            Fallback fallback, Rng jitter,
                                                            const RouterParts& parts);

  [[nodiscard]] std::string name() const override { return options_.name; }
  // The least of its services': what fits one fits all. A prompt for the fallback loses its oldest
  // lines where that holds less.
  [[nodiscard]] std::size_t context_size() const override;
  // The most that any of them counts.
  [[nodiscard]] Result<std::size_t> count_tokens(std::string_view text) const override;
  // Errors also: kUnavailable where the day's spending is used up.
  [[nodiscard]] Result<lm::Completion> generate(const lm::Prompt& asked, const lm::Sampling& how,
                                                lm::TextSink& sink, std::stop_token stop) override;
  // By a service that goes on from raw text; the fallback does not. Errors also: kUnsupported where
  // the one that is asked takes messages alone.
  [[nodiscard]] Result<lm::Completion> go_on(const lm::RawText& from, const lm::Sampling& how,
                                             lm::TextSink& sink, std::stop_token stop) override;
  // By one of the services, without another try.
  [[nodiscard]] Result<std::vector<lm::Score>> score(const lm::Prompt& asked,
                                                     std::span<const std::string> replies,
                                                     std::stop_token stop) override;
  [[nodiscard]] Result<std::vector<std::vector<float>>> embed(std::span<const std::string> texts,
                                                              std::stop_token stop) override;

  // Its services, and then the model of this process that speaks where none does.
  [[nodiscard]] std::vector<lm::EndpointHealth> health() const override;

  // The same without that model.
  [[nodiscard]] std::vector<lm::EndpointHealth> services() const { return pool_.health(); }

  // Asks those for a sign of life whom nobody asked for a while, and those whose pause is over.
  // Called every few seconds by whoever has a thread for it; without it, requests find out.
  void feel_pulses(const std::stop_token& stop);

 private:
  struct Asked;
  class Watch;

  Router(RouterOptions options, std::vector<Endpoint> endpoints, Fallback fallback, Rng jitter,
         const RouterParts& parts);

  // One request to the service of `place`, with `most` reserved; settled and given back.
  [[nodiscard]] Attempt<Said> ask(const Pool::Place& place, const Asked& facts, const Spend& most,
                                  Watch& watch);
  // What it can cost at most.
  [[nodiscard]] Spend most_of(const Pool::Place& place, const Asked& facts) const;
  [[nodiscard]] Result<lm::Completion> fall_back(const Asked& facts, Watch& watch,
                                                 const Error& why);
  // A place for another try after `failure`; its error where there shall be none.
  [[nodiscard]] Result<Pool::Place> another(const Asked& facts, const Failure& failure, int number,
                                            const Pool::Seats& been);
  void rest(int number, const Asked& facts);

  [[nodiscard]] Status reserve(const Asked& facts, const Spend& most);
  void settle(const Asked& facts, const Spend& most, const Spend& spent);
  [[nodiscard]] Spend spent_on(const Attempt<Said>& said, const Asked& facts, const Watch& watch,
                               const Price& price) const;
  void count(const Endpoint& endpoint, const Attempt<Said>& said);
  void show_state(const Endpoint& endpoint);

  const RouterOptions options_;
  const std::vector<Endpoint> endpoints_;
  const Fallback fallback_;
  const RouterParts parts_;
  Pool pool_;
  RetryBudget budget_;
  std::mutex mutex_;
  Rng jitter_;  // guarded by mutex_
};

}  // namespace dramatis::remote
