#include "engine/engine.h"

#include <algorithm>
#include <cmath>
#include <thread>

#include <gtest/gtest.h>

#include "lm/limits.h"
#include "lm/testing/scripted_model.h"
#include "text/utf8.h"

namespace dramatis::engine {
namespace {

using lm::testing::GatheringSink;

// A model of the repository with random weights: what it says is noise, but always the same noise.
constexpr const char* kTiny = DRAMATIS_SOURCE_DIR "/tests/golden/tiny-q8_0-tied.gguf";

std::unique_ptr<Engine> tiny(const EngineOptions& options = {}) {
  return Engine::load(kTiny, options).value();
}

lm::Prompt prompt(std::string player, std::string system = "You are Orlando.") {
  lm::Prompt asked;
  asked.common_bytes = system.size();
  asked.asker.conversation = "a talk";
  asked.messages = {{.role = lm::Role::kSystem, .text = std::move(system)},
                    {.role = lm::Role::kPlayer, .text = std::move(player)}};
  return asked;
}
lm::Sampling seeded(int max_tokens = 20) {
  lm::Sampling how;
  how.temperature = 1;
  how.max_tokens = max_tokens;
  how.seed = 7;
  return how;
}
lm::Completion say(Engine& engine, const lm::Prompt& asked, const lm::Sampling& how) {
  GatheringSink sink;
  auto said = engine.generate(asked, how, sink, {}).value();
  EXPECT_EQ(sink.text(), said.text);
  return said;
}

// Stops the reply after some pieces.
class StoppingSink final : public lm::TextSink {
 public:
  explicit StoppingSink(int pieces) : left_(pieces) {}
  [[nodiscard]] lm::Go write(std::string_view /*text*/) override {
    return --left_ > 0 ? lm::Go::kOn : lm::Go::kStop;
  }

 private:
  int left_;
};

TEST(Engine, VectorsHaveLengthOneAndDependOnTheirTextAlone) {
  const auto engine = tiny({.threads = 1});
  const std::vector<std::string> texts{"Where is the inn?", "A bell rings.", "Where is the inn?"};
  const auto vectors = engine->embed(texts, {}).value();
  ASSERT_EQ(vectors.size(), 3U);
  double length = 0;
  for (const float number : vectors[0]) length += number * number;
  EXPECT_NEAR(length, 1, 1e-5);
  EXPECT_EQ(vectors[0], vectors[2]);
  EXPECT_NE(vectors[0], vectors[1]);
  const auto alone = tiny({.threads = 2})->embed(std::span(texts).first(1), {}).value();
  EXPECT_EQ(vectors[0], alone[0]);
  EXPECT_EQ(engine->embed(std::vector<std::string>{""}, {}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(engine->embed(std::vector<std::string>(lm::kMaxEmbedTexts + 1), {}).error().code,
            ErrorCode::kOverBudget);
}

TEST(Engine, SaysTheSameForTheSameSeedOnAnyThreadsAndFromAnyCache) {
  const auto first = tiny({.threads = 1});
  const auto fresh = say(*first, prompt("Hi."), seeded());
  EXPECT_EQ(fresh.cached_tokens, 0U);
  const auto again = say(*first, prompt("Hi."), seeded());
  EXPECT_EQ(again.cached_tokens, again.prompt_tokens - 1);
  EXPECT_EQ(again.text, fresh.text);
  EXPECT_EQ(say(*tiny({.threads = 2}), prompt("Hi."), seeded()).text, fresh.text);
  EXPECT_EQ(say(*tiny({.threads = 3, .kv_bytes = 1 << 20}), prompt("Hi."), seeded()).text,
            fresh.text);
}

TEST(Engine, ComputesAPersonaOnce) {
  const auto engine = tiny();
  const auto first = say(*engine, prompt("Hi."), seeded(4));
  const auto other = say(*engine, prompt("Bye."), seeded(4));
  EXPECT_GT(other.cached_tokens, 10U);
  EXPECT_LT(other.cached_tokens, other.prompt_tokens);
  EXPECT_EQ(first.computed_tokens, first.prompt_tokens);
  EXPECT_EQ(other.cached_tokens + other.computed_tokens, other.prompt_tokens);
  // The template's own first tokens, and nothing of the persona.
  EXPECT_LT(say(*engine, prompt("Hi.", "Quite another."), seeded(4)).cached_tokens,
            other.cached_tokens);
}

TEST(Engine, CountsAndTellsWhyItStopped) {
  const auto engine = tiny();
  const auto said = say(*engine, prompt("Hi."), seeded(5));
  EXPECT_LE(said.generated_tokens, 5U);
  EXPECT_EQ(said.seed, 7U);
  EXPECT_GT(said.total.count(), 0);
  EXPECT_GE(said.total, said.first_word);
  if (said.generated_tokens == 5) {
    EXPECT_EQ(said.why, lm::StopReason::kLength);
  }
}

TEST(Engine, AStopStringEndsTheReplyAndIsNotShown) {
  const auto engine = tiny();
  const auto whole = say(*engine, prompt("Hi."), seeded()).text;
  ASSERT_GT(whole.size(), 6U);
  auto how = seeded();
  const auto cut = text::whole_prefix(std::string_view(whole).substr(0, whole.size() / 2));
  how.stop = {whole.substr(cut)};
  const auto said = say(*engine, prompt("Hi."), how);
  EXPECT_EQ(said.text, whole.substr(0, cut));
  EXPECT_EQ(said.why, lm::StopReason::kStopString);
}

TEST(Engine, StopsWhenAskedAndWorksOn) {
  const auto engine = tiny();
  StoppingSink impatient(2);
  EXPECT_EQ(engine->generate(prompt("Hi."), seeded(60), impatient, {}).error().code,
            ErrorCode::kCancelled);
  GatheringSink sink;
  std::stop_source asked;
  asked.request_stop();
  EXPECT_EQ(engine->generate(prompt("Hi."), seeded(), sink, asked.get_token()).error().code,
            ErrorCode::kCancelled);
  auto late = seeded();
  late.deadline = std::chrono::steady_clock::now();
  EXPECT_EQ(engine->generate(prompt("Hi."), late, sink, {}).error().code, ErrorCode::kDeadline);
  EXPECT_TRUE(sink.text().empty());
  EXPECT_FALSE(say(*engine, prompt("Hi."), seeded()).text.empty());
}

// Has enough after some pieces.
class SatedSink final : public lm::TextSink {
 public:
  explicit SatedSink(int pieces) : left_(pieces) {}
  [[nodiscard]] lm::Go write(std::string_view text) override {
    text_ += text;
    EXPECT_GT(left_, 0) << "nothing comes after it";
    return --left_ > 0 ? lm::Go::kOn : lm::Go::kEnough;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  int left_;
  std::string text_;
};

TEST(Engine, AListenerWhoHasEnoughGetsWhatCameWithItsCounts) {
  const auto engine = tiny();
  const auto whole = say(*engine, prompt("Hi."), seeded(60));
  SatedSink sated(2);
  const auto said = engine->generate(prompt("Hi."), seeded(60), sated, {});
  ASSERT_TRUE(said) << said.error().what;
  EXPECT_EQ(said->text, sated.text());
  EXPECT_EQ(whole.text.substr(0, said->text.size()), said->text);
  // On a busy machine its second piece may hold all the rest.
  EXPECT_LE(said->text.size(), whole.text.size());
  EXPECT_EQ(said->why, lm::StopReason::kLength);
  EXPECT_EQ(said->prompt_tokens, whole.prompt_tokens);
  EXPECT_EQ(said->cached_tokens + said->computed_tokens, said->prompt_tokens);
  EXPECT_EQ(engine->counts().open, 0U);
  EXPECT_EQ(say(*engine, prompt("Hi."), seeded(60)).text, whole.text);
}

TEST(Engine, RefusesWhatDoesNotFit) {
  const auto engine = tiny({.context = 64});
  GatheringSink sink;
  EXPECT_EQ(engine->generate(prompt(std::string(200, 'x')), seeded(), sink, {}).error().code,
            ErrorCode::kOverBudget);
  EXPECT_EQ(engine->generate(prompt("Hi."), seeded(60), sink, {}).error().code,
            ErrorCode::kOverBudget);
  auto cold = seeded();
  cold.temperature = -1;
  EXPECT_EQ(engine->generate(prompt("Hi."), cold, sink, {}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(Engine::load(kTiny, {.context = 100'000}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(Engine::load("/no/such.gguf", {}).error().code, ErrorCode::kNotFound);
}

TEST(Engine, ServesSeveralCallersAtOnce) {
  const auto engine = tiny({.threads = 2});
  const auto alone = say(*engine, prompt("Hi."), seeded()).text;
  const auto other = say(*engine, prompt("Bye."), seeded()).text;
  std::vector<std::jthread> callers;
  for (int caller = 0; caller < 6; ++caller) {
    callers.emplace_back([&, caller] {
      for (int turn = 0; turn < 5; ++turn) {
        EXPECT_EQ(say(*engine, prompt(caller % 2 == 0 ? "Hi." : "Bye."), seeded()).text,
                  caller % 2 == 0 ? alone : other);
      }
    });
  }
}

// Over all first tokens, probabilities sum to 1: so the scores of a reply and of its rivals must.
TEST(Engine, ScoresAreLogProbabilities) {
  const auto engine = tiny();
  const std::vector<std::string> replies = {"a", "b", "", "a longer reply"};
  const auto scores = engine->score(prompt("Hi."), replies, {}).value();
  ASSERT_EQ(scores.size(), 4U);
  for (const auto& score : scores) {
    EXPECT_LT(score.log_likelihood, 0);
    EXPECT_TRUE(std::isfinite(score.log_likelihood));
  }
  EXPECT_EQ(scores[2].tokens, 1U);
  EXPECT_EQ(scores[0].tokens, 2U);
  EXPECT_GT(scores[3].tokens, 3U);
  const auto again = engine->score(prompt("Hi."), replies, {}).value();
  EXPECT_EQ(again[3].log_likelihood, scores[3].log_likelihood);
}

TEST(Engine, GivesLogitsForIds) {
  const auto engine = tiny();
  const std::vector<TokenId> ids = {TokenId{1}, TokenId{37}, TokenId{200}};
  const auto logits = engine->logits(ids, model::Rows::kAll, {}).value();
  EXPECT_EQ(logits.rows, 3U);
  EXPECT_EQ(logits.vocabulary, engine->vocabulary().size());
  EXPECT_EQ(engine->logits({}, model::Rows::kAll, {}).error().code, ErrorCode::kOverBudget);
}

TEST(Engine, CountsTokensOfText) {
  const auto engine = tiny();
  EXPECT_EQ(engine->count_tokens("").value(), 0U);
  EXPECT_GT(engine->count_tokens("Once upon a time").value(), 3U);
  EXPECT_EQ(engine->context_size(), 128U);
  EXPECT_EQ(engine->name(), "tiny-q8_0-tied");
}

}  // namespace
}  // namespace dramatis::engine
