// The story of a reply: render, tell what of it is everybody's, ask the scheduler, listen.
#include "engine/engine.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <future>
#include <numeric>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/random.h"
#include "engine/engine.h"
#include "engine/score_work.h"
#include "lm/judge_texts.h"
#include "runtime/limits.h"
#include "text/digest.h"

namespace dramatis::engine {
namespace {

using Clock = std::chrono::steady_clock;

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

Status judge_ids(std::span<const TokenId> ids, std::size_t vocabulary) {
  for (const TokenId id : ids) {
    const auto number = static_cast<std::int64_t>(id);
    if (number >= 0 && static_cast<std::size_t>(number) < vocabulary) continue;
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("Token {} is outside the vocabulary of {}.", number, vocabulary));
  }
  return {};
}

// What a file hashes to. Computed beside the rest of a start: 76 MB take 50 ms.
std::future<std::array<std::byte, 32>> begin_digest(const formats::Gguf& file,
                                                    const WarmPlace& place) {
  if (place.folder.empty()) return {};
  return std::async(std::launch::async | std::launch::deferred, [bytes = file.bytes()] {
    const std::string printed = text::sha256(as_text(bytes));
    std::array<std::byte, 32> digest{};
    for (std::size_t n = 0; n < digest.size(); ++n) {
      unsigned value = 0;
      std::from_chars(printed.data() + 2 * n, printed.data() + 2 * n + 2, value, 16);
      digest[n] = static_cast<std::byte>(value);
    }
    return digest;
  });
}

// `asked` with the first `common_bytes` bytes of its texts alone: nothing of any player's.
lm::Prompt common_part(const lm::Prompt& asked) {
  lm::Prompt part;
  std::size_t left = asked.common_bytes;
  for (const auto& message : asked.messages) {
    if (left == 0) break;
    const std::size_t bytes = std::min(left, message.text.size());
    part.messages.push_back({.role = message.role, .text = message.text.substr(0, bytes)});
    left -= bytes;
  }
  return part;
}

}  // namespace

// What an engine is made of, each part judged.
struct Engine::Parts {
  model::Model model;
  tokens::Vocabulary vocabulary;
  Adapters adapters;
  std::size_t adapter_bytes;  // that adapters may take
  std::string called;         // as its file says
  render::Template form;
  std::string name;
  MemoryPlan plan;
  PageKind kind;
};

Engine::Engine(Parts parts, const EngineOptions& options)
    : model_(std::move(parts.model)),
      vocabulary_(std::move(parts.vocabulary)),
      adapters_(std::move(parts.adapters), {.config = model_.config(),
                                            .model = std::move(parts.called),
                                            .for_all = options.for_all,
                                            .most_bytes = parts.adapter_bytes}),
      form_(parts.form),
      name_(std::move(parts.name)),
      plan_(parts.plan),
      warm_(options.warm),
      kind_(parts.kind),
      guides_(vocabulary_),
      scheduler_(model_, model::KvPool::make(kind_.shape, plan_.kv_bytes),
                 {.threads = thread_count(options.threads), .nice = options.nice}) {
  for (std::size_t n = 0; n < vocabulary_.size(); ++n) {
    if (vocabulary_.ends_turn(static_cast<TokenId>(n))) ends_.push_back(static_cast<TokenId>(n));
  }
  if (warm_.folder.empty()) return;
  warm_start_ = scheduler_.change_pages(
      [&](PageTree& tree, const auto& pool) { return read_warm_pages(warm_, kind_, pool, tree); });
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
  const std::size_t file_bytes = file.file_size();
  DRAMATIS_TRY(auto model, model::Model::bind(std::move(file), options.rounding));
  auto digest = begin_digest(model.file(), options.warm);
  DRAMATIS_TRY(auto vocabulary, tokens::Vocabulary::from_gguf(model.file()));
  DRAMATIS_TRY(const auto form, choose_template(model.file(), options));
  DRAMATIS_DO(judge(options, model.config(), vocabulary.size()));
  const std::string called(model.file().text("general.name").value_or(std::string_view()));
  DRAMATIS_TRY(auto adapters, Adapters::read(options.adapters, model.config(), called));
  DRAMATIS_TRY(const auto usual, adapters.choose(options.for_all, model.config()));
  static_cast<void>(usual);
  const std::size_t promised = std::max(adapters.bytes(), options.adapter_bytes);
  DRAMATIS_TRY(const auto plan,
               plan_memory(model.config(), {.ram_bytes = options.ram_bytes,
                                            .context = options.context,
                                            .kv_bytes = options.kv_bytes,
                                            .kv_dtype = options.kv_dtype,
                                            .file_bytes = file_bytes + promised,
                                            .threads = thread_count(options.threads),
                                            .conversations = options.conversations,
                                            .beside_bytes = options.beside_bytes}));
  DRAMATIS_TRY(const auto shape, model::kv_shape(model.config(), plan.kv_dtype));
  PageKind kind{.shape = shape,
                .vocabulary = vocabulary.size(),
                .arithmetic = arithmetic_here(model.config().rounding)};
  if (digest.valid()) kind.model = digest.get();
  try {
    return std::unique_ptr<Engine>(
        new Engine({.model = std::move(model),
                    .vocabulary = std::move(vocabulary),
                    .adapters = std::move(adapters),
                    .adapter_bytes = options.ram_bytes > 0 ? promised : kMaxAdapterBytes,
                    .called = called,
                    .form = form,
                    .name = std::move(name),
                    .plan = plan,
                    .kind = kind},
                   options));
  } catch (const std::system_error& refused) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("No thread to compute with could be started: {}", refused.what()));
  }
}

Status Engine::keep_warm() {
  if (warm_.folder.empty()) return {};
  return look_at_pages([&](const PageTree& pages) -> Status {
    return pages.news() == 0 ? Status() : write_warm_pages(warm_, kind_, pages);
  });
}

Result<std::size_t> Engine::count_tokens(std::string_view text) const {
  DRAMATIS_TRY(const auto ids, vocabulary_.encode(text, tokens::Special::kAsLetters));
  return ids.size();
}

Status Engine::judge_length(std::size_t prompt_tokens, std::size_t reply_tokens) const {
  if (prompt_tokens == 0)
    return fail(ErrorCode::kInvalidArgument, "The prompt is empty: it has no token.");
  if (prompt_tokens + reply_tokens <= plan_.context) return {};
  return fail(
      ErrorCode::kOverBudget,
      fmt::format("The prompt has {} tokens and the reply may have {}; the context holds {}. "
                  "Shorten the history or the reply.",
                  prompt_tokens, reply_tokens, plan_.context));
}

Result<std::vector<TokenId>> Engine::render(const lm::Prompt& asked,
                                            std::size_t reply_tokens) const {
  DRAMATIS_TRY(auto ids, render::render(asked, form_, vocabulary_));
  DRAMATIS_DO(judge_length(ids.size(), reply_tokens));
  return ids;
}

// What the common part alone is rendered to holds nothing of a player's, so what the whole prompt
// begins with alike holds nothing of it either.
Result<std::size_t> Engine::common_tokens(const lm::Prompt& asked,
                                          std::span<const TokenId> ids) const {
  if (asked.common_bytes == 0) return 0;
  DRAMATIS_TRY(const auto common, render::render(common_part(asked), form_, vocabulary_));
  return shared_prefix(common, ids);
}

// Gives words to the listener on the caller's own thread; who stops leaves the session to itself.
Result<Engine::Heard> Engine::listen(const std::shared_ptr<Session>& session, lm::TextSink* sink,
                                     std::chrono::steady_clock::time_point* first) {
  Heard all;
  const auto leave = [&] {
    session->leave();
    scheduler_.wake();
  };
  for (;;) {
    auto heard = session->hear();
    // Who had enough waits until the loop has let go of the session, and reads what it counted.
    if (all.was_enough && (!heard || !*heard)) return all;
    if (all.was_enough) continue;
    if (!heard) {
      leave();
      return tl::unexpected(std::move(heard).error());
    }
    if (!*heard) return all;
    if (all.text.empty() && first != nullptr) *first = Clock::now();
    all.text += **heard;
    const lm::Go go = sink == nullptr ? lm::Go::kOn : sink->write(**heard);
    if (go == lm::Go::kOn) continue;
    leave();
    if (go == lm::Go::kStop) return fail(ErrorCode::kCancelled, "The listener asked to stop.");
    all.was_enough = true;
  }
}

Result<lm::Completion> Engine::generate(const lm::Prompt& asked, const lm::Sampling& how,
                                        lm::TextSink& sink, std::stop_token stop) {
  const auto begun = Clock::now();
  DRAMATIS_DO(lm::validate(how));
  DRAMATIS_TRY(auto ids, render(asked, static_cast<std::size_t>(how.max_tokens)));
  DRAMATIS_TRY(const auto common, common_tokens(asked, ids));
  Drawing drawing{.how = how};
  if (how.grammar) {
    DRAMATIS_TRY(drawing.guide, guides_.begin(*how.grammar, asked.reply_start));
  }
  DRAMATIS_TRY(auto adapters, adapters_.choose(asked.adapters));
  auto told = std::move(adapters.told);
  DRAMATIS_TRY(auto said,
               speak(std::move(ids),
                     {.asker = asked.asker, .common = common, .adapters = std::move(adapters)},
                     std::move(drawing), sink, std::move(stop)));
  const auto rendering = Clock::now() - begun - said.total;
  said.total += rendering;
  said.adapters = std::move(told);
  if (said.first_word.count() > 0) said.first_word += rendering;
  return said;
}

Result<lm::Completion> Engine::continue_tokens(TokenPrompt prompt, const lm::Sampling& how,
                                               lm::TextSink& sink, std::stop_token stop) {
  DRAMATIS_DO(lm::validate(how));
  DRAMATIS_DO(judge_length(prompt.ids.size(), static_cast<std::size_t>(how.max_tokens)));
  DRAMATIS_DO(judge_ids(prompt.ids, vocabulary_.size()));
  Drawing drawing{.how = how, .ends = prompt.ends};
  if (how.grammar) {
    DRAMATIS_TRY(drawing.guide, guides_.begin(*how.grammar, ""));
  }
  return speak(std::move(prompt.ids), std::move(prompt.placement), std::move(drawing), sink,
               std::move(stop));
}

Result<lm::Completion> Engine::speak(std::vector<TokenId> ids, Placement placement, Drawing drawing,
                                     lm::TextSink& sink, std::stop_token stop) {
  const auto begun = Clock::now();
  lm::Completion said;
  said.prompt_tokens = ids.size();
  if (drawing.how.seed) {
    said.seed = *drawing.how.seed;
  } else {
    DRAMATIS_TRY(said.seed, random_u64());
  }
  drawing.seed = said.seed;
  const runtime::Stop limits{.token = std::move(stop), .deadline = drawing.how.deadline};
  DRAMATIS_DO(limits.check());
  placement.prompt_tokens = ids.size();
  placement.common = std::min(placement.common, ids.size());
  auto work = std::make_unique<ReplyWork>(vocabulary_, std::move(ids), std::move(drawing));
  const ReplyWork& reply = *work;
  const auto session = std::make_shared<Session>(std::move(work), std::move(placement), limits);
  const Scheduler::Visit visit(scheduler_);
  DRAMATIS_DO(scheduler_.submit(session));
  auto first = begun;
  DRAMATIS_TRY(auto heard, listen(session, &sink, &first));
  said.text = std::move(heard.text);
  said.why = heard.was_enough ? lm::StopReason::kLength : reply.why();
  said.generated_tokens = reply.generated();
  said.computed_tokens = std::min(session->computed_tokens(), said.prompt_tokens);
  said.cached_tokens = said.prompt_tokens - said.computed_tokens;
  said.first_word = first - begun;
  said.total = Clock::now() - begun;
  return said;
}

Result<std::vector<lm::Score>> Engine::score(const lm::Prompt& asked,
                                             std::span<const std::string> replies,
                                             std::stop_token stop) {
  if (replies.empty()) return std::vector<lm::Score>();
  ScoreTask task{.prompt = {}, .wholes = {}, .ends = ends_};
  DRAMATIS_TRY(task.prompt, render(asked, 0));
  DRAMATIS_TRY(auto adapters, adapters_.choose(asked.adapters));
  DRAMATIS_TRY(std::size_t common, common_tokens(asked, task.prompt));
  for (const auto& reply : replies) {
    lm::Prompt answered = asked;
    answered.reply_start += reply;
    DRAMATIS_TRY(auto whole, render(answered, 1));
    common = std::min(common, shared_prefix(task.prompt, whole));
    if (shared_prefix(task.prompt, whole) == 0)
      return fail(ErrorCode::kInternal,
                  "A prompt and the same prompt with a reply begin with different tokens.");
    task.wholes.push_back(std::move(whole));
  }
  auto work = std::make_unique<ScoreWork>(std::move(task));
  const ScoreWork& judged = *work;
  const auto session = std::make_shared<Session>(
      std::move(work),
      Placement{.asker = asked.asker, .common = common, .adapters = std::move(adapters)},
      runtime::Stop{.token = std::move(stop)});
  const Scheduler::Visit visit(scheduler_);
  DRAMATIS_DO(scheduler_.submit(session));
  DRAMATIS_TRY(const auto nothing, listen(session, nullptr, nullptr));
  static_cast<void>(nothing);
  return judged.scores();
}

Result<model::Logits> Engine::logits(std::span<const TokenId> ids, model::Rows wanted,
                                     std::stop_token stop) {
  if (ids.empty() || ids.size() > plan_.context) {
    return fail(
        ErrorCode::kOverBudget,
        fmt::format("{} tokens were given; 1 to {} fit the context.", ids.size(), plan_.context));
  }
  const runtime::Stop limits{.token = std::move(stop)};
  DRAMATIS_TRY(auto cache, model::KvCache::make(model_.config(), ids.size(), tensor::Dtype::kF32));
  return scheduler_.between_steps([&](runtime::ThreadPool& threads, const PageTree& /*pages*/) {
    return model_.prefill(ids, cache, wanted, {.threads = threads, .stop = limits});
  });
}

Result<std::vector<std::vector<float>>> Engine::embed(std::span<const std::string> texts,
                                                      std::stop_token stop) {
  DRAMATIS_DO(lm::judge_texts(texts));
  const runtime::Stop limits{.token = std::move(stop)};
  std::vector<std::vector<float>> vectors;
  for (const auto& text : texts) {
    DRAMATIS_TRY(auto ids, vocabulary_.encode(text, tokens::Special::kAsLetters));
    if (ids.empty()) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("Text {} of {} is empty: there is nothing to make a vector of.",
                              vectors.size() + 1, texts.size()));
    }
    if (ids.size() > plan_.context) ids.resize(plan_.context);
    DRAMATIS_TRY(auto vector,
                 scheduler_.between_steps([&](auto& threads, const PageTree& /*pages*/) {
                   return model_.mean_state(ids, {.threads = threads, .stop = limits});
                 }));
    const double length =
        std::sqrt(std::inner_product(vector.begin(), vector.end(), vector.begin(), 0.0));
    for (float& number : vector) number = static_cast<float>(number / length);
    vectors.push_back(std::move(vector));
  }
  return vectors;
}

Status Engine::set_threads(std::size_t threads) {
  return scheduler_.set_crew({.threads = threads, .nice = scheduler_.crew().nice});
}

Status Engine::set_nice(int nice) {
  return scheduler_.set_crew({.threads = scheduler_.crew().threads, .nice = nice});
}

}  // namespace dramatis::engine
