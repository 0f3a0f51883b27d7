#include "voice/guided_model.h"

#include <set>

#include <gtest/gtest.h>

#include "lm/testing/scripted_model.h"

namespace dramatis::voice {
namespace {

using lm::testing::GatheringSink;
using lm::testing::ScriptedModel;

lm::Prompt asked_with(std::vector<lm::AuthoredLine> authored) {
  return {.messages = {{lm::Role::kSystem, "You are Iva."}, {lm::Role::kPlayer, "Who taught you?"}},
          .reply_start = "",
          .authored = std::move(authored),
          .does_not_know = {"That I cannot tell you."}};
}

const lm::AuthoredLine kTaught = {.player = "Who was your teacher?",
                                  .npc = "Old Bram taught me the hammer in Reedmouth.",
                                  .relevance = 0.9,
                                  .topic = "teacher"};

lm::Sampling sampling(double temperature, std::uint64_t seed) {
  lm::Sampling how;
  how.temperature = temperature;
  how.seed = seed;
  return how;
}

std::string said(const lm::Prompt& asked, const std::string& own, lm::Origin expected) {
  ScriptedModel model({own});
  GuidedModel guided(model, nullptr);
  GatheringSink sink;
  const auto completion = guided.generate(asked, sampling(0, 1), sink, {});
  EXPECT_TRUE(completion);
  EXPECT_EQ(completion->origin, expected);
  EXPECT_EQ(completion->text, sink.text());
  return sink.text();
}

const lm::AuthoredLine kBurns = {.player = "Was he strict?",
                                 .npc = "Strict, and he left me these burns. Look.",
                                 .relevance = 0.9,
                                 .topic = "teacher"};

TEST(GuidedModel, WhatItMakesOfRelevantLinesIsSpoken) {
  const std::string own = "Old Bram taught me the hammer in Reedmouth. Look.";
  EXPECT_EQ(said(asked_with({kTaught, kBurns}), own, lm::Origin::kAdapted), own);
}

TEST(GuidedModel, WhatItRemembersWronglyIsSaidAsItWasWritten) {
  EXPECT_EQ(said(asked_with({kTaught, kBurns}),
                 "Old Bram taught me the hammer, in Reedwater. Look.", lm::Origin::kAdapted),
            "Old Bram taught me the hammer in Reedmouth. Look.");
}

TEST(GuidedModel, UngroundedWordsGiveWayToTheAuthors) {
  EXPECT_EQ(said(asked_with({kTaught}), "The the moon is a moon of bread.", lm::Origin::kAuthored),
            kTaught.npc);
}

TEST(GuidedModel, WhereNothingIsRelevantTheCharacterSaysSo) {
  auto far = kTaught;
  far.relevance = 0.05;
  EXPECT_EQ(said(asked_with({far}), "Bread and hammers.", lm::Origin::kAuthored),
            "That I cannot tell you.");
}

TEST(GuidedModel, ALineIsNotSaidTwiceWhileAnotherFits) {
  auto second = kTaught;
  second.npc = "Bram, and the burns he gave me.";
  second.relevance = 0.6;
  auto asked = asked_with({kTaught, second});
  asked.messages.insert(asked.messages.begin() + 1, {lm::Role::kNpc, kTaught.npc});
  EXPECT_EQ(said(asked, "Mist.", lm::Origin::kAuthored), second.npc);
}

TEST(GuidedModel, AnotherReplyToTheSameWordsIsAnotherLine) {
  auto asked = asked_with({kTaught, kBurns});
  const std::string first = said(asked, "Bread.", lm::Origin::kAuthored);
  asked.passed_over = {first};
  const std::string second = said(asked, "Bread.", lm::Origin::kAuthored);
  EXPECT_NE(first, second);
  asked.passed_over = {first, second};
  EXPECT_EQ(said(asked, "Bread.", lm::Origin::kAuthored), first) << "both were said";
}

TEST(GuidedModel, WithoutAuthoredLinesTheModelSpeaks) {
  EXPECT_EQ(said(asked_with({}), "Free words.", lm::Origin::kOwn), "Free words.");
}

TEST(GuidedModel, TheSameSeedDrawsTheSameLine) {
  auto second = kTaught;
  second.npc = "It was Bram of Reedmouth.";
  const auto speak = [&](std::uint64_t seed) {
    ScriptedModel model({std::string("x")});
    GuidedModel guided(model, nullptr);
    GatheringSink sink;
    EXPECT_TRUE(guided.generate(asked_with({kTaught, second}), sampling(0.6, seed), sink, {}));
    return sink.text();
  };
  EXPECT_EQ(speak(3), speak(3));
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 20; ++seed) seen.insert(speak(seed));
  EXPECT_EQ(seen.size(), 2U);
}

TEST(GuidedModel, AnErrorOfTheModelIsPassedOn) {
  ScriptedModel model({Result<std::string>(fail(ErrorCode::kUnavailable, "gone"))});
  GuidedModel guided(model, nullptr);
  GatheringSink sink;
  EXPECT_EQ(guided.generate(asked_with({kTaught}), {}, sink, {}).error().code,
            ErrorCode::kUnavailable);
  EXPECT_EQ(sink.text(), "");
}

TEST(GuidedModel, ThoughtsComeFirstWhereTheyAreAskedFor) {
  auto taught = kTaught;
  taught.thoughts = "He never praised me once.";
  auto asked = asked_with({taught});
  EXPECT_EQ(said(asked, "Mist.", lm::Origin::kAuthored), kTaught.npc);
  asked.thinks = true;
  EXPECT_EQ(said(asked, "Mist.", lm::Origin::kAuthored),
            "<scratchpad>He never praised me once.</scratchpad>\n" + kTaught.npc);
  const std::string own =
      "<scratchpad>Bram again.</scratchpad>\nOld Bram taught me the hammer in Reedmouth. Look.";
  asked.authored.push_back(kBurns);
  EXPECT_EQ(said(asked, own, lm::Origin::kAdapted), own);
  asked.messages.insert(asked.messages.begin() + 1, {lm::Role::kNpc, own});
  EXPECT_EQ(said(asked, own, lm::Origin::kAuthored),
            "<scratchpad>He never praised me once.</scratchpad>\n" + kTaught.npc)
      << "said before, whatever was thought";
}

TEST(GuidedModel, NowAndThenASayingEndsAReplyAndTheLineCountsAsSaid) {
  auto second = kTaught;
  second.npc = "Bram, and the burns he gave me.";
  second.relevance = 0.6;
  auto asked = asked_with({kTaught, second});
  asked.sayings = {"Strike twice.", "Iron remembers."};
  std::set<std::string> heard;
  const auto speak = [&asked](std::uint64_t seed) {
    ScriptedModel model({std::string("x")});
    GuidedModel guided(model, nullptr);
    GatheringSink sink;
    EXPECT_TRUE(guided.generate(asked, sampling(0, seed), sink, {}));
    return sink.text();
  };
  for (std::uint64_t seed = 0; seed < 100; ++seed) heard.insert(speak(seed));
  EXPECT_EQ(heard, (std::set<std::string>{kTaught.npc, kTaught.npc + " Strike twice.",
                                          kTaught.npc + " Iron remembers."}));
  asked.messages.insert(asked.messages.begin() + 1,
                        {lm::Role::kNpc, kTaught.npc + " Strike twice."});
  for (std::uint64_t seed = 0; seed < 100; ++seed)
    EXPECT_TRUE(speak(seed).starts_with(second.npc)) << "the first line was said";
}

// Gives every text so many nats per token, and one text many.
class Judge final : public lm::LanguageModel {
 public:
  explicit Judge(double nats_per_token, std::string broken = {})
      : nats_(nats_per_token), broken_(std::move(broken)) {}
  [[nodiscard]] std::string name() const override { return "judge"; }
  [[nodiscard]] std::size_t context_size() const override { return 1024; }
  [[nodiscard]] Result<std::size_t> count_tokens(std::string_view text) const override {
    return text.size();
  }
  [[nodiscard]] Result<lm::Completion> generate(const lm::Prompt&, const lm::Sampling&,
                                                lm::TextSink&, std::stop_token) override {
    return fail(ErrorCode::kUnsupported, "a judge does not speak");
  }
  [[nodiscard]] Result<std::vector<lm::Score>> score(const lm::Prompt&,
                                                     std::span<const std::string> replies,
                                                     std::stop_token) override {
    std::vector<lm::Score> scores;
    for (const auto& reply : replies)
      scores.push_back({.log_likelihood = reply == broken_ ? -1000 : -10 * nats_, .tokens = 10});
    return scores;
  }

 private:
  double nats_;
  std::string broken_;
};

TEST(GuidedModel, AClumsyLineGivesWayToOneNearlyAsGood) {
  auto clumsy = kTaught;
  clumsy.npc = "Bram Bram Bram.";
  clumsy.relevance = 0.95;
  auto other = kTaught;
  const auto speak = [&] {
    ScriptedModel model({std::string("Mist.")});
    Judge english(2, clumsy.npc);
    GuidedModel guided(model, &english);
    GatheringSink sink;
    EXPECT_TRUE(guided.generate(asked_with({clumsy, other}), sampling(0, 1), sink, {}));
    return sink.text();
  };
  EXPECT_EQ(speak(), other.npc);
  other.relevance = 0.3;
  EXPECT_EQ(speak(), clumsy.npc) << "better clumsy than beside the question";
}

TEST(GuidedModel, OfLinesAboutTheSameTheModelExpectsOne) {
  auto longer = kTaught;
  longer.npc = "It was old Bram who taught me the hammer, and that in Reedmouth.";
  longer.relevance = 0.92;
  const auto speak = [&] {
    ScriptedModel model({std::string("Mist.")});  // finds shorter lines likelier
    Judge english(2);                             // finds both equally likely
    GuidedModel guided(model, &english);
    GatheringSink sink;
    EXPECT_TRUE(guided.generate(asked_with({longer, kTaught}), sampling(0, 1), sink, {}));
    return sink.text();
  };
  EXPECT_EQ(speak(), kTaught.npc);
  longer.relevance = 0.99;
  longer.npc += " Long ago, before the flood, when there was still a mill.";
  EXPECT_EQ(speak(), kTaught.npc);
  auto beside = longer;
  beside.relevance = 0.3;
  std::swap(longer, beside);
  EXPECT_EQ(speak(), kTaught.npc) << "a line beside the question is not asked about";
}

// Gives its reply word by word and tells how much was asked for.
class Talker final : public lm::LanguageModel {
 public:
  explicit Talker(std::string reply) : reply_(std::move(reply)) {}
  [[nodiscard]] std::string name() const override { return "talker"; }
  [[nodiscard]] std::size_t context_size() const override { return 1024; }
  [[nodiscard]] Result<std::size_t> count_tokens(std::string_view text) const override {
    return text.size();
  }
  [[nodiscard]] Result<lm::Completion> generate(const lm::Prompt&, const lm::Sampling&,
                                                lm::TextSink& sink, std::stop_token) override {
    lm::Completion said;
    for (const char letter : reply_) {
      said.text += letter;
      if (sink.write(std::string_view(&letter, 1)) == lm::Go::kOn) continue;
      said.why = lm::StopReason::kLength;
      break;
    }
    heard_ = said.text;
    return said;
  }
  [[nodiscard]] Result<std::vector<lm::Score>> score(const lm::Prompt&,
                                                     std::span<const std::string> replies,
                                                     std::stop_token) override {
    return std::vector<lm::Score>(replies.size(), {.log_likelihood = -1, .tokens = 1});
  }
  [[nodiscard]] Result<std::vector<std::vector<float>>> embed(std::span<const std::string> texts,
                                                              std::stop_token) override {
    return std::vector<std::vector<float>>(texts.size(), {1.0F});
  }
  // What of the last reply somebody wanted; nothing where none was asked for.
  [[nodiscard]] const std::optional<std::string>& heard() const { return heard_; }

 private:
  std::string reply_;
  std::optional<std::string> heard_;
};

std::optional<std::string> wanted_of(const std::string& own, const lm::Prompt& asked,
                                     const std::string& spoken) {
  Talker talker(own);
  GuidedModel guided(talker, nullptr);
  GatheringSink sink;
  const auto said = guided.generate(asked, sampling(0, 1), sink, {});
  EXPECT_TRUE(said);
  EXPECT_EQ(sink.text(), spoken);
  return talker.heard();
}

TEST(GuidedModel, OwnWordsAreHeardOnlyWhileTheyCanWin) {
  const auto asked = asked_with({kTaught, kBurns});
  const std::string both = "Old Bram taught me the hammer in Reedmouth. Look.";
  EXPECT_EQ(wanted_of(both, asked, both), both) << "they win";
  EXPECT_EQ(wanted_of("The moon is bread. " + both, asked, kTaught.npc), "The moon is bread. O")
      << "broken language stays broken";
  auto doubtful = kBurns;
  doubtful.relevance = 0.5;
  EXPECT_EQ(wanted_of(kBurns.npc + " " + both, asked_with({kTaught, doubtful}), kTaught.npc),
            "Strict, and he left me these burns. L")
      << "whatever follows, it is about something else";
  auto far = kTaught;
  far.relevance = 0.05;
  EXPECT_EQ(wanted_of(both, asked_with({far}), "That I cannot tell you."), std::nullopt)
      << "nothing is relevant";
}

TEST(GuidedModel, VectorsAreTheModels) {
  Talker talker("x");
  GuidedModel guided(talker, nullptr);
  EXPECT_EQ(guided.embed(std::vector<std::string>{"a", "b"}, {}).value().size(), 2U);
}

TEST(GuidedModel, WithoutAuthoredLinesOnlyFluentWordsAreSpoken) {
  const auto speak = [](double nats_per_token) {
    ScriptedModel model({std::string("My own bread.")});
    Judge english(nats_per_token);
    GuidedModel guided(model, &english);
    GatheringSink sink;
    EXPECT_TRUE(guided.generate(asked_with({}), sampling(0, 1), sink, {}));
    return sink.text();
  };
  EXPECT_EQ(speak(2), "My own bread.");
  EXPECT_EQ(speak(9), "That I cannot tell you.");
}

}  // namespace
}  // namespace dramatis::voice
