#include "train/tune/learn.h"

#include <cmath>
#include <csignal>
#include <cstdlib>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "train/testing/plain_trainer.h"
#include "train/testing/small_tune.h"
#include "train/tune/folder_names.h"
#include "train/tune/order.h"

namespace dramatis::train::tune {
namespace {

using testing::Ran;
using testing::run_plan;
using testing::SmallTune;
using train::testing::PlainDocument;
using train::testing::PlainTrainer;

PlainDocument plain(const Document& document) {
  return {.ids = {document.ids.begin(), document.ids.end()}, .learnt = document.learnt};
}

// The plain reference on the same updates: their losses.
std::vector<double> reference(const Plan& plan, const Start& start,
                              const convert::testing::PlainModel& base) {
  PlainTrainer trainer(base);
  if (plan.method == Method::kFull) trainer.learn_everything();
  const auto& learnt = start.network.learnt();
  for (std::size_t n = 0; n < learnt.size() && plan.method != Method::kFull; n += 2) {
    const auto& name = learnt[n].first;
    EXPECT_THAT(name, ::testing::EndsWith(".weight.lora_a"));
    auto module = folder_name(name.substr(0, name.size() - 7)).value();  // without ".lora_a"
    module.resize(module.size() - 7);                                    // nor ".weight"
    const double rank = static_cast<double>(plan.lora.rank);
    trainer.adapt(module, learnt[n].second, learnt[n + 1].second,
                  plan.lora.alpha / (plan.lora.by_root ? std::sqrt(rank) : rank));
  }
  const auto lessons = lessons_of(read_talks(plan.data).value(), plan, start.speech).value().learnt;
  const auto updates = updates_of(lessons.lengths(), plan.steps, plan.seed);
  std::vector<double> losses;
  for (std::size_t u = 0; u < updates.size(); ++u) {
    auto sum = torch::zeros({}, torch::kFloat64);
    double weight = 0;
    for (const std::size_t item : updates[u].documents) {
      if (plan.method == Method::kDpo) {
        sum = sum + trainer.preference_loss(plain(lessons.documents[2 * item]),
                                            plain(lessons.documents[2 * item + 1]), plan.beta);
        weight += 1;
      } else {
        const auto& document = lessons.documents[item];
        sum = sum + trainer.loss_of(plain(document));
        for (std::size_t n = 1; n < document.ids.size(); ++n) weight += document.learnt[n] ? 1 : 0;
      }
    }
    losses.push_back((sum / weight).item<double>());
    // A third of the updates rise, the others fall along a straight line.
    const double share = rate_share(plan.steps, u, updates.size());
    trainer.update(sum / weight, plan.optimizer.rate * share, plan.optimizer.decay,
                   plan.optimizer.clip);
  }
  return losses;
}

struct Case {
  const char* name;
  const char* base;
  const char* rest;  // of the recipe
  bool of_pairs = false;
};

// Passes of 256 tokens hold several conversations each, so that packing and the sum over passes are
// tried in every case.
constexpr const char* kSteps =
    "steps: {epochs: 2, warmup: 0.3, fall: linear, batch: {conversations: 5}, pass_tokens: 256}\n";

class Updates : public ::testing::TestWithParam<Case> {};

TEST_P(Updates, EqualThePlainReference) {
  const SmallTune small(GetParam().base);
  const auto plan = small.plan(GetParam().rest, GetParam().of_pairs);
  auto start = start_of(plan).value();
  const auto expected = reference(plan, start, small.base);
  const auto ran = run_plan(plan, start, small.folder / "run");
  ASSERT_TRUE(ran.state) << ran.state.error().what;
  ASSERT_EQ(ran.losses.size(), expected.size());
  ASSERT_GT(expected.size(), 4U);
  EXPECT_GT(std::abs(expected.front() - expected.back()), 1e-3) << "nothing was learnt";
  for (std::size_t n = 0; n < expected.size(); ++n)
    EXPECT_NEAR(ran.losses[n], expected[n], 1e-4) << "update " << n + 1;
}

const std::string kFull =
    std::string("method: full\noptimizer: {rate: 0.002, weight_decay: 0.1}\n") + kSteps;
const std::string kLoraRest =
    std::string("method: lora\nlora: {rank: 4, alpha: 8}\noptimizer: {rate: 0.01}\n") + kSteps;
const std::string kRoot =
    std::string(
        "method: lora\nlora: {rank: 4, alpha: 8, rslora: true, targets: [q, v, down]}\n"
        "optimizer: {rate: 0.01}\n") +
    kSteps;
const std::string kDpoRest =
    std::string(
        "method: dpo\nlora: {rank: 4, alpha: 8}\ndpo: {beta: 0.3}\noptimizer: {rate: 0.01}\n") +
    kSteps;
const std::string kAccumulated =
    "method: lora\nlora: {rank: 4, alpha: 8}\noptimizer: {rate: 0.01, clip: 0.5}\n"
    "steps: {epochs: 3, fall: cosine, batch: {tokens: 200}, accumulation: 3, pass_tokens: 256}\n";

INSTANTIATE_TEST_SUITE_P(Methods, Updates,
                         ::testing::Values(Case{"Full", "llama", kFull.c_str()},
                                           Case{"FullOfQwen", "qwen2", kFull.c_str()},
                                           Case{"Lora", "llama", kLoraRest.c_str()},
                                           Case{"LoraOfQwen", "qwen2", kLoraRest.c_str()},
                                           Case{"LoraByRoot", "llama", kRoot.c_str()},
                                           Case{"Dpo", "llama", kDpoRest.c_str(), true},
                                           Case{"Accumulated", "llama", kAccumulated.c_str()}),
                         [](const auto& one) { return std::string(one.param.name); });

constexpr const char* kLong =
    "method: lora\nlora: {rank: 4, alpha: 8, dropout: 0.2}\noptimizer: {rate: 0.01}\n"
    "steps: {epochs: 20, most: 50, batch: {conversations: 4}, pass_tokens: 256, checkpoint: 10}\n"
    "evaluation: {every: 10}\n";

std::string bytes_of(const std::filesystem::path& path) {
  return read_text_file(path, 1 << 26).value();
}

constexpr const char* kLongByMuon =
    "method: lora\nlora: {rank: 4, alpha: 8}\noptimizer: {rule: muon, rate: 0.01}\n"
    "steps: {epochs: 20, most: 50, batch: {conversations: 4}, pass_tokens: 256, checkpoint: 10}\n"
    "evaluation: {every: 10}\n";

class StoppedRun : public ::testing::TestWithParam<const char*> {};

TEST_P(StoppedRun, GoesOnBitForBit) {
  const SmallTune small;
  const auto plan = small.plan(GetParam());
  auto whole = start_of(plan).value();
  const auto at_once = run_plan(plan, whole, small.folder / "whole");
  ASSERT_TRUE(at_once.state) << at_once.state.error().what;
  ASSERT_EQ(at_once.losses.size(), 50U);

  std::stop_source stop;
  const Hearers hearers{.progress =
                            [&stop](const Progress& now) {
                              if (now.update == 25) stop.request_stop();
                            },
                        .evaluation = {}};
  auto first = start_of(plan).value();
  const auto half = run_plan(plan, first, small.folder / "halves", hearers, stop.get_token());
  ASSERT_FALSE(half.state);
  EXPECT_EQ(half.state.error().code, ErrorCode::kCancelled);
  auto second = start_of(plan).value();
  const auto rest = run_plan(plan, second, small.folder / "halves");
  ASSERT_TRUE(rest.state) << rest.state.error().what;
  EXPECT_EQ(rest.losses, at_once.losses);
  EXPECT_EQ(rest.held_out, at_once.held_out);
  EXPECT_EQ(bytes_of(RunPlaces(small.folder / "whole").best),
            bytes_of(RunPlaces(small.folder / "halves").best));
  for (std::size_t n = 0; n < whole.network.learnt().size(); ++n) {
    EXPECT_TRUE(torch::equal(whole.network.learnt()[n].second, second.network.learnt()[n].second))
        << whole.network.learnt()[n].first;
  }
}

// The weights and losses of a run are those of any other way to compute it.
TEST(Learn, LayersComputedAgainGiveTheSameRun) {
  const SmallTune small;
  for (const auto& [method, of_pairs] :
       {std::pair("method: full\n", false),
        std::pair("method: lora\nlora: {rank: 4, dropout: 0.2}\n", false),
        std::pair("method: dpo\nlora: {rank: 4, dropout: 0.2}\n", true)}) {
    const auto ran = [&, method = method, of_pairs = of_pairs](const char* recompute,
                                                               const std::string& name) {
      const auto plan = small.plan(
          fmt::format("{}optimizer: {{rate: 0.01}}\nsteps: {{most: 6, batch: {{conversations: 4}}, "
                      "pass_tokens: 256, {}}}\n",
                      method, recompute),
          of_pairs);
      auto start = start_of(plan).value();
      auto run = run_plan(plan, start, small.folder / (plan.digest + name));
      EXPECT_TRUE(run.state) << run.state.error().what;
      const auto begin = runs::read_log(RunPlaces(small.folder / (plan.digest + name)).log).value();
      return std::tuple(run.losses, run.held_out, start.network.learnt(),
                        std::get<runs::Begin>(begin.front()));
    };
    const auto [losses, held_out, weights, kept] = ran("recompute: never", "never");
    EXPECT_FALSE(kept.recomputes);
    EXPECT_THAT(kept.memory, ::testing::HasSubstr("recompute is never"));
    for (const char* recompute : {"recompute: always", "pass_memory: 1kB"}) {
      const auto [again, measured, learnt, begin] = ran(recompute, "again");
      EXPECT_EQ(again, losses);
      EXPECT_EQ(measured, held_out);
      for (std::size_t n = 0; n < weights.size(); ++n)
        EXPECT_TRUE(torch::equal(learnt[n].second, weights[n].second)) << weights[n].first;
      EXPECT_TRUE(begin.recomputes);
      EXPECT_THAT(begin.memory, ::testing::HasSubstr("Layers are computed again"));
    }
  }
}

// A run that memory stopped goes on with less.
TEST(Learn, AStoppedRunGoesOnWithLayersComputedAgain) {
  const SmallTune small;
  auto plan = small.plan(kLong);
  plan.steps.most = 12;
  plan.steps.recompute = Recompute::kNever;
  auto whole = start_of(plan).value();
  const auto at_once = run_plan(plan, whole, small.folder / "whole");
  ASSERT_TRUE(at_once.state) << at_once.state.error().what;
  std::stop_source stop;
  const Hearers stops_at_5{.progress =
                               [&stop](const Progress& now) {
                                 if (now.update == 5) stop.request_stop();
                               },
                           .evaluation = {}};
  auto first = start_of(plan).value();
  EXPECT_FALSE(run_plan(plan, first, small.folder / "two", stops_at_5, stop.get_token()).state);
  plan.steps.recompute = Recompute::kAlways;
  auto second = start_of(plan).value();
  std::vector<Keep> heard;
  const auto rest =
      run_plan(plan, second, small.folder / "two",
               {.keeping = [&heard](const Keeping& now) { heard.push_back(now.keep); }});
  ASSERT_TRUE(rest.state) << rest.state.error().what;
  EXPECT_EQ(rest.losses, at_once.losses);
  EXPECT_THAT(heard, ::testing::ElementsAre(Keep::kInputs));
  EXPECT_EQ(bytes_of(RunPlaces(small.folder / "whole").best),
            bytes_of(RunPlaces(small.folder / "two").best));
}

INSTANTIATE_TEST_SUITE_P(Rules, StoppedRun, ::testing::Values(kLong, kLongByMuon));

TEST(Learn, ARunOfOtherDataIsRefused) {
  const SmallTune small;
  const auto plan = small.plan(kLong);
  std::stop_source stop;
  stop.request_stop();
  auto start = start_of(plan).value();
  EXPECT_FALSE(run_plan(plan, start, small.folder / "run", {}, stop.get_token()).state);
  small.folder.write("lessons.jsonl", testing::some_conversations(24, 5));
  auto again = start_of(plan).value();
  const auto ran = run_plan(plan, again, small.folder / "run");
  ASSERT_FALSE(ran.state);
  EXPECT_EQ(ran.state.error().code, ErrorCode::kConflict);
}

TEST(Learn, StopsWhereNothingGetsBetterAndKeepsTheBest) {
  const SmallTune small;
  // A rate that only makes things worse.
  const auto plan = small.plan(
      "method: full\noptimizer: {rate: 0.5}\n"
      "steps: {epochs: 50, batch: {conversations: 4}, pass_tokens: 256, fall: none}\n"
      "evaluation: {every: 1, patience: 2}\n");
  auto start = start_of(plan).value();
  const auto ran = run_plan(plan, start, small.folder / "run");
  ASSERT_TRUE(ran.state) << ran.state.error().what;
  EXPECT_EQ(ran.state->best_update, 0U);
  EXPECT_EQ(ran.state->update, 2U);
  auto untouched = start_of(plan).value();
  for (std::size_t n = 0; n < start.network.learnt().size(); ++n) {
    EXPECT_TRUE(
        torch::equal(start.network.learnt()[n].second, untouched.network.learnt()[n].second));
  }
}

TEST(Learn, AnswersTheSameQuestionsAtEachEvaluation) {
  const SmallTune small;
  const auto plan = small.plan(
      "method: lora\nlora: {rank: 2}\nsteps: {epochs: 2, pass_tokens: 256}\n"
      "evaluation: {questions: [who are you, where are you], sheet: You are Ida., reply_tokens: "
      "8}\n");
  std::vector<Evaluation> heard;
  auto start = start_of(plan).value();
  const auto ran = run_plan(
      plan, start, small.folder / "run",
      {.progress = {}, .evaluation = [&heard](const Evaluation& now) { heard.push_back(now); }});
  ASSERT_TRUE(ran.state) << ran.state.error().what;
  ASSERT_EQ(heard.size(), 3U);
  for (const auto& one : heard) {
    ASSERT_EQ(one.answers.size(), 2U);
    EXPECT_EQ(one.answers[1].question, "where are you");
  }
}

}  // namespace
}  // namespace dramatis::train::tune
