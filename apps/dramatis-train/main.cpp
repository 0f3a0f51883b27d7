// dramatis-train: recipes in, models out. `dramatis train` runs it.
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stop_token>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/error_table.h"
#include "train/english.h"

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

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Trains the models that Dramatis ships.");
  app.require_subcommand(1);
  std::string recipe = "recipes/english-base.yaml";
  dramatis::train::EnglishJob job{.corpus = {}, .run = "build/runs/english", .out = "models/english-base.safetensors", .report = {}};
  if (const char* corpus = std::getenv("DRAMATIS_CORPUS")) job.corpus = corpus;
  auto* command = app.add_subcommand("english", "Teach a new model English from books");
  command->add_option("--recipe", recipe, "The recipe")->capture_default_str();
  command->add_option("--corpus", job.corpus, "The folder of books (DRAMATIS_CORPUS)");
  command->add_option("--run", job.run, "Where checkpoints are kept; the same folder goes on")->capture_default_str();
  command->add_option("--out", job.out, "The weights to write")->capture_default_str();
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
  return answer(english(recipe, job, stop.get_token()));
}
