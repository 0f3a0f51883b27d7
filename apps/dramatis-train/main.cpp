// dramatis-train: recipes in, models out. `dramatis train` runs it.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stop_token>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/error_table.h"
#include "dataset/counting_model.h"
#include "dataset/digest.h"
#include "dataset/samples.h"
#include "dataset/wordings.h"
#include "persona/cast.h"
#include "search/matcher.h"
#include "train/cast.h"
#include "train/english.h"
#include "train/matcher.h"
#include "train/memory.h"
#include "train/tune/plan.h"
#include "tune.h"

namespace {

using dramatis::Result;
using dramatis::Status;
using dramatis::train::Progress;

// Set by the first Ctrl-C; a signal handler may touch nothing else.
volatile std::sig_atomic_t interrupted =
    0;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

// What the commands were told.
struct Told {
  std::string recipe, corpus, run, out, cast = "cast";
  std::string vocabulary = "models/vocabulary.gguf";
  std::string base = "models/english-base.safetensors";
  std::string matcher = "models/matcher.safetensors";
  dramatis::train::MatcherPlan plan;
};

void show(const Progress& now) {
  fmt::print(stderr, "step {}/{}  loss {:.3f}  held-out {:.3f}  {:.0f} tokens/s  {} min left\n",
             now.step, now.steps, now.loss, now.held_out, now.tokens_per_second,
             (now.left.count() + 59) / 60);
  std::fflush(stderr);
}

Status english(const Told& told, std::stop_token stop) {
  DRAMATIS_TRY(const auto recipe, dramatis::train::read_recipe(told.recipe));
  std::filesystem::create_directories(told.run);
  return dramatis::train::train_english(recipe,
                                        {.corpus = told.corpus,
                                         .vocabulary = told.vocabulary,
                                         .run = told.run,
                                         .out = told.out,
                                         .report = show},
                                        stop);
}

Status matcher(const Told& told, std::stop_token stop) {
  DRAMATIS_TRY(const auto cast, dramatis::persona::load_cast(told.cast));
  std::vector<dramatis::train::TopicLines> groups;
  for (auto& wordings : dramatis::dataset::wordings(cast)) {
    groups.push_back({.character = wordings.character,
                      .topic = wordings.topic,
                      .lines = std::move(wordings.lines)});
  }
  const auto report = [](std::size_t step, double loss) {
    fmt::print(stderr, "step {}  loss {:.3f}\n", step, loss);
  };
  DRAMATIS_TRY(const auto figures,
               dramatis::train::train_matcher(groups, told.plan, told.out, report, stop));
  fmt::print(
      "{} lines held out: topic found by words {:.1f} %, by the matcher {:.1f} %, by both {:.1f} "
      "%\n",
      figures.lines, 100 * figures.by_words, 100 * figures.by_matcher, 100 * figures.together);
  return {};
}

// Every pass of the recipe over the cast.
Result<std::vector<dramatis::dataset::Sample>> samples_of(const dramatis::train::Recipe& recipe,
                                                          const Told& told,
                                                          const dramatis::persona::Cast& cast) {
  DRAMATIS_TRY(const auto matcher, dramatis::search::Matcher::read(told.matcher));
  DRAMATIS_TRY(const auto examples, dramatis::prompt::Examples::build(cast, matcher));
  DRAMATIS_TRY(const auto vocabulary, dramatis::train::read_vocabulary(told.vocabulary));
  const dramatis::dataset::CountingModel counting(
      [&vocabulary](std::string_view text) -> Result<std::size_t> {
        DRAMATIS_TRY(const auto ids, dramatis::train::encode(vocabulary, text));
        return ids.size();
      },
      recipe.shape.context);
  std::vector<dramatis::dataset::Sample> all;
  for (std::size_t pass = 0; pass < recipe.passes; ++pass) {
    DRAMATIS_TRY(auto some, dramatis::dataset::samples(cast, examples, counting,
                                                       {.pass = pass,
                                                        .seed = recipe.seed,
                                                        .leave_out = recipe.leave_out,
                                                        .wordings = recipe.wordings}));
    all.insert(all.end(), std::make_move_iterator(some.begin()),
               std::make_move_iterator(some.end()));
  }
  return all;
}

// Whom the samples teach.
std::vector<std::string> taught(const dramatis::persona::Cast& cast,
                                const std::vector<std::string>& left_out) {
  std::vector<std::string> ids;
  for (const auto& member : cast.members) {
    const bool out = std::find(left_out.begin(), left_out.end(), member.sheet.id) != left_out.end();
    if (!out && !member.dialogues.empty()) ids.push_back(member.sheet.id);
  }
  return ids;
}

Status cast_stage(const Told& told, std::stop_token stop) {
  DRAMATIS_TRY(const auto recipe, dramatis::train::read_recipe(told.recipe));
  DRAMATIS_TRY(const auto cast, dramatis::persona::load_cast(told.cast));
  DRAMATIS_TRY(const auto samples, samples_of(recipe, told, cast));
  std::filesystem::create_directories(told.run);
  DRAMATIS_TRY(const auto figures,
               dramatis::train::train_cast(recipe, samples,
                                           {.base = told.base,
                                            .vocabulary = told.vocabulary,
                                            .run = told.run,
                                            .out = told.out,
                                            .data = dramatis::dataset::digest(cast),
                                            .characters = taught(cast, recipe.leave_out),
                                            .report = show},
                                           stop));
  fmt::print("{} samples; held-out loss {:.3f} before, {:.3f} after\n", figures.samples,
             figures.first_loss, figures.last_loss);
  return {};
}

void add_english(CLI::App& app, Told& told) {
  auto* command = app.add_subcommand("english", "Teach a new model English from books");
  command->add_option("--recipe", told.recipe, "The recipe")
      ->default_val("recipes/english-base.yaml");
  command->add_option("--corpus", told.corpus, "The folder of books")
      ->envname("DRAMATIS_CORPUS")
      ->required();
  command->add_option("--vocabulary", told.vocabulary, "From dramatis-vocabulary")
      ->capture_default_str();
  command->add_option("--run", told.run, "Where checkpoints are kept; the same folder goes on")
      ->default_val("build/runs/english");
  command->add_option("--out", told.out, "The weights to write")
      ->default_val("models/english-base.safetensors");
}

void add_matcher(CLI::App& app, Told& told) {
  auto* command = app.add_subcommand("matcher", "Teach the matcher what the cast's players ask");
  command->add_option("--cast", told.cast, "The folder of worlds")->capture_default_str();
  command->add_option("--out", told.out, "The file to write")
      ->default_val("models/matcher.safetensors");
  command->add_option("--steps", told.plan.steps, "Updates of each of the two trainings")
      ->capture_default_str();
  command->add_option("--rate", told.plan.rate, "Learning rate")->capture_default_str();
  command->add_option("--width", told.plan.width, "Width of the vectors")->capture_default_str();
  command->add_option("--dropped", told.plan.dropped, "Share of features hidden while training")
      ->capture_default_str();
}

void add_cast(CLI::App& app, Told& told) {
  auto* command = app.add_subcommand("cast", "Teach a base model to play a cast");
  command->add_option("--recipe", told.recipe, "The recipe")->default_val("recipes/hearth.yaml");
  command->add_option("--cast", told.cast, "The folder of worlds")->capture_default_str();
  command->add_option("--base", told.base, "Weights that know English; empty: from nothing")
      ->capture_default_str();
  command->add_option("--vocabulary", told.vocabulary, "From dramatis-vocabulary")
      ->capture_default_str();
  command->add_option("--matcher", told.matcher, "Finds the examples of the prompts")
      ->capture_default_str();
  command->add_option("--run", told.run, "Where checkpoints are kept; the same folder goes on")
      ->default_val("build/runs/cast");
  command->add_option("--out", told.out, "The model to write")->default_val("models/hearth.gguf");
}

void add_tune(CLI::App& app, dramatis::app::TuneArgs& args) {
  auto* command =
      app.add_subcommand("tune", "Teach a model what a recipe says; `train RECIPE` is the same");
  command->add_option("--recipe,recipe", args.recipe, "The recipe")->required();
  command->add_option("--base", args.base,
                      "A GGUF file, a Hugging Face folder or `hearth`, in place of the recipe's");
  command->add_option("--data", args.data, "Files of lessons in place of the recipe's");
  command->add_option("--held-out", args.held_out, "Files to measure by in place of the recipe's");
  command->add_option("--character", args.character,
                      "The one of the recipe's cast to teach, such as orlando-marlo");
  command
      ->add_option("--recompute", args.recompute,
                   "Whether layers are computed again on the way back, which takes less memory and "
                   "more time, in place of the recipe's steps.recompute. A run goes on with either")
      ->check(CLI::IsMember(dramatis::train::tune::recompute_words()));
  command->add_option("--run", args.run,
                      "Where checkpoints are kept; the same folder goes on. Default: "
                      "build/runs/<recipe>");
  command->add_option("--out", args.out, "Where the result is written. Default: <run>/result");
  auto& serve = args.serve;
  command->add_option("--serve", serve.address,
                      "A running service that gets the adapter: http://127.0.0.1:8077");
  command->add_option("--serve-as", serve.as,
                      "The adapter's name there. Default: the recipe's output.name");
  command->add_option("--serve-npc", serve.npc,
                      "Who speaks with it from then on: the NPC's id, character or name");
  command->add_option("--serve-model", serve.model,
                      "The service's model that it is for. Default: the NPC's, or its first");
  command->add_option("--serve-key-file", serve.key_file,
                      "The file whose first line is an owner's key of the service. Default: "
                      "DRAMATIS_SERVE_KEY_FILE");
  command->add_option("--serve-key-variable", serve.key_variable,
                      "The environment variable that holds such a key");
}

// What is told of the commands that have structures of their own.
struct Further {
  dramatis::app::TuneArgs tune;
  std::vector<std::string> compared;
};

Status carry_out(const CLI::App& app, const std::array<Told, 3>& told, const Further& further,
                 std::stop_token stop) {
  if (app.got_subcommand("tune")) return dramatis::app::run_tune(further.tune, std::move(stop));
  if (app.got_subcommand("compare")) return dramatis::app::run_compare(further.compared);
  if (app.got_subcommand("english")) return english(told[0], std::move(stop));
  if (app.got_subcommand("matcher")) return matcher(told[1], std::move(stop));
  return cast_stage(told[2], std::move(stop));
}

// `train RECIPE ARGS` is `train <its kind> --recipe RECIPE ARGS`.
Result<std::vector<std::string>> spelled_out(std::vector<std::string> words) {
  if (words.empty() || !std::filesystem::is_regular_file(words.front())) return words;
  DRAMATIS_TRY(auto kind, dramatis::train::tune::kind_of(words.front()));
  if (kind != "english" && kind != "cast" && kind != "tune") {
    return dramatis::fail(dramatis::ErrorCode::kInvalidArgument,
                          fmt::format("{}: 'kind' must be english, cast or tune.", words.front()));
  }
  words.insert(words.begin(), {std::move(kind), "--recipe"});
  return words;
}

// Of the commands, `tune` alone makes what a running service takes.
Status judge_serving(const std::vector<std::string>& words) {
  if (words.empty() || words.front() == "tune" || words.front() == "compare") return {};
  for (const std::string& word : words) {
    if (word != "--serve" && !word.starts_with("--serve=")) continue;
    return dramatis::fail(
        dramatis::ErrorCode::kInvalidArgument,
        fmt::format(
            "'{}' makes a whole file, and --serve gives a running service an adapter. Leave "
            "--serve away and start the service with what comes out (dramatis serve --model "
            "FILE), or train an adapter: a recipe of the kind tune.",
            words.front()));
  }
  return {};
}

int complain(const dramatis::Error& error) {
  fmt::print(stderr, "dramatis-train: {}\n", error.what);
  return dramatis::error_row(error.code).exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  dramatis::train::keep_freed_memory();
  CLI::App app("Recipes in, models and adapters out. `dramatis-train RECIPE` does what it says.",
               "dramatis-train");
  app.require_subcommand(1);
  std::array<Told, 3> told;
  add_english(app, told[0]);
  add_matcher(app, told[1]);
  add_cast(app, told[2]);
  Further further;
  add_tune(app, further.tune);
  app.add_subcommand("compare", "Put results of runs side by side")
      ->add_option("runs", further.compared, "Folders of runs or of their results")
      ->required();
  auto words = spelled_out({argv + 1, argv + argc});
  if (!words) return complain(words.error());
  if (const auto fit = judge_serving(*words); !fit) return complain(fit.error());
  std::reverse(words->begin(), words->end());  // as CLI11 takes them
  try {
    app.parse(*words);
  } catch (const CLI::ParseError& fault) {
    return app.exit(fault);
  }

  std::stop_source stop;
  std::signal(SIGINT, [](int) { interrupted = 1; });
  std::signal(SIGTERM, [](int) { interrupted = 1; });
  const std::jthread watch([&stop](const std::stop_token& done) {
    while (!done.stop_requested()) {
      if (interrupted != 0) stop.request_stop();
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  });
  const Status done = carry_out(app, told, further, stop.get_token());
  return done ? 0 : complain(done.error());
}
