#include "dialogue/turn.h"

#include <filesystem>
#include <latch>
#include <map>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dialogue/conversations.h"
#include "dialogue/registry.h"
#include "dialogue/testing/memory_store.h"
#include "lm/testing/scripted_model.h"

namespace dramatis::dialogue {
namespace {

using lm::testing::GatheringSink;
using lm::testing::ScriptedModel;
using ::testing::HasSubstr;
using ::testing::Not;
using Script = std::deque<Result<std::string>>;

class StillClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return Instant{std::chrono::milliseconds(1000)}; }
  [[nodiscard]] SteadyTime steady() const override { return {}; }
};

// One player, two NPCs, and a model that says what it is told to.
class Turns : public ::testing::Test {
 protected:
  Turns()
      : cast_(persona::load_cast(std::filesystem::path(DRAMATIS_SOURCE_DIR) / "tests/cast-small")
                  .value()),
        examples_(prompt::Examples::build(cast_).value()) {
    alice_ = register_user(store_, clock_, "Alice").value().id;
    tom_ = add({.character = "tom-reed"});
    ida_ = add({.character = "ida-fenn", .history_size = 4});
  }

  NpcId add(const NpcSettings& settings) {
    return register_npc(store_, clock_, cast_, settings).value().id;
  }
  Ports ports(lm::LanguageModel& model) {
    const std::lock_guard lock(mutex_);
    const auto serving = std::vector<ServingModel>{{"small", model, prompt::Head::kCompact}};
    return {.store = store_,
            .models = models_.try_emplace(&model, serving).first->second,
            .clock = clock_,
            .cast = cast_,
            .examples = examples_,
            .turnstile = turnstile_};
  }
  Result<Reply> say(ScriptedModel& model, NpcId npc, std::string_view message,
                    std::string_view key = "") {
    GatheringSink sink;
    auto reply =
        take_turn({.pair = {npc, alice_}, .message = message, .key = key}, ports(model), sink);
    shown_ = sink.text();
    return reply;
  }
  std::vector<Turn> turns(NpcId npc) {
    return history({npc, alice_}, store_, 100, Eyes::kOwner).value();
  }

  persona::Cast cast_;
  prompt::Examples examples_;
  testing::MemoryStore store_;
  StillClock clock_;
  std::mutex mutex_;  // several threads may ask for ports
  std::map<lm::LanguageModel*, Models> models_;
  Turnstile turnstile_;
  UserId alice_{};
  NpcId tom_{}, ida_{};
  std::string shown_;
};

TEST_F(Turns, ATurnIsAnsweredStreamedAndStored) {
  ScriptedModel model(Script{"They like me."});
  const auto reply = say(model, tom_, "  Do you like goats? ");
  ASSERT_TRUE(reply) << reply.error().what;
  EXPECT_EQ(shown_, "They like me.");
  EXPECT_EQ(reply->turn.message, "Do you like goats?");
  EXPECT_EQ(reply->turn.spoken.at, clock_.now());
  EXPECT_EQ(turns(tom_), std::vector<Turn>{reply->turn});
  const lm::Prompt asked = model.asked().front();
  EXPECT_THAT(asked.messages.front().text, HasSubstr("You are Tom Reed"));
  ASSERT_FALSE(asked.authored.empty());
  EXPECT_EQ(asked.authored.front().npc, "They like me. That is rarer.");
  EXPECT_EQ(model.settings().front().temperature, 0.6);
  EXPECT_EQ(asked.asker.player, print_id(alice_));
  EXPECT_EQ(asked.asker.conversation, print_id(reply->turn.conversation));
}

TEST_F(Turns, ABlankMessageIsRefusedAndStoresNothing) {
  ScriptedModel model(Script{"never said"});
  for (const char* blank : {"", " \n\t", "\x1b"}) {
    EXPECT_EQ(say(model, tom_, blank).error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_TRUE(turns(tom_).empty());
  EXPECT_TRUE(model.asked().empty());
}

TEST_F(Turns, UnknownNpcsAndPlayersAreTypedErrorsWithTheirId) {
  ScriptedModel model(Script{});
  const auto nobody = say(model, NpcId{99}, "Hello");
  EXPECT_EQ(nobody.error().code, ErrorCode::kNpcNotFound);
  EXPECT_THAT(nobody.error().what, HasSubstr(print_id(NpcId{99})));
  GatheringSink sink;
  EXPECT_EQ(
      take_turn({.pair = {tom_, UserId{5}}, .message = "Hello"}, ports(model), sink).error().code,
      ErrorCode::kUserNotFound);
}

TEST_F(Turns, AFailureLeavesTheHistoryAsItWas) {
  ScriptedModel model(Script{"One.", fail(ErrorCode::kUnavailable, "away"), "Three."});
  ASSERT_TRUE(say(model, tom_, "first"));
  EXPECT_EQ(say(model, tom_, "second").error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(turns(tom_).size(), 1U);
  ASSERT_TRUE(say(model, tom_, "third"));
  const auto asked = model.asked().back().messages;
  ASSERT_EQ(asked.size(), 4U);
  EXPECT_EQ(asked[1].text, "first");
  EXPECT_EQ(asked[2].text, "One.");
  EXPECT_THAT(asked[3].text, HasSubstr("third"));
}

TEST_F(Turns, APlayerWhoLeavesLeavesNoTurn) {
  class Leaving final : public lm::TextSink {
   public:
    lm::Go write(std::string_view /*text*/) override { return lm::Go::kStop; }
  } leaving;
  ScriptedModel model(Script{"One two three."});
  EXPECT_EQ(
      take_turn({.pair = {tom_, alice_}, .message = "Hello"}, ports(model), leaving).error().code,
      ErrorCode::kCancelled);
  EXPECT_TRUE(turns(tom_).empty());
  EXPECT_EQ(turnstile_.size(), 0U);
}

TEST_F(Turns, ThoughtsAreKeptFromPlayersAndComeBackToTheNpcAlone) {
  ScriptedModel model(Script{"<scratchpad>No coat again.</scratchpad> A penny.",
                             "<scratchpad>x</scratchpad>Two.", "Other."});
  const auto reply = say(model, ida_, "How much?");
  ASSERT_TRUE(reply) << reply.error().what;
  EXPECT_EQ(shown_, "A penny.");
  EXPECT_EQ(reply->turn.spoken.thoughts, "No coat again.");
  EXPECT_EQ(history({ida_, alice_}, store_, 9, Eyes::kPlayer)->front().spoken.thoughts, "");
  EXPECT_EQ(turns(ida_).front().spoken.thoughts, "No coat again.");
  ASSERT_TRUE(say(model, ida_, "And twice?"));
  EXPECT_EQ(model.asked().back().messages[2].text,
            "<scratchpad>No coat again.</scratchpad>\nA penny.");
  const UserId bob = register_user(store_, clock_, "Bob").value().id;
  GatheringSink sink;
  ASSERT_TRUE(take_turn({.pair = {ida_, bob}, .message = "Hello"}, ports(model), sink));
  const auto asked = model.asked().back().messages;
  for (const auto& message : asked) {
    EXPECT_THAT(message.text, Not(HasSubstr("No coat again.")));
  }
}

TEST_F(Turns, AReplyWithNothingAloudIsAnErrorAndStoresNothing) {
  ScriptedModel model(Script{"<scratchpad>What a fool", "", "#SCRATCHPAD a #ANSWER"});
  for (int n = 0; n < 3; ++n) {
    EXPECT_EQ(say(model, ida_, "Hello").error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(shown_, "");
  }
  EXPECT_TRUE(turns(ida_).empty());
}

TEST_F(Turns, TheSettingSilencesThoughtsOfASheetThatHasThem) {
  const NpcId quiet = add({.character = "ida-fenn", .has_scratchpad = false});
  ScriptedModel model(Script{"A penny."});
  ASSERT_TRUE(say(model, quiet, "How much?"));
  EXPECT_THAT(model.asked().front().messages.front().text, Not(HasSubstr("<scratchpad>")));
}

TEST_F(Turns, AKeyIsOneTurnHoweverOftenItComes) {
  ScriptedModel model(Script{"One.", "Two."});
  const auto first = say(model, tom_, "Hello", "k1").value();
  const auto again = say(model, tom_, "Hello", "k1").value();
  EXPECT_EQ(again.freshness, Freshness::kRepeated);
  EXPECT_EQ(again.turn, first.turn);
  EXPECT_EQ(shown_, "One.");
  EXPECT_EQ(model.asked().size(), 1U);
  EXPECT_EQ(say(model, tom_, "Something else", "k1").error().code, ErrorCode::kConflict);
  EXPECT_EQ(say(model, tom_, "Hello", std::string(200, 'k')).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(turns(tom_).size(), 1U);
}

TEST_F(Turns, TheHistoryIsAsLongAsTheSettingSays) {
  ScriptedModel model(Script{"A0", "A1", "A2", "A3"});
  for (const char* message : {"U0", "U1", "U2", "U3"}) ASSERT_TRUE(say(model, ida_, message));
  const auto asked = model.asked().back().messages;
  ASSERT_EQ(asked.size(), 6U);  // system, two exchanges, the message
  EXPECT_EQ(asked[1].text, "U1");
  const NpcId forgetful = add({.character = "tom-reed", .history_size = 0});
  ScriptedModel two(Script{"A", "B"});
  ASSERT_TRUE(say(two, forgetful, "x"));
  ASSERT_TRUE(say(two, forgetful, "y"));
  EXPECT_EQ(two.asked().back().messages.size(), 2U);
}

TEST_F(Turns, AGreetingOpensTheHistory) {
  ScriptedModel model(Script{"A penny."});
  GatheringSink sink;
  const auto greeting = greet({.pair = {ida_, alice_}, .seed = 3}, ports(model), sink).value();
  EXPECT_EQ(sink.text(), "A penny, and mind the wet plank.");
  EXPECT_EQ(greeting.turn.message, std::nullopt);
  EXPECT_EQ(greet({.pair = {ida_, alice_}}, ports(model), sink).error().code, ErrorCode::kConflict);
  ASSERT_TRUE(say(model, ida_, "How much?"));
  EXPECT_EQ(model.asked().front().messages[1].role, lm::Role::kNpc);
  EXPECT_EQ(regenerate({.pair = {ida_, alice_}}, ports(model), sink).error().code,
            ErrorCode::kUnavailable);
}

TEST_F(Turns, AnNpcInPlainWordsGreetsInItsOwn) {
  const NpcId iva =
      add({.world_description = "A rainy town.", .character_description = "You are Iva, a baker."});
  ScriptedModel model(Script{"Bread?"});
  GatheringSink sink;
  EXPECT_EQ(greet({.pair = {iva, alice_}}, ports(model), sink)->turn.spoken.reply, "Bread?");
  EXPECT_EQ(model.asked().front().messages.size(), 1U);
}

TEST_F(Turns, RegenerateGivesAnotherReplyBesideTheOldOrLeavesIt) {
  ScriptedModel model(Script{"One.", fail(ErrorCode::kUnavailable, "away"), "Better."});
  GatheringSink sink;
  const Request request{.pair = {tom_, alice_}};
  EXPECT_EQ(regenerate(request, ports(model), sink).error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(say(model, tom_, "Hello", "k"));
  EXPECT_EQ(regenerate(request, ports(model), sink).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(turns(tom_).front().spoken.reply, "One.");
  ASSERT_TRUE(regenerate(request, ports(model), sink));
  ASSERT_EQ(turns(tom_).size(), 1U);
  EXPECT_EQ(turns(tom_).front().spoken.reply, "Better.");
  EXPECT_EQ(turns(tom_).front().key, "k");
  EXPECT_EQ(turns(tom_).front().chosen, 1U);
  EXPECT_EQ(store_.list_alternatives(turns(tom_).front().id)->front().reply, "One.");
  EXPECT_THAT(model.asked().back().passed_over, ::testing::ElementsAre("One."));
  EXPECT_EQ(model.asked().back().messages.size(), 2U)
      << "the old reply is not in the prompt of the new";
}

TEST_F(Turns, UndoAndResetForget) {
  ScriptedModel model(Script{"A", "B", "C"});
  for (const char* message : {"x", "y", "z"}) ASSERT_TRUE(say(model, tom_, message));
  EXPECT_EQ(undo({tom_, alice_}, ports(model)).value()->spoken.reply, "C");
  EXPECT_EQ(turns(tom_).size(), 2U);
  EXPECT_EQ(reset({tom_, alice_}, ports(model)).value(), 2U);
  EXPECT_EQ(undo({tom_, alice_}, ports(model)).value(), std::nullopt);
  EXPECT_EQ(reset({NpcId{9}, alice_}, ports(model)).error().code, ErrorCode::kNpcNotFound);
}

TEST_F(Turns, TwoTurnsAtOnceFollowEachOther) {
  ScriptedModel model(Script{"First.", "Second."});
  // Holds the first turn in the middle of its reply until the second stands in line.
  class Slow final : public lm::TextSink {
   public:
    explicit Slow(const Turnstile& turnstile) : turnstile_(turnstile) {}
    lm::Go write(std::string_view /*text*/) override {
      begun.count_down();
      while (turnstile_.size() < 2) std::this_thread::yield();
      return lm::Go::kOn;
    }
    std::latch begun{1};

   private:
    const Turnstile& turnstile_;
  } slow(turnstile_);
  std::jthread first([&] {
    EXPECT_TRUE(take_turn({.pair = {tom_, alice_}, .message = "one"}, ports(model), slow));
  });
  slow.begun.wait();
  ASSERT_TRUE(say(model, tom_, "two"));
  first.join();
  const auto kept = turns(tom_);
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_EQ(kept[0].spoken.reply, "First.");
  EXPECT_EQ(model.asked().back().messages.size(), 4U) << "the second turn has heard the first";
}

TEST(Turnstile, ATurnThatHasNoPatienceIsAConflict) {
  Turnstile turnstile;
  const Pair pair{NpcId{1}, UserId{1}};
  const auto inside = turnstile.enter(pair, {});
  ASSERT_TRUE(inside);
  EXPECT_EQ(turnstile.enter(pair, {}, std::chrono::milliseconds(0)).error().code,
            ErrorCode::kConflict);
  EXPECT_TRUE(turnstile.enter({NpcId{1}, UserId{2}}, {})) << "other pairs do not wait";
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(turnstile.enter(pair, stop.get_token()).error().code, ErrorCode::kCancelled);
  EXPECT_EQ(turnstile.size(), 1U);
}

TEST(Turnstile, ALineThatIsTooLongIsAConflictAtOnce) {
  Turnstile turnstile;
  const Pair pair{NpcId{1}, UserId{1}};
  std::stop_source stop;
  auto inside = std::make_optional(turnstile.enter(pair, {}).value());
  std::vector<std::jthread> waiting;
  for (std::size_t n = 0; n < kMaxWaitingTurns; ++n) {
    waiting.emplace_back([&] { (void)turnstile.enter(pair, stop.get_token()); });
  }
  while (turnstile.size() <= kMaxWaitingTurns) std::this_thread::yield();
  EXPECT_EQ(turnstile.enter(pair, {}).error().code, ErrorCode::kConflict);
  inside.reset();
  waiting.clear();
  EXPECT_EQ(turnstile.size(), 0U);
}

TEST_F(Turns, NamesAndSettingsAreJudged) {
  const auto code = [&](const std::string& name) {
    return register_user(store_, clock_, name).error().code;
  };
  EXPECT_EQ(code(" "), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code("a\nb"), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(std::string(65, 'x')), ErrorCode::kInvalidArgument);
  EXPECT_EQ(register_user(store_, clock_, " Alice ")->name, "Alice_1");
  EXPECT_EQ(validate({.character = "nobody"}, cast_).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(validate({}, cast_).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(validate({.character = "tom-reed", .character_description = "x"}, cast_).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(validate({.character = "tom-reed", .temperature = 9}, cast_).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(validate({.character = "tom-reed", .history_size = 5000}, cast_).error().code,
            ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace dramatis::dialogue
