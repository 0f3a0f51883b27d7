#include "arena/run.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "arena/record.h"
#include "arena/testing/memory_store.h"
#include "dialogue/conversations.h"
#include "dialogue/registry.h"
#include "dialogue/testing/memory_store.h"
#include "lm/testing/scripted_model.h"

namespace dramatis::arena {
namespace {

using lm::testing::GatheringSink;
using lm::testing::ScriptedModel;
using ::testing::HasSubstr;
using ::testing::Not;
using Script = std::deque<Result<std::string>>;
using std::chrono::milliseconds;

// Each look at it is a second later than the one before.
class TickingClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return Instant{milliseconds(1000 * ++ticks_)}; }
  [[nodiscard]] SteadyTime steady() const override { return {}; }

 private:
  mutable std::int64_t ticks_ = 0;
};

class Arenas : public ::testing::Test {
 protected:
  Arenas()
      : cast_(persona::load_cast(std::filesystem::path(DRAMATIS_SOURCE_DIR) / "tests/cast-small")
                  .value()),
        examples_(prompt::Examples::build(cast_).value()) {
    ida_ = add({.character = "ida-fenn"});
    tom_ = add({.character = "tom-reed", .has_scratchpad = true});
    brida_ = add({.character_description = "Old Brida keeps the list of debts."});
  }
  NpcId add(const dialogue::NpcSettings& settings) {
    return dialogue::register_npc(store_, clock_, cast_, settings).value().id;
  }
  void play(Script script) {
    model_ = std::make_unique<ScriptedModel>(std::move(script));
    models_ = std::make_unique<dialogue::Models>(
        std::vector<dialogue::ServingModel>{{"small", *model_, prompt::Head::kCompact}});
    service_.reset(new dialogue::Ports{store_, *models_, clock_, cast_, examples_, turnstile_});
  }
  Ports ports() { return {*service_, talks_}; }
  Talk begin_talk(Beginning beginning) {
    beginning.seed = 100;
    return begin(beginning, ports()).value();
  }
  Result<arena::Run> run_lines(TalkId id, std::size_t lines) {
    GatheringSink watcher;
    auto made = run(id, lines, ports(), watcher);
    watched_ = watcher.text();
    return made;
  }
  std::vector<dialogue::Turn> turns_of(const Participant& who) {
    return dialogue::history(who.conversation, store_, 100, dialogue::Eyes::kOwner).value();
  }

  persona::Cast cast_;
  prompt::Examples examples_;
  dialogue::testing::MemoryStore store_;
  testing::MemoryStore talks_;
  TickingClock clock_;
  dialogue::Turnstile turnstile_;
  std::unique_ptr<ScriptedModel> model_;
  std::unique_ptr<dialogue::Models> models_;
  std::unique_ptr<dialogue::Ports> service_;
  NpcId ida_{}, tom_{}, brida_{};
  std::string watched_;
};

// Six replies, all of them with thoughts, as two NPCs with scratchpads give them.
Script six_with_thoughts() {
  Script script;
  for (int n = 0; n < 6; ++n) {
    script.push_back(
        fmt::format("<scratchpad>private{} is what I think.</scratchpad>\nAloud{}.", n, n));
  }
  return script;
}

TEST_F(Arenas, SixLinesOfTwoAreWhatAnOracleSays) {
  play(six_with_thoughts());
  const Talk talk = begin_talk({.npcs = {ida_, tom_}, .opening = "Hello! Who are you?"});
  const auto made = run_lines(talk.id, 6).value();
  EXPECT_FALSE(made.failure);
  EXPECT_EQ(made.said, 6U);
  ASSERT_EQ(made.talk.lines.size(), 6U);
  EXPECT_EQ(talks_.find_talk(talk.id).value(), made.talk);
  const std::vector<NpcId> npcs{ida_, tom_};
  for (std::size_t n = 0; n < 6; ++n) {
    const Line& line = made.talk.lines[n];
    EXPECT_EQ(line.speaker, n % 2);
    EXPECT_EQ(line.text, fmt::format("Aloud{}.", n));
    EXPECT_GT(line.at, n == 0 ? Instant{} : made.talk.lines[n - 1].at);
    const auto turns = turns_of(made.talk.participants[n % 2]);
    ASSERT_EQ(turns.size(), 3U);
    const dialogue::Turn& turn = turns[n / 2];
    EXPECT_EQ(turn.id, line.turn);
    EXPECT_EQ(turn.pair.npc, npcs[n % 2]);
    EXPECT_EQ(turn.message, n == 0 ? "Hello! Who are you?" : fmt::format("Aloud{}.", n - 1));
    EXPECT_EQ(turn.spoken.thoughts, fmt::format("private{} is what I think.", n));
    EXPECT_EQ(model_->settings()[n].seed, 100 + n);
    EXPECT_EQ(model_->asked()[n].asker.urgency, lm::Urgency::kBackground);
  }
  EXPECT_EQ(watched_, "Aloud0.Aloud1.Aloud2.Aloud3.Aloud4.Aloud5.");
}

TEST_F(Arenas, TwoRunsAreAlike) {
  std::vector<std::vector<std::string>> texts;
  for (int round = 0; round < 2; ++round) {
    play(six_with_thoughts());
    const Talk talk = begin_talk({.npcs = {ida_, tom_}});
    texts.emplace_back();
    const auto made = run_lines(talk.id, 6).value();
    for (const auto& line : made.talk.lines) texts.back().push_back(line.text);
    const auto prompts = model_->asked();
    for (const auto& asked : prompts) texts.back().push_back(asked.messages.back().text);
  }
  EXPECT_EQ(texts[0], texts[1]);
}

TEST_F(Arenas, ThoughtsReachNeitherTheTranscriptNorTheOthersPrompt) {
  play(six_with_thoughts());
  const Talk talk = begin_talk({.npcs = {ida_, tom_}});
  const auto made = run_lines(talk.id, 6).value();
  EXPECT_THAT(text::print_json(transcript_json(made.talk)), Not(HasSubstr("private")));
  for (std::size_t n = 0; n < 6; ++n) {
    const auto prompt = model_->asked()[n];
    for (const auto& message : prompt.messages) {
      for (std::size_t other = 1 - n % 2; other < 6; other += 2)
        EXPECT_THAT(message.text, Not(HasSubstr(fmt::format("private{}", other)))) << n;
    }
    EXPECT_THAT(prompt.reply_start, Not(HasSubstr("private")));
  }
}

TEST_F(Arenas, AFailedReplyIsAFailureAndNoLine) {
  play(Script{"A penny.", fail(ErrorCode::kDeadline, "too slow"), "Goats.", ""});
  const Talk talk = begin_talk({.npcs = {ida_, tom_}});
  auto made = run_lines(talk.id, 4).value();
  EXPECT_EQ(made.said, 1U);
  ASSERT_TRUE(made.failure);
  EXPECT_EQ(made.failure->code, ErrorCode::kDeadline);
  EXPECT_EQ(made.talk.lines.size(), 1U);
  EXPECT_TRUE(turns_of(talk.participants[1]).empty());
  // The next call tries the same line again; silence is a failure, too.
  made = run_lines(talk.id, 4).value();
  EXPECT_EQ(made.talk.lines.back().text, "Goats.");
  EXPECT_EQ(made.failure->code, ErrorCode::kUnavailable);
  EXPECT_EQ(talks_.find_talk(talk.id)->lines.size(), 2U);
}

TEST_F(Arenas, AReplyThatAKillPartedFromItsLineIsFoundAgain) {
  play(Script{"One.", "Two.", "Three."});
  const Talk talk = begin_talk({.npcs = {ida_, tom_}});
  ASSERT_EQ(run_lines(talk.id, 2)->said, 2U);
  // As if the program had died after the second reply was stored and before its line was.
  testing::MemoryStore before;
  for (const auto npc : {ida_, tom_})
    ASSERT_TRUE(before.keep_player(npc, *talks_.player_of(npc).value()));
  const Talk whole = talks_.find_talk(talk.id).value();
  ASSERT_TRUE(before.add_talk(whole));
  ASSERT_TRUE(before.add_line(talk.id, 0, whole.lines[0]));
  GatheringSink watcher;
  const auto resumed = run(talk.id, 2, {*service_, before}, watcher).value();
  EXPECT_FALSE(resumed.failure);
  EXPECT_EQ(resumed.talk.lines[1], whole.lines[1]);
  EXPECT_EQ(resumed.talk.lines[2].text, "Three.");
  EXPECT_EQ(model_->asked().size(), 3U);
}

TEST_F(Arenas, WithoutAnOpeningTheFirstOneGreets) {
  play(Script{"Goats.", "Yes."});
  const Talk talk = begin_talk({.npcs = {ida_, tom_}, .opening = " "});
  const auto made = run_lines(talk.id, 2).value();
  EXPECT_EQ(made.talk.lines[0].text, "A penny, and mind the wet plank.");
  EXPECT_EQ(made.talk.lines[1].text, "Goats.");
  // The greeting that was stored before a kill is the greeting.
  testing::MemoryStore before;
  ASSERT_TRUE(before.add_talk(talk));
  GatheringSink watcher;
  EXPECT_EQ(run_turn(talk.id, {*service_, before}, watcher).value(), made.talk.lines[0]);
}

TEST_F(Arenas, OfThreeEachHasOneConversationWithTheCompany) {
  play(Script{"One.", "Two.", "Three.", "Four."});
  const Talk talk = begin_talk({.npcs = {ida_, tom_, brida_},
                                .opening = "Well?",
                                .scene = {.place = "The ferry house."},
                                .order = Order::kNamed,
                                .named = {0, 1, 2}});
  const auto made = run_lines(talk.id, 4).value();
  ASSERT_FALSE(made.failure) << made.failure->what;
  const auto company = talk.participants[0].hears;
  for (const auto& who : talk.participants) EXPECT_EQ(who.hears, company);
  EXPECT_EQ(turns_of(talk.participants[2])[0].message, "Ida Fenn: One.\nTom Reed: Two.");
  EXPECT_THAT(*turns_of(talk.participants[0])[1].message, HasSubstr("Tom Reed: Two.\n"));
  const auto scene = store_.find_conversation(talk.participants[1].conversation)->scene;
  EXPECT_EQ(scene.place, "The ferry house.");
  EXPECT_THAT(scene.player, HasSubstr("Ida Fenn, "));
}

TEST_F(Arenas, AnNpcIsOnePlayerHoweverOftenItTalks) {
  play(Script{"One.", "Two."});
  const Talk first = begin_talk({.npcs = {ida_, tom_}});
  const Talk second = begin_talk({.npcs = {tom_, ida_}});
  EXPECT_EQ(first.participants[0].hears, second.participants[1].hears);
  EXPECT_NE(first.participants[0].conversation, second.participants[1].conversation);
  EXPECT_EQ(store_.find_user(first.participants[0].hears)->name,
            "npc_" + dramatis::print_id(tom_).substr(4));
}

TEST_F(Arenas, WhatCannotTalkIsRefused) {
  play(Script{});
  const auto code = [&](Beginning beginning) {
    const auto made = begin(beginning, ports());
    return made ? std::optional<ErrorCode>() : made.error().code;
  };
  EXPECT_EQ(code({.npcs = {ida_}}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code({.npcs = {ida_, ida_}}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code({.npcs = {ida_, tom_}, .order = Order::kNamed}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code({.npcs = {ida_, tom_}, .order = Order::kNamed, .named = {2}}),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(code({.npcs = {ida_, NpcId{77}}}), ErrorCode::kNpcNotFound);
  EXPECT_EQ(code({.npcs = {ida_, tom_}, .opening = std::string(3000, 'a')}),
            ErrorCode::kOverBudget);
  GatheringSink watcher;
  EXPECT_EQ(run(TalkId{5}, 1, ports(), watcher).error().code, ErrorCode::kNotFound);
}

TEST_F(Arenas, StoppingEndsARunWithoutALine) {
  play(Script{"One."});
  const Talk talk = begin_talk({.npcs = {ida_, tom_}});
  std::stop_source stop;
  stop.request_stop();
  GatheringSink watcher;
  const auto made = run(talk.id, 3, ports(), watcher, {}, stop.get_token()).value();
  EXPECT_EQ(made.failure->code, ErrorCode::kCancelled);
  EXPECT_TRUE(made.talk.lines.empty());
}

TEST_F(Arenas, WatchersAreToldWhoSpeaks) {
  play(Script{"One.", "Two."});
  const Talk talk = begin_talk({.npcs = {ida_, tom_}});
  std::string told;
  const Watch watch{.begins = [&](const Participant& who) { told += who.short_name + "<"; },
                    .ends = [&](const Participant&, const Line& line) { told += line.text + ">"; }};
  GatheringSink watcher;
  ASSERT_TRUE(run(talk.id, 2, ports(), watcher, watch));
  EXPECT_EQ(told, "Ida<One.>Tom<Two.>");
}

}  // namespace
}  // namespace dramatis::arena
