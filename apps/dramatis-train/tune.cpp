// Recipe, base, data, workers; progress on standard error, the result on standard output.
#include "tune.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include <fmt/format.h>

#include "dataset/counting_model.h"
#include "dataset/digest.h"
#include "dataset/samples.h"
#include "persona/cast.h"
#include "search/matcher.h"
#include "text/utterance.h"
#include "train/tune/base.h"
#include "train/tune/tune.h"

namespace dramatis::app {
namespace {

namespace tune = train::tune;
using SteadyClock = std::chrono::steady_clock;

// The variable called `ours`, or torchrun's.
const char* variable(const char* ours, const char* torchruns) {
  const char* value = std::getenv(ours);
  return value != nullptr ? value : std::getenv(torchruns);
}

template <class Number>
Status read_variable(const char* ours, const char* torchruns, Number& into) {
  const char* value = variable(ours, torchruns);
  if (value == nullptr) return {};
  const std::string_view text = value;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), into);
  if (failed == std::errc{} && end == text.data() + text.size()) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} is '{}'; it takes a whole number.",
                          std::getenv(ours) != nullptr ? ours : torchruns, text::printable(text)));
}

Result<tune::Worker> worker_of_environment() {
  tune::Worker worker;
  DRAMATIS_DO(read_variable("DRAMATIS_RANK", "RANK", worker.rank));
  DRAMATIS_DO(read_variable("DRAMATIS_WORLD_SIZE", "WORLD_SIZE", worker.count));
  DRAMATIS_DO(read_variable("DRAMATIS_MASTER_PORT", "MASTER_PORT", worker.port));
  DRAMATIS_DO(read_variable("DRAMATIS_WORKER_PATIENCE", "DRAMATIS_WORKER_PATIENCE",
                            worker.patience_seconds));
  if (const char* address = variable("DRAMATIS_MASTER_ADDR", "MASTER_ADDR"))
    worker.address = address;
  if (worker.patience_seconds < 1) {
    return fail(ErrorCode::kInvalidArgument,
                "DRAMATIS_WORKER_PATIENCE takes the seconds after which a worker that does not "
                "answer counts as lost, at least 1.");
  }
  return worker;
}

// Who is not to be taught, where the recipe names those who are.
std::vector<std::string> left_out(const persona::Cast& cast, const tune::CastData& data) {
  auto out = data.leave_out;
  for (const auto& member : cast.members) {
    const auto& id = member.sheet.id;
    if (!data.only.empty() && std::find(data.only.begin(), data.only.end(), id) == data.only.end())
      out.push_back(id);
  }
  return out;
}

Status add_cast(const tune::Plan& plan, const tune::Start& start, tune::Talks& to) {
  const auto& data = plan.data.cast;
  if (data.folder.empty()) return {};
  DRAMATIS_TRY(const auto cast, persona::load_cast(data.folder));
  for (const auto& name : data.only) {
    const bool is_there = std::any_of(cast.members.begin(), cast.members.end(),
                                      [&name](const auto& one) { return one.sheet.id == name; });
    if (!is_there)
      return fail(ErrorCode::kNotFound,
                  fmt::format("{} has no character '{}'.", data.folder, name));
  }
  DRAMATIS_TRY(const auto matcher, search::Matcher::read(data.matcher));
  DRAMATIS_TRY(const auto examples, prompt::Examples::build(cast, matcher));
  // A sheet that is dropped takes no room.
  const std::size_t context = start.model.config().context;
  const std::size_t room =
      plan.data.sheet == tune::Sheet::kDrop ? context : std::min(context, plan.data.most_tokens);
  const dataset::CountingModel counting(
      [&start](std::string_view words) -> Result<std::size_t> {
        DRAMATIS_TRY(const auto ids, start.speech.words.encode(words, tokens::Special::kAsLetters));
        return ids.size();
      },
      room);
  for (std::size_t pass = 0; pass < data.passes; ++pass) {
    DRAMATIS_TRY(const auto samples, dataset::samples(cast, examples, counting,
                                                      {.pass = pass,
                                                       .seed = plan.seed,
                                                       .most_examples = data.examples,
                                                       .leave_out = left_out(cast, data),
                                                       .wordings = data.wordings,
                                                       .most_of_topic = data.most_of_topic,
                                                       .dialogues = data.dialogues,
                                                       .alone = data.alone,
                                                       .named = data.named,
                                                       .after_talk = data.after_talk}));
    auto talks = tune::talks_of(samples);
    for (auto& talk : talks) talk.opening = pass == 0 ? 0 : data.opening;
    to.learnt.insert(to.learnt.end(), std::make_move_iterator(talks.begin()),
                     std::make_move_iterator(talks.end()));
  }
  to.hashes.emplace_back(data.folder, dataset::digest(cast));
  return {};
}

std::string minutes(std::chrono::seconds left) {
  if (left.count() < 90) return fmt::format("{} s", left.count());
  return fmt::format("{} min", (left.count() + 59) / 60);
}

// A line every few seconds, and the last.
class ProgressLine {
 public:
  void show(const tune::Progress& now) {
    constexpr auto kBetween = std::chrono::seconds(5);
    const auto at = SteadyClock::now();
    if (now.update != now.updates && shown_ && at - *shown_ < kBetween) return;
    shown_ = at;
    fmt::print(
        stderr,
        "update {}/{}  epoch {}/{}  loss {:.4f}  held-out {:.4f}  {:.0f} tokens/s  {} left\n",
        now.update, now.updates, now.epoch, now.epochs, now.loss, now.held_out,
        now.tokens_per_second, minutes(now.left));
    std::fflush(stderr);
  }

 private:
  std::optional<SteadyClock::time_point> shown_{};
};

void show(const tune::Evaluation& now) {
  if (now.tally.weight == 0) return;  // nothing is held out
  fmt::print(stderr, "after update {}: held-out loss {:.4f}{}\n", now.update, now.tally.mean(),
             now.is_best ? ", the best so far" : "");
  if (now.tally.right > 0) {
    fmt::print(stderr, "  prefers what was chosen in {:.1f} %\n",
               100 * now.tally.right / now.tally.weight);
  }
  for (const auto& one : now.answers) {
    fmt::print(stderr, "  > {}\n    {}{}\n", text::printable(one.question),
               text::printable(one.reply), one.ended ? "" : " ...");
  }
  std::fflush(stderr);
}

Result<tune::Plan> plan_of(const TuneArgs& args) {
  DRAMATIS_TRY(auto plan, tune::read_plan(args.recipe));
  if (!args.base.empty()) plan.base = {.model = args.base, .form = plan.base.form};
  if (!args.data.empty()) {
    (plan.method == tune::Method::kDpo ? plan.data.preferences : plan.data.conversations) =
        args.data;
  }
  if (!args.held_out.empty()) plan.data.held_out = args.held_out;
  if (!args.recompute.empty()) {
    const auto& words = tune::recompute_words();
    const auto place = std::find(words.begin(), words.end(), args.recompute) - words.begin();
    plan.steps.recompute = static_cast<tune::Recompute>(place);
  }
  if (!args.character.empty()) {
    if (plan.data.cast.folder.empty()) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("--character is for recipes with data.cast; {} has none.",
                              args.recipe.string()));
    }
    plan.data.cast.only = {args.character};
    plan.output.name = args.character;
  }
  return plan;
}

// A service takes adapters while it runs, and a whole model when it starts.
Status judge_serving(const TuneArgs& args, const tune::Plan& plan) {
  if (args.serve.address.empty()) {
    if (args.serve.as.empty() && args.serve.npc.empty() && args.serve.model.empty()) return {};
    return fail(ErrorCode::kInvalidArgument,
                "--serve-as, --serve-npc and --serve-model say more of --serve, which names the "
                "service: --serve http://127.0.0.1:8077.");
  }
  if (plan.method != tune::Method::kFull) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} trains a whole model (method: full), and --serve gives a running "
                          "service an adapter. Train with method: lora, or leave --serve away and "
                          "start the service with what comes out: dramatis serve --model "
                          "<run>/result/model.gguf.",
                          args.recipe.string()));
}

}  // namespace

Status run_tune(const TuneArgs& args, std::stop_token stop) {
  DRAMATIS_TRY(const auto plan, plan_of(args));
  DRAMATIS_DO(judge_serving(args, plan));
  DRAMATIS_TRY(const auto worker, worker_of_environment());
  const SystemClock clock;
  std::optional<ServiceClient> service;
  if (worker.rank == 0 && !args.serve.address.empty()) {
    DRAMATIS_TRY(service, ServiceClient::open(args.serve, clock, stop));
  }
  DRAMATIS_TRY(auto start, tune::start_of(plan));
  DRAMATIS_TRY(auto talks, tune::read_talks(plan.data));
  DRAMATIS_DO(add_cast(plan, start, talks));
  ProgressLine line;
  tune::Job job{.run = args.run, .worker = worker};
  if (job.run.empty()) {
    job.run = std::filesystem::path("build/runs") / args.recipe.stem();
    if (!args.character.empty()) job.run += "-" + args.character;
  }
  job.out = args.out.empty() ? job.run / "result" : args.out;
  if (worker.rank == 0) {
    job.hearers = {.keeping = [](const tune::Keeping& now) { fmt::print(stderr, "{}\n", now.why); },
                   .progress = [&line](const tune::Progress& now) { line.show(now); },
                   .evaluation = [](const tune::Evaluation& now) { show(now); }};
  }
  DRAMATIS_TRY(const auto facts, tune::tune(plan, start, talks, job, stop));
  if (worker.rank != 0) return {};
  if (facts.held_out == 0) {
    fmt::print("{}: update {}, nothing held out; {}\n", facts.name, facts.best_update,
               job.out.string());
  } else {
    fmt::print("{}: held-out loss {:.4f} before, {:.4f} after update {}; {}\n", facts.name,
               facts.first_loss, facts.best_loss, facts.best_update, job.out.string());
  }
  if (!service) return {};
  const std::string& name = args.serve.as.empty() ? plan.output.name : args.serve.as;
  DRAMATIS_TRY(const auto told, service->give(name, job.out / "adapter.gguf"));
  fmt::print("{}\n", told);
  return {};
}

Status run_compare(const std::vector<std::string>& folders) {
  std::vector<runs::Facts> found;
  for (const std::filesystem::path folder : folders) {
    auto facts = runs::read_facts(folder);
    if (!facts && facts.error().code == ErrorCode::kNotFound)
      facts = runs::read_facts(folder / "result");
    if (!facts) return tl::unexpected(std::move(facts).error());
    found.push_back(*std::move(facts));
  }
  fmt::print("{}", runs::print_comparison(found));
  return {};
}

}  // namespace dramatis::app
