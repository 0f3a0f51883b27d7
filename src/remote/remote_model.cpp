// Ask, and ask again where that can help and no word was heard yet.
#include "remote/remote_model.h"

#include <algorithm>
#include <condition_variable>
#include <iterator>

#include <fmt/format.h>

#include "lm/judge_texts.h"
#include "remote/call.h"
#include "remote/embed_wire.h"
#include "remote/key.h"
#include "remote/limits.h"
#include "remote/raw_text.h"
#include "remote/reply.h"
#include "remote/service.h"
#include "text/json.h"
#include "text/utf8.h"

namespace dramatis::remote {
namespace {

bool is_header_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

bool is_framing(std::string_view name) {
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return lower == "host" || lower == "content-length" || lower == "transfer-encoding" ||
         lower == "connection" || lower == "content-type" || lower == "accept-encoding";
}

Status validate(const RemoteOptions& options) {
  const auto wrong = [](std::string what) {
    return fail(ErrorCode::kInvalidArgument, std::move(what));
  };
  if (options.model.empty() && options.protocol != Protocol::kKobold)
    return wrong("The remote model has no name; say which the service shall use.");
  if (!is_plain_key(options.key)) return wrong("The key is not one line of visible letters.");
  if (options.context_size == 0)
    return wrong("The remote model's context size is 0; give its tokens.");
  if (!is_header_name(options.max_tokens_field)) return wrong("max_tokens_field is no plain name.");
  if (options.headers.size() > kMaxExtraHeaders) {
    return wrong(fmt::format("{} extra headers are given; at most {} are sent.",
                             options.headers.size(), kMaxExtraHeaders));
  }
  for (const auto& [name, value] : options.headers) {
    const bool plain = std::ranges::all_of(value, [](char c) { return c >= ' ' && c < '\x7F'; });
    if (!is_header_name(name) || !plain || is_framing(name)) {
      return wrong("An extra header has an unusual letter, or is one that Dramatis sets itself.");
    }
  }
  return {};
}

// Waits until `until`, or less where a stop comes.
void rest(SteadyTime until, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_until(lock, stop, until, [] { return false; });
}

// A service's own count, where it can be true.
std::size_t believed(const std::optional<std::size_t>& told, std::size_t most, std::size_t ours,
                     bool& doubted) {
  if (!told) return ours;
  if (*told <= most) return *told;
  doubted = true;
  return ours;
}

}  // namespace

Result<std::unique_ptr<RemoteModel>> RemoteModel::open(RemoteOptions options, Rng jitter,
                                                       const Clock& clock) {
  DRAMATIS_DO(validate(options));
  DRAMATIS_TRY(Url url, parse_url(options.url));
  DRAMATIS_TRY(Transport transport, Transport::open(url.scheme, options.trusted_pem));
  return std::unique_ptr<RemoteModel>(
      new RemoteModel(std::move(options), std::move(url), std::move(transport), jitter, clock));
}

RemoteModel::RemoteModel(RemoteOptions options, Url url, Transport transport, Rng jitter,
                         const Clock& clock)
    : options_(std::move(options)),
      url_(std::move(url)),
      wire_(wire_of(options_.protocol)),
      transport_(std::move(transport)),
      streams_(options_.stream == Streaming::kOn),
      clock_(clock),
      jitter_(jitter) {}

std::string RemoteModel::name() const {
  const std::string_view named =
      options_.model.empty() ? protocol_name(options_.protocol) : options_.model;
  return fmt::format("{} at {}", named, url_.authority());
}

Result<std::size_t> RemoteModel::count_tokens(std::string_view text) const {
  return (text.size() + 2) / 3;
}

Result<std::vector<lm::Score>> RemoteModel::score(const lm::Prompt& /*asked*/,
                                                  std::span<const std::string> /*replies*/,
                                                  std::stop_token /*stop*/) {
  return fail(ErrorCode::kUnsupported,
              "A remote model does not tell how likely a text is; measure with a model of ours.");
}

Headers RemoteModel::headers(std::string_view wanted) const {
  Headers all{{"Content-Type", "application/json"},
              {"Accept", std::string(wanted)},
              {"Accept-Encoding", "identity"},
              {"User-Agent", "dramatis"}};
  if (!options_.key.empty()) all.emplace_back("Authorization", "Bearer " + options_.key);
  all.insert(all.end(), options_.headers.begin(), options_.headers.end());
  return all;
}

std::optional<std::chrono::milliseconds> RemoteModel::pause(const Failure& failure, int next) {
  if (next > kMaxAttempts || failure.again == Again::kNever) return std::nullopt;
  if (failure.again == Again::kOnce && next > 2) return std::nullopt;
  if (failure.after) {
    if (*failure.after > kMaxRetryAfter) return std::nullopt;
    return failure.after;
  }
  const auto most =
      std::min<std::chrono::milliseconds>(options_.retry_base * (1 << (next - 2)), kMaxBackoff);
  const std::lock_guard lock(mutex_);
  return std::chrono::milliseconds(jitter_.below(static_cast<std::uint64_t>(most.count()) + 1));
}

Result<RemoteModel::Asked> RemoteModel::judge(const lm::Prompt& asked,
                                              const lm::Sampling& how) const {
  DRAMATIS_DO(lm::validate(how));
  if (!asked.adapters.empty()) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("{} takes no adapters from here. Ask a local model.", name()));
  }
  if (how.grammar) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("{} cannot promise to keep to a grammar. Ask a local model.", name()));
  }
  if (is_raw(asked) && !wire_.goes_on_from_text()) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("{} is asked in OpenAI's protocol, which takes messages and goes on "
                            "from no raw text; give its address with \"completions:\" before it.",
                            name()));
  }
  const SteadyTime began = clock_.steady();
  Asked facts{.began = began,
              .deadline = how.deadline.value_or(began + options_.total_timeout),
              .bytes = asked.reply_start.size(),
              .estimate = (asked.reply_start.size() + 2) / 3};
  for (const auto& message : asked.messages) {
    facts.bytes += message.text.size();
    facts.estimate += (message.text.size() + 2) / 3;
  }
  if (facts.estimate + static_cast<std::size_t>(how.max_tokens) > options_.context_size) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("The prompt has about {} tokens and the reply up to {}; {} holds {}.",
                            facts.estimate, how.max_tokens, name(), options_.context_size));
  }
  return facts;
}

Reply RemoteModel::reply_to(const lm::Prompt& asked, const lm::Sampling& how,
                            lm::TextSink& sink) const {
  if (!wire_.tells_text() || is_raw(asked)) return Reply(how, sink, clock_);
  return Reply(
      how, sink, clock_,
      {.ends = transcript_ends(options_.form), .leads_with_space = asked.reply_start.empty()});
}

Said RemoteModel::said(const Ending& ending, const Reply& reply, const lm::Sampling& how,
                       const Asked& facts) const {
  Said said{.completion = {.text = reply.text(), .why = ending.why}};
  lm::Completion& told = said.completion;
  // A token has a byte at least, and a template adds some.
  told.prompt_tokens =
      believed(ending.usage.prompt_tokens, facts.bytes + kUsageSlack, facts.estimate, said.doubted);
  told.cached_tokens = std::min(ending.usage.cached_tokens.value_or(0), told.prompt_tokens);
  told.generated_tokens =
      believed(ending.usage.generated_tokens,
               static_cast<std::size_t>(how.max_tokens) + kUsageSlack, ending.events, said.doubted);
  told.seed = how.seed.value_or(0);
  told.total = clock_.steady() - facts.began;
  told.first_word = reply.spoke() ? reply.first_word() - facts.began : told.total;
  return said;
}

std::string RemoteModel::draw_name() {
  const std::lock_guard lock(mutex_);
  return fmt::format("dramatis-{:016x}", jitter_.next());
}

void RemoteModel::abort(const std::string& request) const {
  const Headers sent = headers("application/json");
  const std::string body = text::print_json(text::JsonObject{{"genkey", request}});
  // The stop that brought us here must not stop this.
  const Call call{.options = options_,
                  .url = url_,
                  .transport = transport_,
                  .clock = clock_,
                  .headers = sent,
                  .wire = wire_,
                  .resource = wire_.abort_resource(),
                  .body = body,
                  .deadline = clock_.steady() + kAbortPatience,
                  .stop = {}};
  (void)fetch(call);  // a service that cannot be told finds out when it writes to nobody
}

Attempt<Ending> RemoteModel::ask_as(Streaming stream, const lm::Prompt& asked,
                                    const lm::Sampling& how, const Asked& facts, Reply& reply,
                                    const std::stop_token& stop) {
  const bool can_abort = !wire_.abort_resource().empty();
  const std::string request = can_abort ? draw_name() : std::string();
  const std::string_view wanted = stream == Streaming::kOff            ? "application/json"
                                  : wire_.framing() == Framing::kLines ? "application/x-ndjson"
                                                                       : "text/event-stream";
  const Headers sent = headers(wanted);
  const Asking asking = is_raw(asked) ? Asking::kRawText : Asking::kTalk;
  const std::string body = wire_.print_request(asked, how,
                                               {.model = options_.model,
                                                .stream = stream,
                                                .samplers = options_.samplers,
                                                .max_tokens_field = options_.max_tokens_field,
                                                .form = options_.form,
                                                .context_size = options_.context_size,
                                                .name = request});
  const Call call{.options = options_,
                  .url = url_,
                  .transport = transport_,
                  .clock = clock_,
                  .headers = sent,
                  .wire = wire_,
                  .resource = wire_.resource(stream, asking),
                  .stream = stream,
                  .body = body,
                  .deadline = facts.deadline,
                  .stop = stop};
  Traces traces;
  auto ended = attempt(call, reply, traces);
  const bool at_work = ended ? !ended->whole : traces.sent && ended.error().status == 0;
  if (can_abort && at_work) abort(request);
  return ended;
}

Attempt<Said> RemoteModel::ask(const lm::Prompt& asked, const lm::Sampling& how, const Asked& facts,
                               Reply& reply, const std::stop_token& stop) {
  const Streaming stream = streams_ ? Streaming::kOn : Streaming::kOff;
  auto ended = ask_as(stream, asked, how, facts, reply, stop);
  const int status = ended ? 0 : ended.error().status;
  if (stream == Streaming::kOn && wire_.may_lack_streams() &&
      (status == 404 || status == 405 || status == 501)) {
    streams_ = false;
    ended = ask_as(Streaming::kOff, asked, how, facts, reply, stop);
  }
  if (!ended) return tl::unexpected(std::move(ended).error());
  return said(*ended, reply, how, facts);
}

Attempt<Said> RemoteModel::try_once(const lm::Prompt& asked, const lm::Sampling& how,
                                    lm::TextSink& sink, std::stop_token stop) {
  const auto facts = judge(asked, how);
  if (!facts) return tl::unexpected(Failure{.error = facts.error(), .blame = Blame::kNobody});
  Reply reply = reply_to(asked, how, sink);
  return ask(asked, how, *facts, reply, stop);
}

Result<lm::Completion> RemoteModel::generate(const lm::Prompt& asked, const lm::Sampling& how,
                                             lm::TextSink& sink, std::stop_token stop) {
  DRAMATIS_TRY(const Asked facts, judge(asked, how));
  for (int number = 1;; ++number) {
    Reply reply = reply_to(asked, how, sink);
    auto said = ask(asked, how, facts, reply, stop);
    if (said) return std::move(said->completion);
    if (reply.spoke()) return tl::unexpected(said.error().error);
    DRAMATIS_DO(rest_before(number + 1, said.error(), facts.deadline, stop));
  }
}

Result<lm::Completion> RemoteModel::go_on(const lm::RawText& from, const lm::Sampling& how,
                                          lm::TextSink& sink, std::stop_token stop) {
  return generate(raw_prompt(from), how, sink, std::move(stop));
}

Attempt<void> RemoteModel::feel_pulse(SteadyTime until, std::stop_token stop) {
  const Headers sent = headers("application/json");
  const std::string nothing;
  return remote::feel_pulse({.options = options_,
                             .url = url_,
                             .transport = transport_,
                             .clock = clock_,
                             .headers = sent,
                             .wire = wire_,
                             .resource = wire_.pulse(),
                             .body = nothing,
                             .deadline = until,
                             .stop = std::move(stop)});
}

Status RemoteModel::rest_before(int next, const Failure& failure, SteadyTime deadline,
                                const std::stop_token& stop) {
  const auto wait = pause(failure, next);
  if (!wait || clock_.steady() + *wait >= deadline) return tl::unexpected(failure.error);
  rest(clock_.steady() + *wait, stop);
  if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "The call was stopped.");
  return {};
}

Result<std::vector<std::vector<float>>> RemoteModel::embed_some(std::span<const std::string> texts,
                                                                const std::stop_token& stop) {
  const Headers sent = headers("application/json");
  const std::string body = print_embed_request(options_.model, texts);
  const Call call{.options = options_,
                  .url = url_,
                  .transport = transport_,
                  .clock = clock_,
                  .headers = sent,
                  .wire = wire_,
                  .resource = "/embeddings",
                  .body = body,
                  .deadline = clock_.steady() + options_.total_timeout,
                  .stop = stop};
  for (int number = 1;; ++number) {
    const auto answer = fetch(call);
    if (answer) return parse_vectors(*answer, texts.size(), options_.key);
    DRAMATIS_DO(rest_before(number + 1, answer.error(), call.deadline, stop));
  }
}

Result<std::vector<std::vector<float>>> RemoteModel::embed(std::span<const std::string> texts,
                                                           std::stop_token stop) {
  if (options_.protocol != Protocol::kOpenAi) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("Vectors are asked for in OpenAI's protocol; give the address of {} "
                            "without \"{}:\".",
                            name(), protocol_name(options_.protocol)));
  }
  DRAMATIS_DO(lm::judge_texts(texts));
  for (const auto& text : texts) {
    if (!text::is_valid_utf8(text)) {
      return fail(ErrorCode::kInvalidArgument, "A text to embed is no valid UTF-8.");
    }
  }
  std::vector<std::vector<float>> vectors;
  while (vectors.size() < texts.size()) {
    const auto rest = texts.subspan(vectors.size());
    DRAMATIS_TRY(auto some, embed_some(rest.first(std::min(rest.size(), kMaxTextsSent)), stop));
    if (!vectors.empty() && some.front().size() != vectors.front().size()) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("{} gave vectors of {} and of {} numbers.", name(),
                              vectors.front().size(), some.front().size()));
    }
    std::ranges::move(some, std::back_inserter(vectors));
  }
  return vectors;
}

}  // namespace dramatis::remote
