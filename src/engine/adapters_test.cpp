#include "engine/adapters.h"

#include <array>
#include <functional>
#include <thread>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/testing/scratch_folder.h"
#include "engine/adapter_door.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "engine/testing/talking_model.h"
#include "lm/testing/scripted_model.h"
#include "model/testing/small_adapter.h"

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

// L2, L3
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

// L3
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

// While one set takes the place of another, both are there.
TEST(Adapters, DoNotSpeakBecauseTwoSetsHaveThem) {
  const auto config = model::read_config(formats::Gguf::read(kModel).value()).value();
  const auto one = Adapters::read(std::array{kLora}, config, "").value();
  const auto two = one.with(kPeft, config, "").value();
  for (const auto* set : {&one, &two}) {
    for (const auto& shown : set->list()) EXPECT_FALSE(shown.speaks) << shown.name;
  }
  const std::array chosen{lm::AdapterChoice{.name = "lora"}};
  const auto reply = two.choose(chosen, config).value();
  EXPECT_TRUE(one.list().front().speaks);
}

// L6
TEST(Adapters, TheirNumberIsBounded) {
  std::vector<AdapterFile> many;
  for (std::size_t n = 0; n <= kMaxAdapters; ++n)
    many.push_back({.name = fmt::format("{}", n), .path = "/no/such/adapter"});
  const auto refused = Engine::load(kModel, {.adapters = many});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kOverBudget) << refused.error().what;
}

// Two adapters of one model, as files.
class Voices : public ::testing::Test {
 protected:
  Voices() {
    for (const std::size_t which : {0U, 1U}) {
      const auto pairs = model::testing::small_pairs(testing::kTalking, 2, which + 1);
      scratch_.write(fmt::format("{}.gguf", which),
                     as_text(model::testing::gguf_adapter("llama", pairs, 4)));
    }
  }
  [[nodiscard]] AdapterFile voice(const std::string& name, std::size_t which) const {
    return {.name = name, .path = scratch_ / fmt::format("{}.gguf", which)};
  }
  static lm::Prompt ask(const std::string& name, double scale) {
    auto asked = testing::ask({.player = name, .persona = "You are Orlando."}, "Hi.");
    asked.adapters = {{.name = name, .scale = scale}};
    return asked;
  }

  ScratchFolder scratch_;
};

// L6
TEST_F(Voices, ComeAndGoAtAnEngineThatRuns) {
  const auto engine =
      testing::talking({.adapters = {voice("usual", 0)}, .for_all = {{.name = "usual"}}});
  GatheringSink sink;
  const auto how = testing::seeded(4);
  EXPECT_EQ(engine->load_adapter(voice("usual", 1)).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(engine->load_adapter({.name = "b", .path = "/no/such"}).error().code,
            ErrorCode::kNotFound);
  EXPECT_EQ(engine->unload_adapter("b").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(engine->unload_adapter("usual").error().code, ErrorCode::kConflict);
  ASSERT_TRUE(engine->load_adapter(voice("b", 1)));
  EXPECT_TRUE(engine->generate(ask("b", 1), how, sink, {}));
  ASSERT_TRUE(engine->unload_adapter("b"));
  EXPECT_EQ(engine->generate(ask("b", 1), how, sink, {}).error().code, ErrorCode::kNotFound);
  for (std::size_t n = 1; n < kMaxAdapters; ++n)
    ASSERT_TRUE(engine->load_adapter(voice(fmt::format("{}", n), 0)));
  EXPECT_EQ(engine->load_adapter(voice("b", 1)).error().code, ErrorCode::kOverBudget);
}

TEST_F(Voices, APromiseOfMemoryHasRoomForThoseItBeganWith) {
  const auto engine =
      testing::talking({.context = 512, .ram_bytes = 200'000'000, .adapters = {voice("a", 0)}});
  EXPECT_EQ(engine->load_adapter(voice("b", 1)).error().code, ErrorCode::kOverBudget);
  ASSERT_TRUE(engine->unload_adapter("a"));
  EXPECT_TRUE(engine->load_adapter(voice("b", 1)));
}

// At its first word another adapter takes the name of the one that speaks.
class SwappingSink final : public lm::TextSink {
 public:
  explicit SwappingSink(std::function<void()> swap) : swap_(std::move(swap)) {}
  [[nodiscard]] lm::Go write(std::string_view text) override {
    if (text_.empty()) swap_();
    text_ += text;
    return lm::Go::kOn;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::function<void()> swap_;
  std::string text_;
};

TEST_F(Voices, AChangedFileTakesTheNameOfTheOldOne) {
  const auto engine =
      testing::talking({.adapters = {voice("usual", 0)}, .for_all = {{.name = "usual"}}});
  AdapterDoor door(*engine);
  const auto how = testing::seeded(6);
  GatheringSink sink;
  const auto first = door.load_adapter("b", voice("b", 0).path);
  ASSERT_TRUE(first) << first.error().what;
  const auto before = engine->generate(ask("b", 1), how, sink, {}).value();
  const auto second = door.load_adapter("b", voice("b", 1).path).value();
  EXPECT_NE(second.checksum, first->checksum);
  const auto after = engine->generate(ask("b", 1), how, sink, {}).value();
  EXPECT_NE(after.text, before.text) << "no keys and values of the old one are read";
  ASSERT_EQ(after.adapters.size(), 1U);
  EXPECT_EQ(before.adapters.front().checksum, first->checksum);
  EXPECT_EQ(after.adapters.front().checksum, second.checksum);
  EXPECT_EQ(door.judge_adapter(voice("b", 1).path)->checksum, second.checksum);
  EXPECT_EQ(door.load_adapter("usual", voice("b", 1).path).error().code, ErrorCode::kConflict);
  EXPECT_FALSE(door.load_adapter("b", "/no/such"));
  const auto all = door.list_adapters();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].checksum, second.checksum) << "what cannot be read takes no place";
  EXPECT_TRUE(all[1].for_all);
  ASSERT_TRUE(door.unload_adapter("b"));
  EXPECT_EQ(door.list_adapters().size(), 1U);
}

TEST_F(Voices, TellWhetherAReplyIsMadeWithThem) {
  const auto engine = testing::talking({});
  AdapterDoor door(*engine);
  ASSERT_TRUE(door.load_adapter("b", voice("b", 0).path));
  const auto asked = ask("b", 1);
  {
    const Session reply(nullptr, {.adapters = engine->adapters().choose(asked.adapters).value()},
                        {});
    EXPECT_TRUE(door.list_adapters().front().speaks);
  }
  EXPECT_FALSE(door.list_adapters().front().speaks);
  GatheringSink sink;
  ASSERT_TRUE(engine->generate(asked, testing::seeded(4), sink, {}));
  EXPECT_FALSE(door.list_adapters().front().speaks);
}

// Who unloads an adapter as soon as its reply has come is not told that one is being made.
TEST_F(Voices, AreLetGoOfBeforeTheEndOfAReplyIsHeard) {
  const auto engine = testing::talking({});
  ASSERT_TRUE(engine->load_adapter(voice("b", 0)));
  const auto asked = ask("b", 1);
  Session session(nullptr, {.adapters = engine->adapters().choose(asked.adapters).value()}, {});
  EXPECT_TRUE(engine->adapters().list().front().speaks);
  session.finish({});
  EXPECT_FALSE(engine->adapters().list().front().speaks) << "though the session is still there";
  EXPECT_FALSE(session.hear().value());
}

TEST_F(Voices, APromiseOfMemoryHasRoomForWhatIsSetAside) {
  const auto engine =
      testing::talking({.context = 512, .ram_bytes = 200'000'000, .adapter_bytes = 1'000'000});
  EXPECT_TRUE(engine->load_adapter(voice("b", 1)));
}

// L5: two thousand adapters are loaded, scaled and unloaded while eight streams decode, each in the
// middle of a reply that it was chosen for.
TEST_F(Voices, AReplyKeepsTheOneItBeganWith) {
  constexpr std::array<double, 3> kScales = {1, 0.5, -2};
  const auto how = testing::seeded(6);
  const auto engine = testing::talking({.threads = 2, .context = 512, .kv_bytes = 4 << 20});
  std::array<std::array<std::string, kScales.size()>, 2> wanted;
  for (std::size_t which = 0; which < 2; ++which) {
    ASSERT_TRUE(engine->load_adapter(voice("alone", which)));
    for (std::size_t s = 0; s < kScales.size(); ++s) {
      GatheringSink sink;
      wanted[which][s] = engine->generate(ask("alone", kScales[s]), how, sink, {}).value().text;
    }
    ASSERT_TRUE(engine->unload_adapter("alone"));
  }
  EXPECT_NE(wanted[0], wanted[1]);
  EXPECT_NE(wanted[0][0], wanted[0][1]);
  std::vector<std::thread> streams;
  for (std::size_t stream = 0; stream < 8; ++stream) {
    streams.emplace_back([&, stream, name = fmt::format("voice {}", stream)] {
      for (std::size_t n = 0; n < 125; ++n) {
        const std::size_t which = (stream + n) % 2;
        const std::size_t s = n % kScales.size();
        ASSERT_TRUE(engine->load_adapter(voice(name, which)));
        SwappingSink sink([&] {
          EXPECT_TRUE(engine->unload_adapter(name));
          EXPECT_TRUE(engine->load_adapter(voice(name, 1 - which)));
        });
        const auto said = engine->generate(ask(name, kScales[s]), how, sink, {});
        ASSERT_TRUE(said) << said.error().what;
        EXPECT_EQ(said->text, wanted[which][s]);
        EXPECT_EQ(sink.text(), said->text);
        ASSERT_TRUE(engine->unload_adapter(name));
      }
    });
  }
  for (auto& stream : streams) stream.join();
  EXPECT_EQ(testing::when_idle(*engine).seated, 0U);
}

}  // namespace
}  // namespace dramatis::engine
