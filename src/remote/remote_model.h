// The language model port over HTTP: any service that speaks one of the protocols of wire.h.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "lm/language_model.h"
#include "lm/text_continuer.h"
#include "remote/backend.h"
#include "remote/exchange.h"
#include "remote/wire.h"

namespace dramatis::remote {

struct RemoteOptions {
  std::string url;    // http://localhost:11434/v1; the protocol's resource is added
  std::string model;  // as the service names it; may be empty under kKobold, which has but one
  Protocol protocol = Protocol::kOpenAi;
  TextForm form = TextForm::kPlain;  // under kCompletions and kKobold
  std::string key;                   // sent as a bearer token (read_key() fetches it); empty: none
  Headers headers;                   // sent along with every request
  Streaming stream = Streaming::kOn;
  Samplers samplers = Samplers::kStandard;
  std::string max_tokens_field = "max_tokens";  // OpenAI's newest models want max_completion_tokens
  std::string trusted_pem;                      // certificates to trust instead of the system's
  std::size_t context_size = 8192;              // tokens that the model can hold
  // From the call to a connection, with the name's lookup and TLS.
  std::chrono::milliseconds connect_timeout{5'000};
  // From the request to the first event of a stream.
  std::chrono::milliseconds first_byte_timeout{30'000};
  // Between two events of a stream; comments do not count.
  std::chrono::milliseconds idle_timeout{30'000};
  // For everything, where the caller names no deadline.
  std::chrono::milliseconds total_timeout{120'000};
  // For the stream's formal end after its last word.
  std::chrono::milliseconds finish_grace{2'000};
  // The pause before the second attempt is drawn from 0 to this; before the third, from 0 to twice
  // this.
  std::chrono::milliseconds retry_base{500};
};

struct Call;
struct Ending;
class Reply;

// Thread-safe; a call blocks its thread and has its own connection. What a service sends is never
// believed: text alone reaches the listener, and no error holds the key or a page of a proxy.
class RemoteModel final : public lm::LanguageModel, public lm::TextContinuer, public Backend {
 public:
  // `clock` outlives the model; `jitter` spreads retries. Calls nobody.
  // Errors: kInvalidArgument naming the option.
  [[nodiscard]] static Result<std::unique_ptr<RemoteModel>> open(RemoteOptions options, Rng jitter,
                                                                 const Clock& clock);

  [[nodiscard]] std::string name() const override;
  [[nodiscard]] std::size_t context_size() const override { return options_.context_size; }
  // A token for every three bytes: English has four to five in one, other scripts two to three.
  [[nodiscard]] Result<std::size_t> count_tokens(std::string_view text) const override;
  [[nodiscard]] Result<lm::Completion> generate(const lm::Prompt& asked, const lm::Sampling& how,
                                                lm::TextSink& sink, std::stop_token stop) override;
  // Errors also: kUnsupported under a protocol that has messages alone.
  [[nodiscard]] Result<lm::Completion> go_on(const lm::RawText& from, const lm::Sampling& how,
                                             lm::TextSink& sink, std::stop_token stop) override;
  // kUnsupported: the interface has no way to ask.
  [[nodiscard]] Result<std::vector<lm::Score>> score(const lm::Prompt& asked,
                                                     std::span<const std::string> replies,
                                                     std::stop_token stop) override;
  [[nodiscard]] lm::LanguageModel& model() override { return *this; }
  [[nodiscard]] Attempt<Said> try_once(const lm::Prompt& asked, const lm::Sampling& how,
                                       lm::TextSink& sink, std::stop_token stop) override;
  [[nodiscard]] Attempt<void> feel_pulse(SteadyTime until, std::stop_token stop) override;

  // By POST /embeddings, in requests of kMaxTextsSent, each within the time that options allow.
  // Errors also: kOverBudget where the service refuses a text as too long; kUnsupported under
  // another protocol than OpenAI's.
  [[nodiscard]] Result<std::vector<std::vector<float>>> embed(std::span<const std::string> texts,
                                                              std::stop_token stop) override;

 private:
  RemoteModel(RemoteOptions options, Url url, Transport transport, Rng jitter, const Clock& clock);

  // What all attempts at one reply share.
  struct Asked {
    SteadyTime began;
    SteadyTime deadline;
    std::size_t bytes;     // of the prompt's texts
    std::size_t estimate;  // of its tokens
  };

  [[nodiscard]] Headers headers(std::string_view wanted) const;
  // Errors: those of a request that no attempt can make good.
  [[nodiscard]] Result<Asked> judge(const lm::Prompt& asked, const lm::Sampling& how) const;
  // One request and its answer, or two where the service turns out not to stream.
  [[nodiscard]] Attempt<Said> ask(const lm::Prompt& asked, const lm::Sampling& how,
                                  const Asked& facts, Reply& reply, const std::stop_token& stop);
  [[nodiscard]] Attempt<Ending> ask_as(Streaming stream, const lm::Prompt& asked,
                                       const lm::Sampling& how, const Asked& facts, Reply& reply,
                                       const std::stop_token& stop);
  [[nodiscard]] Reply reply_to(const lm::Prompt& asked, const lm::Sampling& how,
                               lm::TextSink& sink) const;
  [[nodiscard]] Said said(const Ending& ending, const Reply& reply, const lm::Sampling& how,
                          const Asked& facts) const;
  // Tells the service that nobody waits for the request of this name any more.
  void abort(const std::string& name) const;
  [[nodiscard]] std::string draw_name();
  // Waits before attempt number `next`; gives the failure back where there shall be none.
  [[nodiscard]] Status rest_before(int next, const Failure& failure, SteadyTime deadline,
                                   const std::stop_token& stop);
  // A few texts in one request.
  [[nodiscard]] Result<std::vector<std::vector<float>>> embed_some(
      std::span<const std::string> texts, const std::stop_token& stop);
  // How long to wait before attempt number `next`; nothing: do not try again.
  [[nodiscard]] std::optional<std::chrono::milliseconds> pause(const Failure& failure, int next);

  const RemoteOptions options_;
  const Url url_;
  const Wire& wire_;
  const Transport transport_;
  std::atomic<bool> streams_;  // until the service says that it cannot
  const Clock& clock_;
  std::mutex mutex_;
  Rng jitter_;  // guarded by mutex_
};

}  // namespace dramatis::remote
