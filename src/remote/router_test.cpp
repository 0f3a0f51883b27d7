#include "remote/router.h"

#include <latch>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lm/testing/scripted_model.h"
#include "remote/limits.h"
#include "remote/testing/scripted_backend.h"
#include "runtime/testing/gathering_log_sink.h"

namespace dramatis::remote {
namespace {

using lm::testing::GatheringSink;
using lm::testing::ScriptedModel;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::busy;
using testing::fails;
using testing::ForwardClock;
using ::testing::HasSubstr;
using testing::lost;
using ::testing::Not;
using testing::says;
using testing::ScriptedBackend;
using testing::Turn;

lm::Prompt greeting() {
  lm::Prompt asked;
  asked.messages = {{lm::Role::kSystem, "You are X."}, {lm::Role::kPlayer, "Hello"}};
  return asked;
}

Failure failure_of(ErrorCode code, std::string what, Blame blame = Blame::kService) {
  Failure failure;
  failure.error = {code, std::move(what)};
  failure.blame = blame;
  return failure;
}

// Services by their scripts, and a router over them.
class RouterTest : public ::testing::Test {
 protected:
  ScriptedBackend& add(ScriptedBackend::Script script, Seat seat = {}, Price price = {}) {
    auto backend = std::make_unique<ScriptedBackend>(std::move(script));
    auto& added = *backend;
    seat.name = fmt::format("service {}", endpoints_.size());
    endpoints_.push_back({.backend = std::move(backend), .seat = seat, .price = price});
    return added;
  }
  ScriptedBackend& add_turns(std::vector<Turn> turns, Seat seat = {}) {
    return add(
        [turns](std::size_t n, const lm::Prompt&) { return turns[std::min(n, turns.size() - 1)]; },
        std::move(seat));
  }
  Router& open() {
    options_.name = "big";
    options_.retry_base = milliseconds(1);
    router_ = Router::open(options_, std::move(endpoints_), fallback_, Rng(5),
                           {.clock = clock_, .metrics = metrics_, .log = log_, .ledger = ledger_})
                  .value();
    return *router_;
  }
  Result<lm::Completion> ask(const lm::Prompt& asked = greeting()) {
    return router_->generate(asked, how_, sink_, stop_.get_token());
  }

  ForwardClock clock_;
  runtime::Metrics metrics_;
  runtime::testing::GatheringLogSink lines_;
  runtime::Log log_{lines_, clock_};
  SpendLedger* ledger_ = nullptr;
  RouterOptions options_;
  std::vector<Endpoint> endpoints_;
  Fallback fallback_;
  std::unique_ptr<Router> router_;
  lm::Sampling how_;
  GatheringSink sink_;
  std::stop_source stop_;
};

TEST_F(RouterTest, SaysWhoSpoke) {
  add_turns({says("Well met.")});
  open();
  const auto said = ask().value();
  EXPECT_EQ(said.text, "Well met.");
  EXPECT_EQ(sink_.text(), "Well met.");
  EXPECT_EQ(said.model, "big");
}

TEST_F(RouterTest, SpreadsByWeight) {
  auto& light = add_turns({says("a")}, {.weight = 1});
  auto& heavy = add_turns({says("b")}, {.weight = 3});
  open();
  for (int n = 0; n < 40; ++n) ASSERT_TRUE(ask());
  EXPECT_EQ(light.tries(), 10U);
  EXPECT_EQ(heavy.tries(), 30U);
}

TEST_F(RouterTest, AsksWhomFewestAreAt) {
  std::latch inside(1), go(1);
  auto& held = add([&](std::size_t, const lm::Prompt&) {
    inside.count_down();
    go.wait();
    return says("a");
  });
  auto& free = add_turns({says("b")});
  open();
  std::jthread first([this] {
    GatheringSink sink;
    EXPECT_TRUE(router_->generate(greeting(), {}, sink, {}));
  });
  inside.wait();
  for (int n = 0; n < 5; ++n) ASSERT_TRUE(ask());
  EXPECT_EQ(held.tries(), 1U);
  EXPECT_EQ(free.tries(), 5U);
  EXPECT_EQ(router_->health()[0].in_flight, 1U);
  go.count_down();
}

TEST_F(RouterTest, WaitsForAPlaceWhereAllAreFull) {
  std::latch inside(1), go(1);
  add(
      [&](std::size_t n, const lm::Prompt&) {
        if (n == 0) {
          inside.count_down();
          go.wait();
        }
        return says("a");
      },
      {.most_in_flight = 1});
  open();
  std::jthread first([this] {
    GatheringSink sink;
    EXPECT_TRUE(router_->generate(greeting(), {}, sink, {}));
  });
  inside.wait();
  how_.deadline = clock_.steady() + milliseconds(5);
  EXPECT_EQ(ask().error().code, ErrorCode::kDeadline);
  how_.deadline.reset();
  std::stop_source gone;
  gone.request_stop();
  EXPECT_EQ(router_->generate(greeting(), {}, sink_, gone.get_token()).error().code,
            ErrorCode::kCancelled);
  std::jthread second([this] { EXPECT_TRUE(ask()); });
  go.count_down();
}

// B21: one is down, another up.
TEST_F(RouterTest, GoesElsewhereBeforeTheFirstWord) {
  auto& down = add_turns({busy()});
  auto& up = add_turns({says("Well met.")});
  open();
  for (int n = 0; n < 30; ++n) EXPECT_EQ(ask().value().text, "Well met.");
  EXPECT_EQ(up.tries(), 30U);
  EXPECT_EQ(down.tries(), static_cast<std::size_t>(kBreakerRow));
  EXPECT_EQ(router_->health()[0].state, lm::EndpointState::kDown);
  EXPECT_EQ(router_->health()[0].last_error, "busy");
  EXPECT_THAT(metrics_.print(),
              HasSubstr("dramatis_endpoint_up{endpoint=\"service 0\",model=\"big\"} 0\n"));
  clock_.pass(std::chrono::hours(1));
  EXPECT_GE(router_->health()[0].lasted, std::chrono::hours(1)) << "half open is not up";
  EXPECT_EQ(router_->health()[0].state, lm::EndpointState::kHalfOpen);
}

// B10: never after it.
TEST_F(RouterTest, NeverGoesElsewhereAfterTheFirstWord) {
  Turn broken = busy();
  broken.words = {"Well "};
  add_turns({broken});
  auto& other = add_turns({broken});
  ScriptedModel local({std::string("Local.")});
  fallback_ = {.model = &local, .name = "small"};
  open();
  EXPECT_EQ(ask().error().what, "busy");
  EXPECT_EQ(sink_.text(), "Well ");
  EXPECT_EQ(other.tries(), 0U);
  EXPECT_TRUE(local.asked().empty());
}

// B10: a reply that was lost is asked for once more, and no oftener.
TEST_F(RouterTest, ReplaysALostRequestOnce) {
  auto& one = add_turns({lost()});
  auto& two = add_turns({lost()});
  auto& three = add_turns({lost()});
  open();
  EXPECT_EQ(ask().error().what, "lost");
  EXPECT_EQ(one.tries() + two.tries() + three.tries(), 2U);
  EXPECT_THAT(metrics_.print(), HasSubstr("dramatis_model_replays_total{model=\"big\"} 1\n"));
}

// B8: what will not get better is not tried again at the same service, and that one is left alone.
TEST_F(RouterTest, LeavesAServiceThatItsOperatorMustMend) {
  Failure unpaid_bill =
      failure_of(ErrorCode::kUnavailable, "service answered 402. pay", Blame::kOperator);
  unpaid_bill.gist = "service answered 402.";
  auto& unpaid = add_turns({fails(unpaid_bill)});
  auto& paid = add_turns({says("a")});
  open();
  for (int n = 0; n < 10; ++n) EXPECT_TRUE(ask());
  EXPECT_EQ(unpaid.tries(), 1U);
  EXPECT_EQ(paid.tries(), 10U);
  EXPECT_EQ(router_->health()[0].last_error, "service answered 402.");
  EXPECT_THAT(lines_.lines().at(0), HasSubstr("\"needs_operator\":true"));
  clock_.pass(kOperatorPause);
  ASSERT_TRUE(ask());
  EXPECT_EQ(unpaid.tries(), 2U) << "it is looked after again";
}

// B8: a fault of the request is nobody's elsewhere either.
TEST_F(RouterTest, DoesNotCarryABadRequestAround) {
  auto& one = add_turns({fails(failure_of(ErrorCode::kOverBudget, "too long", Blame::kNobody))});
  auto& two = add_turns({says("a")});
  ScriptedModel local({std::string("Local.")});
  fallback_ = {.model = &local, .name = "small"};
  open();
  for (int n = 0; n < 20; ++n) (void)ask();
  EXPECT_EQ(one.tries(), 10U);
  EXPECT_EQ(two.tries(), 10U);
  EXPECT_EQ(router_->health()[0].state, lm::EndpointState::kUp);
}

// B7: a pause that fits is waited for where nobody else is there; one that does not ends the
// request.
TEST_F(RouterTest, ObeysAPauseThatFits) {
  Turn wait = busy(429);
  wait.failure->after = milliseconds(20);
  auto& service = add_turns({wait, says("a"), wait, says("b")});
  open();
  EXPECT_EQ(ask().value().text, "a");
  EXPECT_EQ(service.tries(), 2U);
  how_.deadline = clock_.steady() + milliseconds(10);
  EXPECT_EQ(ask().error().what, "busy");
  EXPECT_EQ(router_->health()[0].state, lm::EndpointState::kUp) << "who asks for a pause is well";
}

TEST_F(RouterTest, GoesElsewhereWhereThePauseIsLong) {
  Turn wait = busy(429);
  wait.failure->after = seconds(86'400);
  auto& tired = add_turns({wait, says("a")});
  add_turns({says("b")});
  open();
  for (int n = 0; n < 20; ++n) EXPECT_EQ(ask().value().text, "b");
  EXPECT_EQ(tired.tries(), 1U);
  clock_.pass(kMaxRest);
  for (int n = 0; n < 20; ++n) ASSERT_TRUE(ask());
  EXPECT_GT(tired.tries(), 1U);
}

// B7: 429 for ever, with a day's pause, from everybody.
TEST_F(RouterTest, SaysSoAtOnceWhereEverybodyAsksForALongPause) {
  Turn wait = busy(429);
  wait.failure->after = seconds(86'400);
  auto& service = add_turns({wait});
  open();
  EXPECT_EQ(ask().error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(ask().error().what,
              HasSubstr("None of 1 services can be asked now. The last said: busy"));
  EXPECT_EQ(service.tries(), 1U);
}

// B9: half of the requests fail for a minute, of many clients.
TEST_F(RouterTest, RetriesAreATenthOfRequests) {
  std::atomic<std::size_t> sent{0};
  for (int n = 0; n < 3; ++n) {
    add(
        [&sent](std::size_t number, const lm::Prompt&) {
          ++sent;
          return number % 2 == 0 ? busy() : says("a");
        },
        {.most_in_flight = 1000});
  }
  open();
  std::atomic<std::size_t> asked{0};
  {
    std::vector<std::jthread> clients;
    for (int client = 0; client < 8; ++client) {
      clients.emplace_back([&] {
        for (int n = 0; n < 100; ++n) {
          GatheringSink sink;
          ++asked;
          (void)router_->generate(greeting(), {}, sink, {});
          clock_.pass(milliseconds(20));
        }
      });
    }
  }
  EXPECT_LE(static_cast<double>(sent),
            static_cast<double>(asked) * (1 + kRetryShare) + kRetryReserve);
}

// B9: a breaker opens, lets one through, and closes after three.
TEST_F(RouterTest, ComesBackToAServiceThatIsWellAgain) {
  std::atomic<bool> ill{true};
  auto& service = add([&ill](std::size_t, const lm::Prompt&) { return ill ? busy() : says("a"); });
  open();
  while (router_->health()[0].state == lm::EndpointState::kUp) EXPECT_FALSE(ask());
  const std::size_t tries = service.tries();
  for (int n = 0; n < 10; ++n) EXPECT_FALSE(ask());
  EXPECT_EQ(service.tries(), tries) << "nobody bothers it";
  ill = false;
  clock_.pass(kBreakerPause);
  EXPECT_EQ(router_->health()[0].state, lm::EndpointState::kHalfOpen);
  for (int n = 0; n < kBreakerTrials; ++n) EXPECT_TRUE(ask());
  EXPECT_EQ(router_->health()[0].state, lm::EndpointState::kUp);
  EXPECT_EQ(router_->health()[0].last_error, "");
}

TEST_F(RouterTest, FeelsThePulseOfWhoIsQuietOrWasDown) {
  auto& quiet = add_turns({says("a")});
  auto& down = add_turns({busy()});
  open();
  for (int n = 0; n < 20; ++n) (void)ask();
  ASSERT_EQ(router_->health()[1].state, lm::EndpointState::kDown);
  router_->feel_pulses({});
  EXPECT_EQ(quiet.pulses() + down.pulses(), 0U) << "one was just asked, the other has its pause";
  down.live(false);
  clock_.pass(kPulseInterval);
  router_->feel_pulses({});
  EXPECT_EQ(quiet.pulses(), 1U);
  EXPECT_EQ(down.pulses(), 1U);
  EXPECT_EQ(router_->health()[1].state, lm::EndpointState::kDown);
  EXPECT_EQ(router_->health()[1].last_error, "no pulse");
  down.live(true);
  clock_.pass(kMaxBreakerPause);
  router_->feel_pulses({});
  EXPECT_EQ(router_->health()[1].state, lm::EndpointState::kHalfOpen);
}

// B21: all are down; the model of this process speaks, and it is said.
TEST_F(RouterTest, FallsBackWhereNobodyAnswers) {
  add_turns({busy()});
  add_turns({fails(failure_of(ErrorCode::kCorrupt, "nonsense"))});
  ScriptedModel local({std::string("Local one."), std::string("Local two.")});
  fallback_ = {.model = &local, .name = "small"};
  open();
  const auto said = ask().value();
  EXPECT_EQ(said.text, "Local one.");
  EXPECT_EQ(said.model, "small");
  EXPECT_EQ(sink_.text(), "Local one.");
  EXPECT_THAT(metrics_.print(),
              HasSubstr("dramatis_model_fallbacks_total{model=\"big\",speaks=\"small\"} 1\n"));
}

TEST_F(RouterTest, TellsWhyWhereNobodyIsAllowedToSpeakInstead) {
  add_turns({busy()});
  open();
  EXPECT_EQ(ask().error().what, "busy");
}

// B21: a smaller context hears the end of the talk.
TEST_F(RouterTest, FitsTheTalkToTheFallbacksContext) {
  add_turns({busy()});
  ScriptedModel local({std::string("Local.")});
  local.set_context_size(300);
  fallback_ = {.model = &local, .name = "small"};
  open();
  lm::Prompt asked = greeting();
  asked.messages.pop_back();
  for (int n = 0; n < 20; ++n) {
    asked.messages.push_back({lm::Role::kPlayer, fmt::format("question {} of many", n)});
    asked.messages.push_back({lm::Role::kNpc, fmt::format("answer {} of many", n)});
  }
  asked.messages.push_back({lm::Role::kPlayer, "the last"});
  asked.common_bytes = 50;
  how_.max_tokens = 100;
  ASSERT_TRUE(ask(asked));
  const auto heard = local.asked().at(0).messages;
  EXPECT_LT(heard.size(), asked.messages.size());
  EXPECT_GT(heard.size(), 3U);
  EXPECT_EQ(heard.front().text, "You are X.");
  EXPECT_EQ(heard[1].role, lm::Role::kPlayer);
  EXPECT_EQ(heard.back().text, "the last");
  EXPECT_EQ(local.asked().at(0).common_bytes, 10U);
}

// B21: where even the character is too long, its beginning is told.
TEST_F(RouterTest, TellsTheFallbackTheBeginningOfALongCharacter) {
  add_turns({busy()});
  ScriptedModel local({std::string("Local.")});
  local.set_context_size(300);
  fallback_ = {.model = &local, .name = "small"};
  open();
  lm::Prompt asked = greeting();
  for (int n = 0; n < 200; ++n) asked.messages[0].text += fmt::format("\nLine {} of him.", n);
  how_.max_tokens = 100;
  ASSERT_TRUE(ask(asked));
  const auto heard = local.asked().at(0).messages;
  ASSERT_EQ(heard.size(), 2U);
  EXPECT_THAT(heard[0].text, ::testing::StartsWith("You are X.\nLine 0 of him.\n"));
  EXPECT_THAT(heard[0].text, ::testing::EndsWith(" of him."));
  EXPECT_GT(heard[0].text.size(), 400U);
  EXPECT_LT(heard[0].text.size(), 800U);
  EXPECT_EQ(heard[1].text, "Hello");
}

TEST_F(RouterTest, LeavesWhenItIsStopped) {
  add([this](std::size_t, const lm::Prompt&) {
    stop_.request_stop();
    return busy();
  });
  auto& other = add_turns({says("a")});
  open();
  EXPECT_EQ(ask().error().code, ErrorCode::kCancelled);
  EXPECT_EQ(other.tries(), 0U);
}

TEST_F(RouterTest, AShortDeadlineIsNoFaultOfTheService) {
  add_turns({fails(failure_of(ErrorCode::kDeadline, "late"))});
  open();
  for (int n = 0; n < 20; ++n) EXPECT_EQ(ask().error().code, ErrorCode::kDeadline);
  EXPECT_EQ(router_->health()[0].state, lm::EndpointState::kUp);
}

TEST_F(RouterTest, SpendsNoMoreThanADayAllows) {
  MemoryLedger ledger;
  ledger_ = &ledger;
  options_.limit_per_account = {.tokens = 1000};
  auto& service = add([](std::size_t, const lm::Prompt&) { return says("a"); }, {},
                      {.prompt = 1000, .reply = 2000});
  ScriptedModel local({std::string("Local.")});
  open();
  lm::Prompt asked = greeting();
  asked.asker.account = "ada";
  how_.max_tokens = 900;
  int bought = 0;
  while (ask(asked)) ++bought;
  // Each costs 7 tokens of prompt and one of reply; the last must find room for 900 more.
  EXPECT_EQ(bought, 12);
  EXPECT_EQ(service.tries(), 12U);
  EXPECT_THAT(ask(asked).error().what, HasSubstr("What a key may spend for 'big'"));
  asked.asker.account = "bo";
  EXPECT_TRUE(ask(asked));
  const auto day = std::chrono::floor<std::chrono::days>(clock_.now());
  EXPECT_EQ(ledger.find({.model = "big", .account = "ada", .day = day})->tokens, 12U * 8);
  EXPECT_EQ(ledger.find({.model = "big", .account = "", .day = day})->micros, 13U * 9);
  clock_.pass(std::chrono::hours(24));
  asked.asker.account = "ada";
  EXPECT_TRUE(ask(asked));
}

TEST_F(RouterTest, SpeaksForItselfWhereTheDayIsSpent) {
  MemoryLedger ledger;
  ledger_ = &ledger;
  options_.limit = {.micros = 10};
  auto& service = add([](std::size_t, const lm::Prompt&) { return says("a"); }, {},
                      {.prompt = 1000, .reply = 2000});
  ScriptedModel local({std::string("Local.")});
  fallback_ = {.model = &local, .name = "small"};
  open();
  EXPECT_EQ(ask().value().model, "small");
  EXPECT_EQ(service.tries(), 0U);
  EXPECT_EQ(router_->health()[0].in_flight, 0U);
}

// What failed may have cost as well: a lost reply its prompt, a refusal nothing.
TEST_F(RouterTest, CountsWhatAFailureMayHaveCost) {
  MemoryLedger ledger;
  ledger_ = &ledger;
  options_.limit = {.tokens = 100'000};
  add_turns({lost(), busy(), busy()});
  open();
  EXPECT_FALSE(ask());
  const auto day = std::chrono::floor<std::chrono::days>(clock_.now());
  EXPECT_EQ(ledger.find({.model = "big", .account = "", .day = day})->tokens, 6U);
}

// B17: what a service says may quote a player; neither log nor health repeats it.
TEST_F(RouterTest, KeepsAServicesWordsOutOfTheLog) {
  Failure echo = failure_of(ErrorCode::kUnavailable, "service answered 500. You said: canary");
  echo.gist = "service answered 500.";
  add_turns({fails(echo)});
  open();
  EXPECT_FALSE(ask());
  for (const auto& line : lines_.lines()) EXPECT_THAT(line, Not(HasSubstr("canary")));
  EXPECT_THAT(metrics_.print(), Not(HasSubstr("canary")));
  EXPECT_EQ(router_->health()[0].last_error, "service answered 500.");
}

TEST_F(RouterTest, HoldsWhatAllOfItsServicesHold) {
  add_turns({says("a")}).model().set_context_size(2000);
  add_turns({says("a")}).model().set_context_size(1000);
  open();
  EXPECT_EQ(router_->context_size(), 1000U);
  EXPECT_EQ(router_->count_tokens("12345678").value(), 2U);
}

TEST_F(RouterTest, RefusesOptionsThatCannotWork) {
  const auto problem = [this] {
    auto opened = Router::open(options_, std::move(endpoints_), fallback_, Rng(1),
                               {.clock = clock_, .metrics = metrics_, .log = log_});
    endpoints_.clear();
    return opened ? std::string("none") : opened.error().what;
  };
  EXPECT_THAT(problem(), HasSubstr("has 0 services"));
  add_turns({says("a")}, {.weight = 0});
  EXPECT_THAT(problem(), HasSubstr("a weight of 0"));
  add_turns({says("a")}, {.most_in_flight = 0});
  EXPECT_THAT(problem(), HasSubstr("0 requests at once"));
  add_turns({says("a")});
  endpoints_.push_back(
      {.backend = std::make_unique<ScriptedBackend>(nullptr), .seat = endpoints_[0].seat});
  EXPECT_THAT(problem(), HasSubstr("names service 0 twice"));
  add_turns({says("a")});
  options_.limit = {.tokens = 1};
  EXPECT_THAT(problem(), HasSubstr("nowhere to write it down"));
}

}  // namespace
}  // namespace dramatis::remote
