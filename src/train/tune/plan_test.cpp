#include "train/tune/plan.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dramatis::train::tune {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr std::string_view kHead = "kind: tune\nbase: {model: hearth}\n";
constexpr std::string_view kData = "data: {conversations: a.jsonl}\n";

std::string problem(const std::string& document) {
  const auto plan = parse_plan(document);
  return plan ? "none" : plan.error().what;
}

std::string with(std::string_view rest) {
  return std::string(kHead) + std::string(kData) + std::string(rest);
}

TEST(Plan, ReadsEveryField) {
  const auto plan = parse_plan(
      "kind: tune\nseed: 9\nbase: {model: base.gguf, template: llama3}\n"
      "data: {conversations: [a.jsonl, b.jsonl], held_out: c.jsonl, sheet: drop, learn: last,\n"
      "  most_tokens: 512, cast: {folder: cast, only: [orlando-marlo], passes: 3, examples: 0,\n"
      "  wordings: 0.5, most_of_topic: 60, alone: 0.9, named: true, after_talk: 0.1, opening: 8,\n"
      "  dialogues: false}}\n"
      "method: lora\nlora: {rank: 4, alpha: 8, rslora: true, dropout: 0.1, targets: [q, v]}\n"
      "optimizer: {rule: muon, rate: 0.001, betas: [0.8, 0.95], epsilon: 1e-6,\n"
      "  weight_decay: 0.1, clip: 0}\n"
      "steps: {epochs: 2, most: 7, warmup: 0.1, fall: linear, batch: {tokens: 900},\n"
      "  accumulation: 4, pass_tokens: 1024, checkpoint: 5, recompute: auto,\n"
      "  pass_memory: 1.5GB}\n"
      "evaluation: {every: 3, patience: 2, questions: [who are you], reply_tokens: 9}\n"
      "output: {name: x, gguf: f16, safetensors: true, adapter: bf16}\nnumbers: bf16\n");
  ASSERT_TRUE(plan) << plan.error().what;
  EXPECT_EQ(plan->seed, 9U);
  EXPECT_THAT(plan->data.conversations, ElementsAre("a.jsonl", "b.jsonl"));
  EXPECT_EQ(plan->data.sheet, Sheet::kDrop);
  EXPECT_EQ(plan->data.learnt, Learnt::kLast);
  EXPECT_EQ(plan->data.cast.passes, 3U);
  EXPECT_EQ(plan->data.cast.examples, 0U);
  EXPECT_TRUE(plan->lora.by_root);
  EXPECT_THAT(plan->lora.targets, ElementsAre("q", "v"));
  EXPECT_EQ(plan->data.cast.most_of_topic, 60U);
  EXPECT_DOUBLE_EQ(plan->data.cast.alone, 0.9);
  EXPECT_TRUE(plan->data.cast.named);
  EXPECT_DOUBLE_EQ(plan->data.cast.after_talk, 0.1);
  EXPECT_EQ(plan->data.cast.opening, 8U);
  EXPECT_FALSE(plan->data.cast.dialogues);
  EXPECT_EQ(plan->optimizer.rule, Rule::kMuon);
  EXPECT_DOUBLE_EQ(plan->optimizer.first, 0.8);
  EXPECT_DOUBLE_EQ(plan->optimizer.clip, 0);
  EXPECT_EQ(plan->steps.conversations, 0U);
  EXPECT_EQ(plan->steps.tokens, 900U);
  EXPECT_EQ(plan->steps.fall, Fall::kLinear);
  EXPECT_EQ(plan->steps.recompute, Recompute::kWhereMemoryAsks);
  EXPECT_EQ(plan->steps.pass_memory, 1'500'000'000U);
  EXPECT_EQ(plan->watch.patience, 2U);
  EXPECT_EQ(plan->output.adapter, formats::SafeDtype::kBF16);
  EXPECT_EQ(plan->numbers, Numbers::kBf16);
  EXPECT_THAT(plan->digest, SizeIs(64));
}

TEST(Plan, DefaultsAdaptEveryMatrix) {
  const auto plan = parse_plan(with(""));
  ASSERT_TRUE(plan) << plan.error().what;
  EXPECT_EQ(plan->method, Method::kLora);
  EXPECT_THAT(plan->lora.targets, ElementsAre("q", "k", "v", "o", "gate", "up", "down"));
}

TEST(Plan, ReadsSizesAndWhenToRecompute) {
  const auto read = [](std::string_view steps) {
    const auto plan = parse_plan(with(fmt::format("steps: {{{}}}\n", steps)));
    return plan ? plan->steps : Steps{.epochs = 0};
  };
  EXPECT_EQ(read("recompute: always").recompute, Recompute::kAlways);
  EXPECT_EQ(read("recompute: never").recompute, Recompute::kNever);
  EXPECT_EQ(read("epochs: 1").recompute, Recompute::kWhereMemoryAsks);
  EXPECT_EQ(read("pass_memory: 800 MB").pass_memory, 800'000'000U);
  EXPECT_EQ(read("pass_memory: '1kB'").pass_memory, 1000U);
  for (const char* wrong : {"800", "2GiB", "MB", "-1GB", "infGB", "nanGB", "2  GB", "2GBs", "1e9GB",
                            "0kB", "[1GB]", "''"}) {
    EXPECT_THAT(problem(with(fmt::format("steps: {{pass_memory: {}}}\n", wrong))),
                HasSubstr("line 4: 'pass_memory' takes a size from 1 kB to 1000 GB"))
        << wrong;
  }
  EXPECT_THAT(problem(with("steps: {recompute: sometimes}\n")),
              HasSubstr("'recompute' is one of auto, always, never"));
  EXPECT_THAT(problem(with("steps: {recompute: never, pass_memory: 1GB}\n")),
              HasSubstr("'pass_memory' is for 'recompute: auto'; with never nothing"));
  EXPECT_THAT(problem(with("steps: {recmpute: auto}\n")), HasSubstr("did you mean 'recompute'?"));
}

TEST(Plan, NamesTheLineAndTheFieldThatWasMeant) {
  EXPECT_THAT(problem(with("optimiser: {rate: 1}\n")),
              HasSubstr("line 4: A recipe of the kind tune has no field 'optimiser'; did you mean "
                        "'optimizer'?"));
  EXPECT_THAT(problem(with("lora:\n  rank: 4\n  alfa: 3\n")),
              HasSubstr("line 6: 'lora' has no field 'alfa'; did you mean 'alpha'?"));
  EXPECT_THAT(problem(with("steps: {xyzzy: 1}\n")), HasSubstr("it has epochs, most"));
}

TEST(Plan, NamesValuesThatAreOutOfRange) {
  EXPECT_THAT(problem(with("lora: {rank: 0}\n")), HasSubstr("line 4: 'rank' takes a whole number"));
  EXPECT_THAT(problem(with("lora: {rank: '4'}\n")), HasSubstr("'rank' takes a whole number"));
  EXPECT_THAT(problem(with("lora: {dropout: 1}\n")), HasSubstr("'dropout' takes a number"));
  EXPECT_THAT(problem(with("lora: {targets: [q, q]}\n")), HasSubstr("each once"));
  EXPECT_THAT(problem(with("lora: {targets: [head]}\n")), HasSubstr("some of q, k, v"));
  EXPECT_THAT(problem(with("method: qlora\n")), HasSubstr("'method' is one of full, lora, dpo"));
  EXPECT_THAT(problem(with("optimizer: {betas: [0.9]}\n")), HasSubstr("two numbers"));
  EXPECT_THAT(problem(with("steps: {epochs: many}\n")), HasSubstr("'epochs' takes a whole number"));
  EXPECT_THAT(problem(with("output: {gguf: q9}\n")), HasSubstr("line 4: "));
}

TEST(Plan, FieldsMustFitTogether) {
  EXPECT_THAT(problem(fmt::format("kind: tune\n{}", kData)), HasSubstr("'base' needs a model"));
  EXPECT_THAT(problem(std::string(kHead)), HasSubstr("'data' needs conversations or a cast"));
  EXPECT_THAT(problem(with("method: dpo\n")), HasSubstr("'preferences' alone"));
  EXPECT_THAT(problem(fmt::format("{}data: {{preferences: a.jsonl}}\n", kHead)),
              HasSubstr("preferences are for method dpo"));
  EXPECT_THAT(problem(with("steps: {pass_tokens: 100}\n")), HasSubstr("a whole conversation"));
  EXPECT_THAT(problem(fmt::format("kind: cast\n{}", kData)), HasSubstr("'kind' must be tune"));
  EXPECT_THAT(problem(fmt::format(
                  "kind: tune\nbase: {{shape: {{layers: 2, width: 8, feed_forward: 8, heads: 3, "
                  "kv_heads: 2, head_width: 4, context: 64}}, vocabulary: v.gguf}}\n{}",
                  kData)),
              HasSubstr("kv_heads divides heads"));
}

}  // namespace
}  // namespace dramatis::train::tune
