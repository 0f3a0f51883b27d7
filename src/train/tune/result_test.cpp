#include "train/tune/result.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "convert/hugging_face.h"
#include "formats/peft.h"
#include "model/kv_cache.h"
#include "train/testing/small_tune.h"

namespace dramatis::train::tune {
namespace {

using ::testing::HasSubstr;
using testing::SmallTune;

constexpr const char* kAdapter =
    "lora: {rank: 4, alpha: 8}\noptimizer: {rate: 0.02}\n"
    "steps: {epochs: 3, pass_tokens: 256}\n";

struct Finished {
  Start start;
  runs::Facts facts;
};

Finished finish(const SmallTune& small, const Plan& plan) {
  auto start = start_of(plan).value();
  const auto talks = read_talks(plan.data).value();
  auto facts =
      tune(plan, start, talks, {.run = small.folder / "run", .out = small.folder / "out"}, {});
  EXPECT_TRUE(facts) << facts.error().what;
  return {.start = std::move(start), .facts = std::move(facts).value()};
}

std::vector<TokenId> some_ids() {
  std::vector<TokenId> ids;
  for (int n = 0; n < 24; ++n) ids.push_back(static_cast<TokenId>(30 + 7 * n % 90));
  return ids;
}

model::Logits logits(const model::Model& model, std::span<const model::AdapterUse> adapters) {
  runtime::ThreadPool threads(1);
  auto cache = model::KvCache::make(model.config(), 32, tensor::Dtype::kF32).value();
  return model
      .prefill(some_ids(), cache, model::Rows::kAll,
               {.threads = threads, .stop = {}, .adapters = adapters})
      .value();
}

void expect_near(const model::Logits& a, const model::Logits& b) {
  ASSERT_EQ(a.values.span().size(), b.values.span().size());
  double most = 0;
  for (std::size_t n = 0; n < a.values.span().size(); ++n)
    most = std::max(most, std::abs(static_cast<double>(a.values.span()[n] - b.values.span()[n])));
  EXPECT_LT(most, 1e-3);
}

class Adapters : public ::testing::TestWithParam<const char*> {};

TEST_P(Adapters, AreReadBackAndMergedGiveTheSameLogits) {
  const SmallTune small(GetParam());
  auto plan = small.plan(kAdapter);
  plan.output.gguf = "f32";
  const auto done = finish(small, plan);
  EXPECT_LT(done.facts.best_loss, done.facts.first_loss);

  const auto folder = formats::read_peft(small.folder / "out");
  ASSERT_TRUE(folder) << folder.error().what;
  EXPECT_EQ(folder->config.rank, 4U);
  EXPECT_EQ(folder->config.alpha, 8);
  std::set<std::string> names;
  for (const auto& tensor : folder->tensors.tensors()) names.insert(tensor.name);
  EXPECT_EQ(names.size(), 2 * 2 * 7U);  // layers, halves, modules
  EXPECT_TRUE(names.contains("base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight"));
  EXPECT_TRUE(names.contains("base_model.model.model.layers.0.mlp.down_proj.lora_B.weight"));

  const auto adapter = model::Adapter::from_peft(*folder, done.start.model.config());
  ASSERT_TRUE(adapter) << adapter.error().what;
  const model::AdapterUse use{.adapter = &*adapter};
  const auto merged =
      model::Model::bind(formats::Gguf::read(small.folder / "out" / "model.gguf").value()).value();
  const auto adapted = logits(done.start.model, {&use, 1});
  expect_near(adapted, logits(merged, {}));

  // What the engine computes is what was trained.
  Document document;
  for (const TokenId id : some_ids()) document.ids.push_back(static_cast<std::int32_t>(id));
  document.ids.push_back(0);  // a last token is only asked for
  document.learnt.assign(document.ids.size(), true);
  const Document* one = &document;
  const auto trained = done.start.network.logits(pack_batch({&one, 1})).contiguous();
  const float* at = trained.data_ptr<float>();
  ASSERT_EQ(static_cast<std::size_t>(trained.numel()), adapted.values.span().size());
  double most = 0;
  for (const float value : adapted.values.span())
    most = std::max(most, std::abs(static_cast<double>(value - *at++)));
  EXPECT_LT(most, 1e-3);
}

INSTANTIATE_TEST_SUITE_P(Bases, Adapters, ::testing::Values("llama", "qwen2"));

TEST(Results, OfFullTrainingAreAFolderThatIsReadBack) {
  const SmallTune small;
  auto plan = small.plan(
      "method: full\noptimizer: {rate: 0.002}\nsteps: {epochs: 2, pass_tokens: 256}\n"
      "evaluation: {reply_tokens: 4}\n");
  plan.output.gguf = "f32";
  plan.output.safetensors = true;
  (void)finish(small, plan);
  const auto whole =
      model::Model::bind(formats::Gguf::read(small.folder / "out" / "model.gguf").value()).value();
  auto folder = convert::read_folder(small.folder / "out", {});
  ASSERT_TRUE(folder) << folder.error().what;
  const auto read = model::Model::bind(std::move(folder->file)).value();
  expect_near(logits(whole, {}), logits(read, {}));
}

TEST(Results, ACardTellsDataLossesFiguresAndLimits) {
  const SmallTune small;
  const auto plan = small.plan(kAdapter);
  const auto done = finish(small, plan);
  const auto card = read_text_file(small.folder / "out" / "README.md", 1 << 20).value();
  EXPECT_THAT(card, HasSubstr("# small"));
  EXPECT_THAT(card, HasSubstr(done.facts.files.at(0).second));
  EXPECT_THAT(card, HasSubstr(done.start.checksum));
  EXPECT_THAT(card, HasSubstr(fmt::format("{:.4f}", done.facts.best_loss)));
  EXPECT_THAT(card, HasSubstr("## Limits"));
  EXPECT_THAT(card, HasSubstr("held out; the loss above is rough"));
  const auto facts = runs::read_facts(small.folder / "out");
  ASSERT_TRUE(facts) << facts.error().what;
  EXPECT_EQ(runs::print_card(*facts), card);
  EXPECT_EQ(facts->evaluations.size(), 4U);
}

TEST(Results, RunsAreComparedInATable) {
  runs::Facts with{.name = "open", .method = "lora", .base = "b", .lessons = "1"};
  with.rank = 8;
  with.best_loss = 1.25;
  runs::Facts without = with;
  without.name = "closed";
  without.sheet = false;
  without.lessons = "2";
  const auto table = runs::print_comparison({with, without});
  EXPECT_THAT(table, HasSubstr("| open | lora | b | in context | 8 |"));
  EXPECT_THAT(table, HasSubstr("| closed | lora | b | not in context | 8 |"));
  EXPECT_THAT(table, HasSubstr("1.2500"));
  EXPECT_THAT(table, HasSubstr("different tokens"));
}

// The recipes that are shipped, on a base and data of a test's size.
class Shipped : public ::testing::TestWithParam<const char*> {};

TEST_P(Shipped, RecipesRunOnASmallShape) {
  const SmallTune small;
  auto plan = read_plan(std::filesystem::path(DRAMATIS_SOURCE_DIR) / "recipes" / GetParam());
  ASSERT_TRUE(plan) << plan.error().what;
  plan->base = {.model = (small.folder / "base").string()};
  plan->data.conversations = {(small.folder / "lessons.jsonl").string()};
  plan->data.held_out.clear();
  plan->data.held_out_share = 0.25;
  plan->watch.reply_tokens = 4;
  const auto done = finish(small, *plan);
  EXPECT_EQ(done.facts.evaluations.size(), plan->steps.epochs + 1);
  EXPECT_LT(done.facts.best_loss, done.facts.first_loss);
  EXPECT_TRUE(std::filesystem::exists(small.folder / "out" / "model.gguf"));
}

INSTANTIATE_TEST_SUITE_P(Recipes, Shipped,
                         ::testing::Values("smollm2-135m.yaml", "smollm2-135m-closed.yaml",
                                           "smollm2-135m-lora.yaml"));

}  // namespace
}  // namespace dramatis::train::tune
