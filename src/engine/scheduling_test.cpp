// Many callers at one engine: what they share, what they may not, and that nobody notices others.
#include <latch>
#include <thread>

#include <gtest/gtest.h>

#include "engine/testing/talking_model.h"
#include "kernels/testing/vector_units.h"
#include "lm/testing/scripted_model.h"

namespace dramatis::engine {
namespace {

using lm::testing::GatheringSink;
using tensor::Dtype;
using testing::ask;
using testing::seeded;
using testing::Talk;
using testing::talking;
using testing::when_idle;

std::string persona_of(int n) {
  return fmt::format("You are innkeeper number {}. You pour wine, and speak of the weather.", n);
}

lm::Completion say(Engine& engine, const lm::Prompt& asked, const lm::Sampling& how) {
  GatheringSink sink;
  auto said = engine.generate(asked, how, sink, {});
  EXPECT_TRUE(said) << said.error().what;
  EXPECT_EQ(sink.text(), said->text);
  EXPECT_EQ(said->cached_tokens + said->computed_tokens, said->prompt_tokens);
  return *std::move(said);
}

// Sixteen different requests of eight personas.
lm::Prompt request(int n) {
  return ask({.player = fmt::format("player {}", n), .persona = persona_of(n % 8)},
             fmt::format("What do you know of road {}?", n * n));
}

class InvarianceOf : public ::testing::TestWithParam<std::tuple<Dtype, Dtype>> {};

// A reply alone on one thread, and among sixteen, with pages computed by others or before, with
// background work, with little memory, while the number of threads changes.
TEST_P(InvarianceOf, AReplyIsTheSameAloneAndAmongOthersColdAndWarm) {
  const auto [weights, kv] = GetParam();
  std::vector<std::string> alone;
  for (int n = 0; n < 16; ++n) {
    const auto engine = talking({.threads = 1, .kv_dtype = kv}, weights);
    alone.push_back(say(*engine, request(n), seeded(24, n)).text);
  }
  for (const std::size_t threads : {1U, 2U}) {
    for (const std::size_t kv_bytes : {std::size_t{0}, std::size_t{30 * 16 * 512}}) {
      const auto engine = talking(
          {.threads = threads, .context = 256, .kv_bytes = kv_bytes, .kv_dtype = kv}, weights);
      for (int round = 0; round < 2; ++round) {
        std::vector<std::jthread> callers;
        for (int n = 0; n < 16; ++n) {
          callers.emplace_back([&, n] {
            auto asked = request(n);
            if (n % 5 == 0) asked.asker.urgency = lm::Urgency::kBackground;
            EXPECT_EQ(say(*engine, asked, seeded(24, n)).text, alone[n]) << n;
          });
        }
        EXPECT_TRUE(engine->set_threads(threads + 1));
        callers.clear();
      }
    }
  }
}

TEST_P(InvarianceOf, AReplyIsTheSameOnEveryVectorUnitThatFuses) {
  const auto [weights, kv] = GetParam();
  for (const auto rounding : {kernels::Rounding::kOnce, kernels::Rounding::kTwice}) {
    std::vector<std::string> wanted;
    for (const auto unit : kernels::testing::fusing_units()) {
      const kernels::testing::OnUnit on(unit);
      const auto engine = talking({.threads = 2, .kv_dtype = kv, .rounding = rounding}, weights);
      std::vector<std::string> replies(6);
      std::vector<std::jthread> callers;
      for (std::size_t n = 0; n < replies.size(); ++n) {
        callers.emplace_back([&, n] {
          replies[n] = say(*engine, request(static_cast<int>(n)), seeded(24, n)).text;
        });
      }
      callers.clear();
      if (wanted.empty()) wanted = replies;
      EXPECT_EQ(replies, wanted) << "on unit " << unit;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Weights, InvarianceOf,
    ::testing::Values(std::tuple(Dtype::kQ8_0, Dtype::kF16), std::tuple(Dtype::kF16, Dtype::kF16),
                      std::tuple(Dtype::kF32, Dtype::kF32), std::tuple(Dtype::kQ4_0, Dtype::kQ8_0)),
    [](const auto& each) {
      return fmt::format("{}_{}", tensor::dtype_row(std::get<0>(each.param)).name,
                         tensor::dtype_row(std::get<1>(each.param)).name);
    });

TEST(Sharing, WithoutAKeyNothingPastThePersonaIsReused) {
  const auto engine = talking();
  auto asked = ask({.player = "a", .persona = persona_of(1)}, "Hello there, innkeeper.");
  asked.asker.conversation.clear();
  const auto first = say(*engine, asked, seeded(8));
  EXPECT_EQ(first.cached_tokens, 0U);
  const auto again = say(*engine, asked, seeded(8));
  EXPECT_GE(again.cached_tokens, persona_of(1).size());
  EXPECT_LT(again.cached_tokens, persona_of(1).size() + 16);
  asked.common_bytes = 0;
  EXPECT_EQ(say(*engine, asked, seeded(8)).cached_tokens, 0U);
}

TEST(Sharing, TheSameWordsOfAnotherConversationAreComputedAgain) {
  const auto engine = talking();
  const std::string message = "The word is swordfish, and I tell it to you alone.";
  const auto first =
      say(*engine, ask({.player = "a", .persona = persona_of(1)}, message), seeded(8));
  const auto mine =
      say(*engine, ask({.player = "a", .persona = persona_of(1)}, message), seeded(8));
  EXPECT_EQ(mine.cached_tokens, mine.prompt_tokens - 1);
  const auto other =
      say(*engine, ask({.player = "b", .persona = persona_of(1)}, message), seeded(8));
  EXPECT_LT(other.cached_tokens, persona_of(1).size() + 16);
  EXPECT_EQ(other.text, first.text);
}

// Four personas, three players of each, two turns: every persona's tokens are computed once, every
// later turn computes its own words alone, and no page holds the words of two players.
TEST(Tavern, ComputesEachPersonaOnceAndKeepsPlayersApart) {
  constexpr int kPersonas = 4;
  constexpr int kPlayers = 12;
  const auto engine = talking({.threads = 2});
  std::vector<Talk> talks;
  for (int n = 0; n < kPlayers; ++n)
    talks.push_back({.player = fmt::format("{:c}{:c}{:c}{:c}", 'A' + n, 'a' + n, 'A' + n, 'a' + n),
                     .persona = persona_of(n % kPersonas)});
  std::vector<std::size_t> computed(kPlayers);
  std::vector<std::size_t> prompts(kPlayers);
  for (int turn = 0; turn < 2; ++turn) {
    std::vector<std::jthread> callers;
    for (int n = 0; n < kPlayers; ++n) {
      callers.emplace_back([&, n] {
        auto& talk = talks[n];
        const std::string message = talk.player + talk.player + " asks for wine.";
        const auto said = say(*engine, ask(talk, message), seeded(12, n));
        computed[n] = said.computed_tokens;
        prompts[n] = said.prompt_tokens;
        // The reply as it was is no text that encodes to the same bytes.
        talk.said.insert(talk.said.end(), {message, "Here it is."});
      });
    }
    callers.clear();
    std::size_t all = 0;
    std::size_t own = 0;
    for (int n = 0; n < kPlayers; ++n) {
      all += computed[n];
      own += prompts[n];
    }
    if (turn == 0) {
      // The whole prompts, less the persona and the marks around it for all but one of its players.
      const std::size_t saved = own - all;
      const std::size_t personas = (kPlayers - kPersonas) * persona_of(0).size();
      EXPECT_GE(saved, personas);
      EXPECT_LE(saved, personas + (kPlayers - kPersonas) * 16);
    }
  }
  engine->look_at_pages([&](const PageTree& pages) {
    std::size_t private_pages = 0;
    for (const auto& page : pages.shown()) {
      std::string text;
      for (const TokenId id : page.ids) text += engine->vocabulary().bytes_of(id);
      for (const auto& talk : talks) {
        const bool holds = text.find(talk.player) != std::string::npos;
        const bool owns = page.conversation == talk.player + "/" + talk.persona;
        EXPECT_TRUE(!holds || (owns && !page.common)) << text;
      }
      private_pages += page.common ? 0 : 1;
    }
    EXPECT_GT(private_pages, std::size_t{kPlayers});
    return 0;
  });
}

// Blocks at its first word until it may go on.
class StalledSink final : public lm::TextSink {
 public:
  [[nodiscard]] lm::Go write(std::string_view /*text*/) override {
    began.count_down(began.try_wait() ? 0 : 1);
    may_go.wait();
    return lm::Go::kOn;
  }
  std::latch began{1};
  std::latch may_go{1};
};

TEST(Scheduling, AStalledListenerStopsNobodyElse) {
  const auto engine = talking();
  StalledSink stalled;
  std::jthread caller([&] { EXPECT_TRUE(engine->generate(request(1), seeded(200), stalled, {})); });
  stalled.began.wait();
  EXPECT_FALSE(say(*engine, request(2), seeded(20)).text.empty());
  stalled.may_go.count_down();
}

TEST(Scheduling, RefusesAtOnceWhenTooManyAreThereOrTooManyOfOnePlayer) {
  const auto engine = talking();
  engine->pause();
  std::stop_source gone;
  std::vector<std::jthread> callers;
  const auto call = [&](std::string player) {
    callers.emplace_back([&, player = std::move(player)] {
      GatheringSink sink;
      auto asked = request(1);
      asked.asker.player = player;
      EXPECT_EQ(engine->generate(asked, seeded(4), sink, gone.get_token()).error().code,
                ErrorCode::kCancelled);
    });
    const std::size_t expected = callers.size();
    while (engine->counts().open < expected) std::this_thread::yield();
  };
  const auto refused = [&](std::string player) {
    GatheringSink sink;
    auto asked = request(1);
    asked.asker.player = std::move(player);
    return engine->generate(asked, seeded(4), sink, {}).error().code;
  };
  for (std::size_t n = 0; n < kMaxCallersOfOne; ++n) call("many");
  EXPECT_EQ(refused("many"), ErrorCode::kUnavailable);
  for (std::size_t n = kMaxCallersOfOne; n < kMaxCallers; ++n) call("");
  EXPECT_EQ(refused("other"), ErrorCode::kUnavailable);
  gone.request_stop();
  callers.clear();
  when_idle(*engine);
  engine->resume();
  EXPECT_FALSE(say(*engine, request(2), seeded(20)).text.empty());
}

// E10, E11
TEST(Scheduling, ADeadlinePassesWhileEverythingStands) {
  const auto engine = talking();
  engine->pause();
  GatheringSink sink;
  auto late = seeded(4);
  late.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(1);
  EXPECT_EQ(engine->generate(request(1), late, sink, {}).error().code, ErrorCode::kDeadline);
  EXPECT_EQ(when_idle(*engine).rows, 0U);
  engine->resume();
}

TEST(Scheduling, TakesAnotherCrewWhileItRuns) {
  const auto engine = talking({.threads = 1});
  const auto alone = say(*engine, request(1), seeded(60)).text;
  std::jthread caller([&] { EXPECT_EQ(say(*engine, request(1), seeded(60)).text, alone); });
  for (const std::size_t threads : {2U, 3U, 1U}) EXPECT_TRUE(engine->set_threads(threads));
  EXPECT_TRUE(engine->set_nice(5));
  EXPECT_TRUE(engine->set_nice(0));
  EXPECT_EQ(engine->set_threads(0).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(engine->set_nice(-1).error().code, ErrorCode::kInvalidArgument);
}

// E11
TEST(Scheduling, WhoIsStillThereAtTheEndIsTold) {
  auto engine = talking();
  engine->pause();
  GatheringSink sink;
  std::jthread caller([&, at = engine.get()] {
    EXPECT_EQ(at->generate(request(1), seeded(4), sink, {}).error().code, ErrorCode::kUnavailable);
  });
  while (engine->counts().open == 0) std::this_thread::yield();
  engine.reset();
}

}  // namespace
}  // namespace dramatis::engine
