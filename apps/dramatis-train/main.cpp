// dramatis-train: recipes in, models out. `dramatis train` runs it.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <stop_token>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/error_table.h"
#include "persona/cast.h"
#include "train/english.h"
#include "train/matcher.h"

namespace {

using dramatis::train::Progress;

// Set by the first Ctrl-C; a signal handler may touch nothing else.
volatile std::sig_atomic_t interrupted = 0;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

void show(const Progress& now) {
  fmt::print(stderr, "step {}/{}  loss {:.3f}  held-out {:.3f}  {:.0f} tokens/s  {} min left\n", now.step, now.steps,
             now.loss, now.held_out, now.tokens_per_second, (now.left.count() + 59) / 60);
  std::fflush(stderr);
}

int answer(const dramatis::Status& done) {
  if (done) return 0;
  fmt::print(stderr, "dramatis-train: {}\n", done.error().what);
  return dramatis::error_row(done.error().code).exit_code;
}

dramatis::Status english(const std::string& recipe_path, dramatis::train::EnglishJob job, std::stop_token stop) {
  DRAMATIS_TRY(const auto recipe, dramatis::train::read_recipe(recipe_path));
  std::filesystem::create_directories(job.run);
  job.report = show;
  return dramatis::train::train_english(recipe, job, stop);
}

// The questions of a cast, topic by topic: those of its dialogues that stand by themselves, and the
// other wordings.
std::vector<dramatis::train::TopicLines> topics_of(const dramatis::persona::Cast& cast) {
  std::vector<dramatis::train::TopicLines> groups;
  for (const auto& member : cast.members) {
    std::map<std::string, std::vector<std::string>> lines;
    for (const auto& dialogue : member.dialogues) {
      for (const auto& exchange : dialogue.exchanges) {
        if (!exchange.follows) lines[exchange.topic].push_back(exchange.player);
      }
    }
    for (const auto& wordings : member.wordings) {
      auto& topic = lines[wordings.topic];
      topic.insert(topic.end(), wordings.lines.begin(), wordings.lines.end());
    }
    for (auto& [topic, all] : lines) groups.push_back({member.sheet.id, topic, std::move(all)});
  }
  return groups;
}

dramatis::Status matcher(const std::string& cast_folder, const std::string& out, const dramatis::train::MatcherPlan& plan,
                         std::stop_token stop) {
  DRAMATIS_TRY(const auto cast, dramatis::persona::load_cast(cast_folder));
  const auto report = [](std::size_t step, double loss) { fmt::print(stderr, "step {}  loss {:.3f}\n", step, loss); };
  DRAMATIS_TRY(const auto figures, dramatis::train::train_matcher(topics_of(cast), plan, out, report, stop));
  fmt::print("{} lines held out: topic found by words {:.1f} %, by the matcher {:.1f} %, by both {:.1f} %\n", figures.lines,
             100 * figures.by_words, 100 * figures.by_matcher, 100 * figures.together);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Trains the models that Dramatis ships.");
  app.require_subcommand(1);
  std::string recipe = "recipes/english-base.yaml";
  dramatis::train::EnglishJob job{.corpus = {}, .run = "build/runs/english", .out = "models/english-base.safetensors", .report = {}};
  if (const char* corpus = std::getenv("DRAMATIS_CORPUS")) job.corpus = corpus;
  auto* english_command = app.add_subcommand("english", "Teach a new model English from books");
  english_command->add_option("--recipe", recipe, "The recipe")->capture_default_str();
  english_command->add_option("--corpus", job.corpus, "The folder of books (DRAMATIS_CORPUS)");
  english_command->add_option("--run", job.run, "Where checkpoints are kept; the same folder goes on")->capture_default_str();
  english_command->add_option("--out", job.out, "The weights to write")->capture_default_str();
  std::string cast = "cast";
  std::string matcher_out = "models/matcher.safetensors";
  dramatis::train::MatcherPlan plan;
  auto* matcher_command = app.add_subcommand("matcher", "Teach the matcher what the cast's players ask");
  matcher_command->add_option("--cast", cast, "The folder of worlds")->capture_default_str();
  matcher_command->add_option("--out", matcher_out, "The file to write")->capture_default_str();
  matcher_command->add_option("--steps", plan.steps, "Updates of each of the two trainings")->capture_default_str();
  matcher_command->add_option("--rate", plan.rate, "Learning rate")->capture_default_str();
  matcher_command->add_option("--width", plan.width, "Width of the vectors")->capture_default_str();
  matcher_command->add_option("--dropped", plan.dropped, "Share of features hidden while training")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  std::stop_source stop;
  std::signal(SIGINT, [](int) { interrupted = 1; });
  std::signal(SIGTERM, [](int) { interrupted = 1; });
  const std::jthread watch([&stop](const std::stop_token& done) {
    while (!done.stop_requested()) {
      if (interrupted != 0) stop.request_stop();
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  });
  if (*matcher_command) return answer(matcher(cast, matcher_out, plan, stop.get_token()));
  return answer(english(recipe, job, stop.get_token()));
}
