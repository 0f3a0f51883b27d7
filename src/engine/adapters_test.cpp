#include "engine/adapters.h"

#include <array>
#include <thread>

#include <gtest/gtest.h>

#include "engine/engine.h"
#include "lm/testing/scripted_model.h"

namespace dramatis::engine {
namespace {

using lm::testing::GatheringSink;

constexpr const char* kModel = DRAMATIS_SOURCE_DIR "/tests/golden/tiny-f32-tied.gguf";
const AdapterFile kLora{.name = "lora", .path = DRAMATIS_SOURCE_DIR "/tests/golden/tiny-lora.gguf"};
const AdapterFile kPeft{.name = "peft", .path = DRAMATIS_SOURCE_DIR "/tests/golden/tiny-lora"};

std::unique_ptr<Engine> engine_with(std::vector<AdapterFile> adapters,
                                    std::vector<lm::AdapterChoice> for_all = {}) {
  return Engine::load(
             kModel, {.threads = 2, .adapters = std::move(adapters), .for_all = std::move(for_all)})
      .value();
}

lm::Prompt prompt(std::vector<lm::AdapterChoice> adapters, std::string conversation = "a talk") {
  lm::Prompt asked;
  asked.messages = {{.role = lm::Role::kSystem, .text = "You are Orlando, a knight of Luminaria."},
                    {.role = lm::Role::kPlayer, .text = "Who are you?"}};
  asked.common_bytes = asked.messages.front().text.size();
  asked.asker.conversation = std::move(conversation);
  asked.adapters = std::move(adapters);
  return asked;
}

lm::Completion say(Engine& engine, const lm::Prompt& asked) {
  lm::Sampling how;
  how.temperature = 0;
  how.max_tokens = 24;
  GatheringSink sink;
  return engine.generate(asked, how, sink, {}).value();
}

TEST(Adapters, ChangeTheReplyAndTheirScaleCounts) {
  const auto engine = engine_with({kLora, kPeft});
  const auto plain = say(*engine, prompt({})).text;
  const auto adapted = say(*engine, prompt({{.name = "lora"}})).text;
  EXPECT_NE(adapted, plain);
  EXPECT_EQ(say(*engine, prompt({{.name = "peft"}})).text, adapted) << "one adapter in two forms";
  EXPECT_EQ(say(*engine, prompt({{.name = "lora", .scale = 0}})).text, plain);
  EXPECT_EQ(
      say(*engine, prompt({{.name = "lora", .scale = 0.25}, {.name = "peft", .scale = 0.75}})).text,
      adapted);
}

TEST(Adapters, ThoseForAllServePromptsThatChooseNone) {
  const auto chosen = say(*engine_with({kLora}), prompt({{.name = "lora"}}));
  EXPECT_EQ(say(*engine_with({kLora}, {{.name = "lora"}}), prompt({})).text, chosen.text);
}

TEST(Adapters, WhatIsComputedWithOneIsNeverReadWithAnother) {
  const auto engine = engine_with({kLora});
  const auto plain = say(*engine, prompt({}));
  const auto adapted = say(*engine, prompt({{.name = "lora"}}));
  EXPECT_EQ(adapted.cached_tokens, 0U);
  EXPECT_GT(say(*engine, prompt({{.name = "lora"}}, "another")).cached_tokens, 0U);
  EXPECT_EQ(adapted.text, say(*engine_with({kLora}), prompt({{.name = "lora"}})).text);
  EXPECT_EQ(say(*engine, prompt({})).text, plain.text);
}

TEST(Adapters, RowsOfOneBatchMayUseDifferentOnes) {
  const auto engine = engine_with({kLora});
  const std::array<lm::Prompt, 3> asked{prompt({}, "0"), prompt({{.name = "lora"}}, "1"),
                                        prompt({{.name = "lora", .scale = 0.5}}, "2")};
  std::array<std::string, 3> alone;
  for (std::size_t n = 0; n < 3; ++n) alone[n] = say(*engine_with({kLora}), asked[n]).text;
  std::array<std::string, 12> together;
  engine->pause();
  std::vector<std::thread> callers;
  for (std::size_t n = 0; n < together.size(); ++n)
    callers.emplace_back([&, n] { together[n] = say(*engine, asked[n % 3]).text; });
  engine->resume();
  for (auto& caller : callers) caller.join();
  for (std::size_t n = 0; n < together.size(); ++n) EXPECT_EQ(together[n], alone[n % 3]) << n;
}

TEST(Adapters, WhatIsNotThereIsNamed) {
  const auto engine = engine_with({kLora});
  GatheringSink sink;
  lm::Sampling how;
  how.max_tokens = 4;
  const auto failed = engine->generate(prompt({{.name = "elsa"}}), how, sink, {});
  EXPECT_EQ(failed.error().code, ErrorCode::kNotFound);
  EXPECT_NE(failed.error().what.find("loaded are: lora"), std::string::npos);
  EXPECT_EQ(engine->generate(prompt({{.name = "lora", .scale = 1e9}}), how, sink, {}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(Engine::load(kModel, {.adapters = {kLora, kLora}}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_FALSE(Engine::load(kModel, {.adapters = {{.name = "a", .path = kModel}}}));
  EXPECT_EQ(Engine::load(kModel, {.for_all = {{.name = "none"}}}).error().code,
            ErrorCode::kNotFound);
}

TEST(Adapters, OneForAnotherModelOfTheSameShapeIsTold) {
  EXPECT_TRUE(engine_with({kLora, kPeft})->warnings().empty());
  const auto config = model::read_config(formats::Gguf::read(kModel).value()).value();
  const auto warned = [&](std::string_view model) {
    const auto read = Adapters::read(std::array{kPeft}, config, model);
    EXPECT_TRUE(read);
    return !read->warnings().empty();
  };
  EXPECT_FALSE(warned("Tiny"));
  EXPECT_FALSE(warned("someone/Tiny-Instruct Q8_0"));
  EXPECT_FALSE(warned("")) << "a model without a name may be any";
  EXPECT_TRUE(warned("SmolLM2 135M"));
}

TEST(Adapters, TheirNumberIsBounded) {
  std::vector<AdapterFile> many;
  for (std::size_t n = 0; n <= kMaxAdapters; ++n)
    many.push_back({.name = fmt::format("{}", n), .path = "/no/such/adapter"});
  const auto refused = Engine::load(kModel, {.adapters = many});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kOverBudget) << refused.error().what;
}

}  // namespace
}  // namespace dramatis::engine
