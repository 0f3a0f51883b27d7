// dramatis dataset make and status: a recipe -> records, until all of it is made.
#include <fmt/format.h>

#include "base/files.h"
#include "dataset.h"
#include "dataset/exchanges.h"
#include "dataset/limits.h"
#include "dataset/run.h"
#include "dataset_desk.h"
#include "model_port.h"
#include "places.h"
#include "terminal.h"

namespace dramatis::app {
namespace {

// The models of a recipe, each opened once, with the writers that they are.
class Writers {
 public:
  Writers(const Settings& settings, const Clock& clock, dataset::Purse& purse)
      : settings_(settings), clock_(clock), purse_(purse) {}

  // Errors: those of open_model and open_named_model.
  [[nodiscard]] Result<std::unique_ptr<dataset::Writer>> open(const dataset::WriterChoice& choice) {
    auto found = models_.find(choice.model);
    if (found == models_.end()) {
      DRAMATIS_TRY(auto opened, choice.model.empty()
                                    ? open_model(settings_, clock_)
                                    : open_named_model(settings_, choice.model, clock_));
      found = models_.emplace(choice.model, std::move(opened)).first;
    }
    return std::make_unique<dataset::Writer>(*found->second.model, purse_, choice.price);
  }

 private:
  const Settings& settings_;
  const Clock& clock_;
  dataset::Purse& purse_;
  std::map<std::string, OpenedModel> models_;
};

// One run of all steps of all characters. One use.
class Making {
 public:
  Making(Desk& desk, dataset::Purse& purse, std::stop_token stop)
      : desk_(desk), purse_(purse), stop_(std::move(stop)) {}

  Result<dataset::RunEnd> make_exchanges(const std::string& character, Writers& writers) {
    const auto& recipe = desk_.recipe;
    const dataset::ExchangeRecipe exchanges{.character = character,
                                            .seed = recipe.seed,
                                            .examples = recipe.examples,
                                            .tries = recipe.tries,
                                            .question_temperature = recipe.questions.temperature,
                                            .answer_temperature = recipe.answers.temperature,
                                            .gates = recipe.gates};
    DRAMATIS_TRY(const auto asking, writers.open(recipe.questions));
    DRAMATIS_TRY(const auto answering, writers.open(recipe.answers));
    const auto& cast = desk_.studio.cast;
    DRAMATIS_TRY(const auto maker,
                 dataset::ExchangeMaker::make(exchanges, cast, desk_.studio.examples->examples,
                                              *asking, *answering));
    return step(character, "exchanges", dataset::digest(exchanges, cast, *asking, *answering),
                recipe.count,
                [&](std::uint64_t n, const std::stop_token& stop) { return maker.item(n, stop); });
  }

  Result<dataset::RunEnd> make_experiences(const std::string& character, Writers& writers) {
    const auto& recipe = desk_.recipe;
    DRAMATIS_TRY(const auto planning, writers.open(recipe.scenes));
    DRAMATIS_TRY(const auto writing, writers.open(recipe.dialogues));
    DRAMATIS_TRY(const auto maker,
                 dataset::ExperienceMaker::make(recipe, desk_.studio.cast, character,
                                                desk_.profile_of(character),
                                                {.scenes = *planning, .dialogues = *writing}));
    DRAMATIS_TRY(auto end, step(character, "scenes", maker.digest(), maker.requests(),
                                [&](std::uint64_t n, const std::stop_token& stop) {
                                  return maker.request(n, stop);
                                }));
    if (end != dataset::RunEnd::kWhole) return end;
    DRAMATIS_TRY(const auto records, desk_.records(character, "scenes"));
    DRAMATIS_TRY(const auto plan, dataset::plan_scenes(records, recipe.most_scenes, recipe.seed));
    DRAMATIS_TRY(end, step(character, "experiences", maker.digest(plan), plan.scenes.size(),
                           [&](std::uint64_t n, const std::stop_token& stop) {
                             return maker.experience(plan.scenes[n], n, stop);
                           }));
    if (end != dataset::RunEnd::kWhole) return end;
    return step(
        character, "protective", maker.digest(), maker.protective_scenes(),
        [&](std::uint64_t n, const std::stop_token& stop) { return maker.protective(n, stop); });
  }

 private:
  Result<dataset::RunEnd> step(const std::string& character, const std::string& name,
                               std::string recipe, std::uint64_t count,
                               const dataset::MakeItem& make) {
    DRAMATIS_TRY(const auto book,
                 desk_.archive->open({.character = character, .step = name},
                                     {.recipe = std::move(recipe), .count = count}));
    Meter meter(fmt::format("{}, {}", character, name));
    return dataset::run(
        {.at_once = desk_.recipe.at_once}, make, purse_, *book,
        [&meter](const dataset::RunState& state) {
          meter.show(static_cast<std::size_t>(state.made), static_cast<std::size_t>(state.all));
        },
        stop_);
  }

  Desk& desk_;
  dataset::Purse& purse_;
  const std::stop_token stop_;
};

struct StepState {
  std::string character, step;
  std::uint64_t made = 0;
  std::optional<std::uint64_t> all{};
};

Result<std::vector<StepState>> states_of(const Desk& desk) {
  std::vector<StepState> states;
  for (const auto& [character, step] : desk.steps()) {
    StepState state{.character = character, .step = step};
    DRAMATIS_TRY(const auto records, desk.records(character, step));
    state.made = records.empty() ? 0 : records.size() - 1;
    DRAMATIS_TRY(state.all, items_of_step(desk, character, step));
    states.push_back(std::move(state));
  }
  return states;
}

Status print_status(const Desk& desk, Output output) {
  DRAMATIS_TRY(const auto states, states_of(desk));
  DRAMATIS_TRY(const auto cost, cost_so_far(desk));
  DRAMATIS_TRY(const auto hands, desk.archive->hands());
  if (output == Output::kJson) {
    text::JsonArray steps;
    for (const auto& state : states) {
      text::JsonObject step{
          {"character", state.character}, {"step", state.step}, {"made", state.made}};
      step.emplace_back("all", state.all ? text::Json(*state.all) : text::Json());
      steps.emplace_back(std::move(step));
    }
    text::JsonObject told{{desk.database ? "run" : "folder", desk.archive->place()},
                          {"steps", std::move(steps)},
                          {"cost", dataset::json_of(cost)}};
    if (desk.database) {
      told.emplace_back("workers", hands.workers);
      told.emplace_back("under_way", hands.items);
    }
    fmt::print("{}\n", text::print_json(text::Json(std::move(told))));
    return {};
  }
  for (const auto& state : states) {
    fmt::print("{:<28} {:<12} {:>7} of {}\n", state.character, state.step, state.made,
               state.all ? std::to_string(*state.all) : "what the scenes give");
  }
  const SystemClock clock;
  if (hands.items > 0) fmt::print("{} under way; workers: {}.\n", hands.items, hands.workers);
  fmt::print("Cost: {}.\nKept in {}\n", dataset::Purse({}, clock, cost).print(),
             desk.archive->place());
  return {};
}

// A copy in the run's folder, for whoever curates it without the recipe.
Status keep_recipe(const std::filesystem::path& recipe, const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("{} cannot be made: {}.", folder.string(), failed.message()));
  }
  DRAMATIS_TRY(const auto yaml, read_text_file(recipe, dataset::kMaxRecipeBytes));
  return write_text(folder / dataset::kRecipeCopy, yaml);
}

Result<int> make(const Settings& settings, const DatasetArgs& args) {
  Signals signals;
  const std::stop_token stop = signals.begin_work();
  DRAMATIS_TRY(const auto desk, open_desk(settings, args));
  if (args.anew) DRAMATIS_DO(desk->archive->put_aside(desk->steps()));
  if (args.database.empty()) DRAMATIS_DO(keep_recipe(args.recipe, desk->folder));
  DRAMATIS_TRY(const auto before, cost_so_far(*desk));
  dataset::Purse purse(desk->recipe.budget, desk->studio.clock, before, desk->archive->till());
  Writers writers(settings, desk->studio.clock, purse);
  Making making(*desk, purse, stop);
  auto end = dataset::RunEnd::kWhole;
  for (const auto& character : desk->characters) {
    auto made = desk->recipe.kind == dataset::DataKind::kExchanges
                    ? making.make_exchanges(character, writers)
                    : making.make_experiences(character, writers);
    if (!made) {
      fmt::print(stderr, "What was made is kept; the same command does the rest.\n");
      return tl::unexpected(made.error());
    }
    end = *made;
    if (end != dataset::RunEnd::kWhole) break;
  }
  DRAMATIS_DO(print_status(*desk, args.output));
  if (end == dataset::RunEnd::kWhole) return 0;
  fmt::print(stderr, "{} What was made is kept; the same command does the rest.\n",
             end == dataset::RunEnd::kSpent ? "The budget is spent." : "Stopped.");
  return kNotWhole;
}

Result<int> status(const Settings& settings, const DatasetArgs& args) {
  DRAMATIS_TRY(const auto desk, open_desk(settings, args));
  DRAMATIS_DO(print_status(*desk, args.output));
  return 0;
}

}  // namespace

int run_dataset_make(const Settings& settings, const DatasetArgs& args) {
  prepare_memory(settings);
  const auto done = make(settings, args);
  return done ? *done : complain(done.error());
}

int run_dataset_status(const Settings& settings, const DatasetArgs& args) {
  const auto done = status(settings, args);
  return done ? *done : complain(done.error());
}

}  // namespace dramatis::app
