// The story of a reply: render, find what is computed already, compute the rest, draw, decode,
// release.
#include "engine/engine.h"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "base/random.h"
#include "model/limits.h"
#include "runtime/limits.h"
#include "sampling/pick.h"
#include "sampling/stop_matcher.h"
#include "tokens/stream_decoder.h"

namespace dramatis::engine {
namespace {

using Clock = std::chrono::steady_clock;

constexpr tensor::Dtype kCacheDtype = tensor::Dtype::kF16;

Result<render::Template> choose_template(const formats::Gguf& file, const EngineOptions& options) {
  if (options.template_name) return render::template_named(*options.template_name);
  if (file.find("tokenizer.chat_template") == nullptr) return render::Template::kPlain;
  DRAMATIS_TRY(const auto text, file.text("tokenizer.chat_template"));
  if (text.size() > kMaxTemplateBytes) {
    return fail(
        ErrorCode::kOverBudget,
        fmt::format(
            "tokenizer.chat_template has {} bytes; at most {} are read. Name a template instead.",
            text.size(), kMaxTemplateBytes));
  }
  return render::recognise(text);
}

std::size_t thread_count(std::size_t asked) {
  const std::size_t wanted = asked != 0 ? asked : std::thread::hardware_concurrency();
  return std::clamp<std::size_t>(wanted, 1, runtime::kMaxThreads);
}

Status judge(const EngineOptions& options, const model::ModelConfig& config,
             std::size_t vocabulary) {
  if (options.context > config.context) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("A context of {} tokens was asked for; the model was trained for {}.",
                            options.context, config.context));
  }
  if (options.threads > runtime::kMaxThreads) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} threads were asked for; at most {} are started.", options.threads,
                            runtime::kMaxThreads));
  }
  if (vocabulary != config.vocabulary) {
    return fail(ErrorCode::kCorrupt, fmt::format("The vocabulary has {} tokens, the model {}.",
                                                 vocabulary, config.vocabulary));
  }
  return {};
}

}  // namespace

Engine::Engine(model::Model model, tokens::Vocabulary vocabulary, render::Template form,
               std::string name, const EngineOptions& options)
    : model_(std::move(model)),
      vocabulary_(std::move(vocabulary)),
      form_(form),
      name_(std::move(name)),
      context_(options.context != 0 ? options.context
                                    : std::min(model_.config().context, kDefaultContext)),
      threads_(thread_count(options.threads)),
      prefixes_(options.prefix_bytes, kCacheDtype) {
  for (std::size_t n = 0; n < vocabulary_.size(); ++n) {
    if (vocabulary_.ends_turn(static_cast<TokenId>(n))) ends_.push_back(static_cast<TokenId>(n));
  }
}

Result<std::unique_ptr<Engine>> Engine::load(const std::filesystem::path& path,
                                             const EngineOptions& options) {
  DRAMATIS_TRY(auto file, formats::Gguf::read(path));
  auto made = make(std::move(file), path.stem().string(), options);
  if (!made) made.error().what = fmt::format("{}: {}", path.string(), made.error().what);
  return made;
}

Result<std::unique_ptr<Engine>> Engine::make(formats::Gguf file, std::string name,
                                             const EngineOptions& options) {
  DRAMATIS_TRY(auto vocabulary, tokens::Vocabulary::from_gguf(file));
  DRAMATIS_TRY(const auto form, choose_template(file, options));
  DRAMATIS_TRY(auto model, model::Model::bind(std::move(file)));
  DRAMATIS_DO(judge(options, model.config(), vocabulary.size()));
  return std::unique_ptr<Engine>(
      new Engine(std::move(model), std::move(vocabulary), form, std::move(name), options));
}

Result<std::size_t> Engine::count_tokens(std::string_view text) const {
  DRAMATIS_TRY(const auto ids, vocabulary_.encode(text, tokens::Special::kAsLetters));
  return ids.size();
}

Result<std::vector<TokenId>> Engine::render(const lm::Prompt& asked,
                                            std::size_t reply_tokens) const {
  DRAMATIS_TRY(auto ids, render::render(asked, form_, vocabulary_));
  if (ids.empty())
    return fail(ErrorCode::kInvalidArgument, "The prompt is empty: it has no token.");
  if (ids.size() + reply_tokens > context_) {
    return fail(
        ErrorCode::kOverBudget,
        fmt::format("The prompt has {} tokens and the reply may have {}; the context holds {}. "
                    "Shorten the history or the reply.",
                    ids.size(), reply_tokens, context_));
  }
  return ids;
}

// One reply under way.
struct Engine::Speech {
  const lm::Sampling& how;
  lm::TextSink& sink;
  runtime::Stop stop;
  Clock::time_point begun;
  std::vector<TokenId> ids;  // the prompt, then what was drawn
  model::KvCache* cache = nullptr;
  tokens::StreamDecoder decoder;
  sampling::StopMatcher matcher;
  lm::Completion said{};

  // Gives text to the listener and notes when the first came.
  [[nodiscard]] Status release(const std::string& text) {
    if (text.empty()) return {};
    if (said.text.empty()) said.first_word = Clock::now() - begun;
    said.text += text;
    if (sink.write(text) == lm::Go::kStop)
      return fail(ErrorCode::kCancelled, "The listener asked to stop.");
    return {};
  }
};

Result<lm::Completion> Engine::generate(const lm::Prompt& asked, const lm::Sampling& how,
                                        lm::TextSink& sink, std::stop_token stop) {
  const auto begun = Clock::now();
  DRAMATIS_DO(lm::validate(how));
  DRAMATIS_TRY(auto ids, render(asked, static_cast<std::size_t>(how.max_tokens)));
  Speech speech{.how = how,
                .sink = sink,
                .stop = {.token = std::move(stop), .deadline = how.deadline},
                .begun = begun,
                .ids = std::move(ids),
                .decoder = tokens::StreamDecoder(vocabulary_),
                .matcher = sampling::StopMatcher(how.stop)};
  speech.said.prompt_tokens = speech.ids.size();
  if (how.seed) {
    speech.said.seed = *how.seed;
  } else {
    DRAMATIS_TRY(speech.said.seed, random_u64());
  }
  DRAMATIS_TRY(const auto pass, turnstile_.enter(speech.stop));
  DRAMATIS_DO(speak(speech));
  speech.said.total = Clock::now() - begun;
  return std::move(speech.said);
}

// What was computed is kept whatever came of it: who stops a reply often asks again.
Status Engine::speak(Speech& speech) {
  const auto prompt_length = speech.ids.size();
  const auto capacity = prompt_length + static_cast<std::size_t>(speech.how.max_tokens);
  DRAMATIS_TRY(auto cache, prefixes_.begin(model_.config(), speech.ids, capacity));
  speech.cache = &cache;
  speech.said.cached_tokens = cache.length();
  const auto rest = std::span<const TokenId>(speech.ids).subspan(cache.length());
  auto logits =
      model_.prefill(rest, cache, model::Rows::kLast, {.threads = threads_, .stop = speech.stop});
  Status spoken =
      logits ? draw_tokens(speech, *std::move(logits)) : Status(tl::unexpected(logits.error()));
  prefixes_.keep(std::span<const TokenId>(speech.ids).first(cache.length()), prompt_length, cache);
  return spoken;
}

Status Engine::draw_tokens(Speech& speech, model::Logits logits) {
  Rng rng(speech.said.seed);
  auto& said = speech.said;
  for (;;) {
    DRAMATIS_DO(speech.stop.check());
    const sampling::Said before{
        .all = speech.ids, .prompt_length = said.prompt_tokens, .vocabulary = &vocabulary_};
    DRAMATIS_TRY(const TokenId id, sampling::pick(logits.row(0), speech.how, before, nullptr, rng));
    // Any control token ends a reply: what would follow is another block of the template, not
    // speech.
    if (vocabulary_.ends_turn(id) || vocabulary_.is_control(id)) {
      said.why = lm::StopReason::kEndOfTurn;
      break;
    }
    speech.ids.push_back(id);
    ++said.generated_tokens;
    DRAMATIS_DO(speech.release(speech.matcher.push(speech.decoder.push(id))));
    said.why = speech.matcher.stopped() ? lm::StopReason::kStopString : lm::StopReason::kLength;
    if (speech.matcher.stopped() ||
        said.generated_tokens == static_cast<std::size_t>(speech.how.max_tokens))
      break;
    DRAMATIS_TRY(logits, model_.step(id, *speech.cache, threads_));
  }
  DRAMATIS_DO(speech.release(speech.matcher.push(speech.decoder.finish())));
  DRAMATIS_DO(speech.release(speech.matcher.finish()));
  if (speech.matcher.stopped()) said.why = lm::StopReason::kStopString;
  return {};
}

Result<std::vector<lm::Score>> Engine::score(const lm::Prompt& asked,
                                             std::span<const std::string> replies,
                                             std::stop_token stop) {
  DRAMATIS_TRY(const auto prompt, render(asked, 0));
  std::vector<std::vector<TokenId>> wholes;
  for (const auto& reply : replies) {
    lm::Prompt answered = asked;
    answered.reply_start += reply;
    DRAMATIS_TRY(auto whole, render(answered, 1));
    wholes.push_back(std::move(whole));
  }
  const runtime::Stop limits{.token = std::move(stop)};
  DRAMATIS_TRY(const auto pass, turnstile_.enter(limits));
  DRAMATIS_TRY(auto computed, prefixes_.begin(model_.config(), prompt, prompt.size()));
  const auto rest = std::span(prompt).subspan(computed.length());
  DRAMATIS_TRY(const auto nothing, model_.prefill(rest, computed, model::Rows::kNone,
                                                  {.threads = threads_, .stop = limits}));
  static_cast<void>(nothing);
  prefixes_.keep(prompt, prompt.size(), computed);
  std::vector<lm::Score> scores;
  for (const auto& whole : wholes) {
    DRAMATIS_TRY(const auto score, score_reply(prompt, whole, computed, limits));
    scores.push_back(score);
  }
  return scores;
}

// The tokens of `whole` past what it shares with the prompt, each given all before it, then the end
// of the turn.
Result<lm::Score> Engine::score_reply(std::span<const TokenId> prompt,
                                      std::span<const TokenId> whole,
                                      const model::KvCache& computed, const runtime::Stop& stop) {
  const auto shared = shared_prefix(prompt, whole);
  if (shared == 0)
    return fail(ErrorCode::kInternal,
                "A prompt and the same prompt with a reply begin with different tokens.");
  DRAMATIS_TRY(auto cache, computed.fork(shared - 1, whole.size()));
  lm::Score score;
  // In batches, so that the logits of one batch are all that is held.
  for (std::size_t from = shared - 1; from < whole.size(); from += model::kMaxBatchRows) {
    const auto batch = whole.subspan(from, std::min(model::kMaxBatchRows, whole.size() - from));
    DRAMATIS_TRY(const auto logits, model_.prefill(batch, cache, model::Rows::kAll,
                                                   {.threads = threads_, .stop = stop}));
    for (std::size_t n = 0; n < batch.size(); ++n) {
      const auto next = from + n + 1 < whole.size() ? whole.subspan(from + n + 1, 1)
                                                    : std::span<const TokenId>(ends_);
      DRAMATIS_TRY(const auto log_probability, log_probability_after(logits, n, next));
      score.log_likelihood += log_probability;
      ++score.tokens;
    }
  }
  return score;
}

Result<double> Engine::log_probability_after(const model::Logits& logits, std::size_t row,
                                             std::span<const TokenId> next) const {
  if (next.empty()) return 0.0;  // a vocabulary without an end: every reply ends by its length
  return sampling::log_probability(logits.row(row), next);
}

Result<model::Logits> Engine::logits(std::span<const TokenId> ids, model::Rows wanted,
                                     std::stop_token stop) {
  if (ids.empty() || ids.size() > context_) {
    return fail(
        ErrorCode::kOverBudget,
        fmt::format("{} tokens were given; 1 to {} fit the context.", ids.size(), context_));
  }
  const runtime::Stop limits{.token = std::move(stop)};
  DRAMATIS_TRY(const auto pass, turnstile_.enter(limits));
  DRAMATIS_TRY(auto cache, model::KvCache::make(model_.config(), ids.size(), tensor::Dtype::kF32));
  return model_.prefill(ids, cache, wanted, {.threads = threads_, .stop = limits});
}

}  // namespace dramatis::engine
