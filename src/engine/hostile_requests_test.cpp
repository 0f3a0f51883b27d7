// Requests made to break an engine: each is refused by name or bounded, and the next one is served.
#include <atomic>
#include <cstdlib>
#include <limits>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "engine/testing/talking_model.h"
#include "lm/limits.h"
#include "lm/testing/scripted_model.h"
#include "text/utf8.h"

namespace dramatis::engine {
namespace {

using lm::testing::GatheringSink;
using testing::ask;
using testing::seeded;
using testing::talking;
using testing::when_idle;

lm::Prompt prompt(std::string message) {
  return ask({.player = "a", .persona = "You are Orlando."}, std::move(message));
}

class HostileRequests : public ::testing::Test {
 protected:
  void expect_refused(const lm::Prompt& asked, const lm::Sampling& how, ErrorCode code) {
    GatheringSink sink;
    const auto said = engine_->generate(asked, how, sink, {});
    ASSERT_FALSE(said);
    EXPECT_EQ(said.error().code, code) << said.error().what;
    EXPECT_TRUE(sink.text().empty());
  }
  void expect_served() {
    GatheringSink sink;
    const auto said = engine_->generate(prompt("Hi."), seeded(4), sink, {});
    EXPECT_TRUE(said) << said.error().what;
  }

  std::unique_ptr<Engine> engine_ = talking({.context = 512});
};

// E1, E2, E3, E4
TEST_F(HostileRequests, FieldsOutOfTheirRanges) {
  using Limits = std::numeric_limits<double>;
  const std::vector<void (*)(lm::Sampling&)> edits = {
      [](lm::Sampling& how) { how.max_tokens = -1; },
      [](lm::Sampling& how) { how.max_tokens = 0; },
      [](lm::Sampling& how) { how.max_tokens = std::numeric_limits<int>::max(); },
      [](lm::Sampling& how) { how.max_tokens = std::numeric_limits<int>::min(); },
      [](lm::Sampling& how) { how.temperature = Limits::quiet_NaN(); },
      [](lm::Sampling& how) { how.temperature = Limits::infinity(); },
      [](lm::Sampling& how) { how.temperature = -1; },
      [](lm::Sampling& how) { how.temperature = 1e308; },
      [](lm::Sampling& how) { how.top_k = -1; },
      [](lm::Sampling& how) { how.top_k = std::numeric_limits<int>::min(); },
      [](lm::Sampling& how) { how.top_p = 0; },
      [](lm::Sampling& how) { how.top_p = Limits::quiet_NaN(); },
      [](lm::Sampling& how) { how.top_p = 2; },
      [](lm::Sampling& how) { how.min_p = 1; },
      [](lm::Sampling& how) { how.min_p = Limits::quiet_NaN(); },
      [](lm::Sampling& how) { how.repetition_penalty = 0; },
      [](lm::Sampling& how) { how.repetition_penalty = Limits::infinity(); },
      [](lm::Sampling& how) { how.presence_penalty = Limits::quiet_NaN(); },
      [](lm::Sampling& how) { how.frequency_penalty = Limits::infinity(); },
      [](lm::Sampling& how) { how.repetition_window = -1; },
      [](lm::Sampling& how) { how.repetition_window = std::numeric_limits<int>::max(); },
      [](lm::Sampling& how) { how.stop.assign(10'000, "x"); },
      [](lm::Sampling& how) { how.stop = {""}; },
      [](lm::Sampling& how) { how.stop = {std::string(1 << 20, 'x')}; },
  };
  for (const auto edit : edits) {
    auto how = seeded(4);
    edit(how);
    expect_refused(prompt("Hi."), how, ErrorCode::kInvalidArgument);
  }
  expect_served();
}

// E2
TEST_F(HostileRequests, TheSmallestTemperatureDividesByNothing) {
  auto how = seeded(4);
  how.temperature = 1e-320;
  how.top_p = 1e-6;
  GatheringSink sink;
  const auto said = engine_->generate(prompt("Hi."), how, sink, {});
  EXPECT_TRUE(said) << said.error().what;
}

// E7
TEST_F(HostileRequests, PromptsOfEveryLength) {
  GatheringSink sink;
  const auto how = seeded(4);
  const std::size_t around = [&] {
    const auto said = engine_->generate(prompt("x"), how, sink, {}).value();
    return said.prompt_tokens - 1;
  }();
  const std::size_t most = 512 - around - 4;
  EXPECT_TRUE(engine_->generate(prompt(std::string(most, 'x')), how, sink, {}));
  GatheringSink none;
  expect_refused(prompt(std::string(most + 1, 'x')), how, ErrorCode::kOverBudget);
  expect_refused(prompt(std::string(1 << 20, 'x')), how, ErrorCode::kOverBudget);
  expect_refused(prompt(std::string(100'000'000, 'x')), how, ErrorCode::kOverBudget);
  for (const char* text : {"\xED\xA0\x80\xED\xB0\x80", "\xED\xB0\x80", "a\xFF"})
    expect_refused(prompt(text), how, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(engine_->generate(prompt(std::string(3, '\0')), how, sink, {}));
  EXPECT_TRUE(engine_->generate(prompt(""), how, sink, {}));
  // As many tokens as fit, none, one more, and nothing but control tokens.
  const auto ids = [](std::size_t count, int id) {
    return std::vector<TokenId>(count, static_cast<TokenId>(id));
  };
  EXPECT_TRUE(engine_->continue_tokens({.ids = ids(508, 50)}, how, sink, {}));
  EXPECT_EQ(engine_->continue_tokens({.ids = ids(509, 50)}, how, none, {}).error().code,
            ErrorCode::kOverBudget);
  EXPECT_TRUE(engine_->continue_tokens({.ids = ids(8, 2)}, how, sink, {}));
  EXPECT_EQ(engine_->continue_tokens({}, how, none, {}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(engine_->continue_tokens({.ids = {TokenId{-1}}}, how, none, {}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(engine_->continue_tokens({.ids = {TokenId{288}}}, how, none, {}).error().code,
            ErrorCode::kInvalidArgument);
  expect_served();
}

// E7
TEST_F(HostileRequests, MoreIsCommonThanThereIs) {
  auto asked = prompt("Hi.");
  asked.common_bytes = std::numeric_limits<std::size_t>::max();
  GatheringSink sink;
  EXPECT_TRUE(engine_->generate(asked, seeded(4), sink, {}));
  const auto again = engine_->generate(asked, seeded(4), sink, {}).value();
  EXPECT_EQ(again.computed_tokens, 1U);
  EXPECT_TRUE(engine_->continue_tokens(
      {.ids = {TokenId{1}, TokenId{50}}, .placement = {.common = 1'000'000}}, seeded(2), sink, {}));
}

// E5, E6
TEST_F(HostileRequests, GrammarsThatMayNotBe) {
  using Kind = lm::GrammarText::Kind;
  const std::string nested =
      "root ::= " + std::string(20'000, '(') + "\"a\"" + std::string(20'000, ')');
  const std::vector<lm::GrammarText> grammars = {
      {.text = nested},
      {.text = ""},
      {.text = "root ::= \"\""},
      {.text = "root ::= root \"a\""},
      {.text = "root ::= missing"},
      {.text = "root ::= \"x\"{0,1000000000}"},
      {.text = "not a grammar"},
      {.kind = Kind::kJsonSchema, .text = "{\"$ref\": \"https://example.org/schema\"}"},
      {.kind = Kind::kJsonSchema, .text = "{\"type\": \"string\", \"pattern\": \"(?<=x)\"}"},
      {.kind = Kind::kJsonSchema, .text = "{\"type\": \"string\", \"pattern\": \"^+\"}"},
      {.kind = Kind::kJsonSchema, .text = "{\"$ref\": \"#\"}"},
      {.kind = Kind::kJsonSchema, .text = std::string(3000, '[')},
  };
  for (const auto& grammar : grammars) {
    auto how = seeded(4);
    how.grammar = grammar;
    GatheringSink sink;
    EXPECT_FALSE(engine_->generate(prompt("Hi."), how, sink, {})) << grammar.text.substr(0, 40);
    EXPECT_TRUE(sink.text().empty());
  }
  expect_served();
}

// E5
TEST_F(HostileRequests, AReplyKeepsToItsGrammarAmongOthers) {
  std::vector<std::jthread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&, caller] {
      GatheringSink sink;
      auto how = seeded(40, caller);
      how.grammar = lm::GrammarText{.text = "root ::= \"yes\" | \"no\" | \"ask \" [a-z]{3}"};
      const auto said = engine_->generate(prompt("Is it open?"), how, sink, {}).value();
      const auto& text = said.text;
      EXPECT_TRUE(text == "yes" || text == "no" || (text.size() == 7 && text.starts_with("ask ")))
          << text;
      EXPECT_EQ(said.why, lm::StopReason::kEndOfTurn);
    });
  }
}

// E8
TEST_F(HostileRequests, LettersOfControlTokensStayLetters) {
  GatheringSink sink;
  auto how = seeded(1);
  const auto plain = engine_->generate(prompt("....."), how, sink, {}).value();
  const auto said = engine_->generate(prompt("</s>."), how, sink, {}).value();
  EXPECT_EQ(said.prompt_tokens, plain.prompt_tokens);
}

// E10
TEST_F(HostileRequests, ARepetitionWithoutEndStopsAtItsLength) {
  GatheringSink sink;
  auto how = seeded(200);
  how.temperature = 0;
  const auto said = engine_->generate(prompt("Repeat."), how, sink, {}).value();
  EXPECT_LE(said.generated_tokens, 200U);
  // The end of a turn is passed over.
  GatheringSink all;
  const auto on = engine_
                      ->continue_tokens({.ids = {TokenId{1}, TokenId{50}}, .ends = Ends::kIgnored},
                                        how, all, {})
                      .value();
  EXPECT_EQ(on.generated_tokens, 200U);
  EXPECT_EQ(on.why, lm::StopReason::kLength);
}

// Judges each piece by itself.
class WholeLetters final : public lm::TextSink {
 public:
  [[nodiscard]] lm::Go write(std::string_view text) override {
    EXPECT_TRUE(text::is_valid_utf8(text));
    text_ += text;
    return lm::Go::kOn;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// E9: tokens that are bytes, drawn at random, wherever the reply ends.
TEST_F(HostileRequests, OnlyWholeLettersAreSentWhateverTheModelDraws) {
  std::size_t repaired = 0;
  for (int n = 1; n <= 60; ++n) {
    WholeLetters sink;
    const auto said = engine_->generate(prompt("Hi."), seeded(n, n), sink, {}).value();
    EXPECT_EQ(said.text, sink.text());
    EXPECT_LE(said.generated_tokens, static_cast<std::size_t>(n));
    repaired += said.text.find("\xEF\xBF\xBD") != std::string::npos ? 1 : 0;
  }
  EXPECT_GT(repaired, 30U);
}

// Stops after some pieces.
class LeavingSink final : public lm::TextSink {
 public:
  explicit LeavingSink(std::uint64_t pieces) : left_(pieces) {}
  [[nodiscard]] lm::Go write(std::string_view /*text*/) override {
    return left_-- == 0 ? lm::Go::kStop : lm::Go::kOn;
  }

 private:
  std::uint64_t left_;
};

// How many times somebody leaves: a short form, or as DRAMATIS_LEAVES says.
int leaves() {
  const char* told = std::getenv("DRAMATIS_LEAVES");  // NOLINT(concurrency-mt-unsafe)
  return told != nullptr ? std::atoi(told) : 240;
}

// Leaves in some way at some time: before the queue, in it, in the prompt, at any word, at the
// deadline, after the end.
void leave_somehow(Engine& engine, Rng& rng, const std::string& player) {
  LeavingSink leaving(rng.below(12));
  std::stop_source asked;
  if (rng.below(8) == 0) asked.request_stop();
  auto how = seeded(static_cast<int>(1 + rng.below(10)), rng.next());
  if (rng.below(4) == 0)
    how.deadline = std::chrono::steady_clock::now() + std::chrono::microseconds(rng.below(2000));
  auto wanted = prompt(std::string(1 + rng.below(200), 'y'));
  wanted.asker = {.player = player, .conversation = player};
  if (rng.below(6) == 0) wanted.asker.urgency = lm::Urgency::kBackground;
  std::optional<std::jthread> other;
  if (rng.below(4) == 0) {
    other.emplace([&asked, spins = rng.below(20'000)] {
      for (std::uint64_t n = 0; n < spins; ++n) std::atomic_signal_fence(std::memory_order_seq_cst);
      asked.request_stop();
    });
  }
  const auto said = engine.generate(wanted, how, leaving, asked.get_token());
  if (said) {
    EXPECT_EQ(said->cached_tokens + said->computed_tokens, said->prompt_tokens);
  } else {
    EXPECT_TRUE(said.error().code == ErrorCode::kCancelled ||
                said.error().code == ErrorCode::kDeadline)
        << said.error().what;
  }
}

// E11: whoever leaves takes nothing along: neither seat nor page, nor anything of the next one's
// reply.
TEST(Leaving, AtAnyTimeFreesSeatAndPages) {
  for (const auto weights : {tensor::Dtype::kQ8_0, tensor::Dtype::kF16}) {
    const auto engine = talking({.threads = 2, .context = 512}, weights);
    GatheringSink sink;
    const auto before = engine->generate(prompt("Hi."), seeded(20), sink, {}).value();
    std::vector<std::jthread> callers;
    for (int caller = 0; caller < 4; ++caller) {
      callers.emplace_back([&engine, caller] {
        Rng rng(static_cast<std::uint64_t>(caller));
        for (int n = 0; n < leaves() / 8; ++n)
          leave_somehow(*engine, rng, fmt::format("player {}", caller));
      });
    }
    callers.clear();
    const auto counts = when_idle(*engine);
    EXPECT_EQ(counts.seated, 0U);
    EXPECT_EQ(counts.used_pages, counts.kept_pages);
    GatheringSink again;
    EXPECT_EQ(engine->generate(prompt("Hi."), seeded(20), again, {}).value().text, before.text);
  }
}

}  // namespace
}  // namespace dramatis::engine
