#include "prompt/compose.h"

#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lm/testing/scripted_model.h"
#include "persona/cast.h"
#include "prompt/examples.h"
#include "prompt/limits.h"

namespace dramatis::prompt {
namespace {

using testing::HasSubstr;
using testing::Not;

const persona::Cast& cast() {
  static const persona::Cast kCast =
      persona::load_cast(std::filesystem::path(DRAMATIS_SOURCE_DIR) / "tests/cast-small").value();
  return kCast;
}
const persona::World& world() {
  return *cast().find_world("tarn");
}
const persona::Character& ida() {
  return cast().find_member("ida-fenn")->sheet;
}

lm::testing::ScriptedModel model() {
  return lm::testing::ScriptedModel({});
}

std::vector<Line> talk(int exchanges) {
  std::vector<Line> lines;
  for (int n = 0; n < exchanges; ++n) {
    lines.push_back({.who = lm::Role::kPlayer, .text = fmt::format("Q{}", n)});
    lines.push_back(
        {.who = lm::Role::kNpc, .text = fmt::format("A{}", n), .thoughts = fmt::format("T{}", n)});
  }
  return lines;
}

std::vector<std::string> texts_after_system(const Composed& composed) {
  std::vector<std::string> texts;
  for (std::size_t n = 1; n < composed.prompt.messages.size(); ++n) {
    texts.push_back(composed.prompt.messages[n].text);
  }
  return texts;
}

TEST(Compose, TheFullHeadIsWorldCharacterSceneInTheseWords) {
  const Material material{.world = world(),
                          .character = ida(),
                          .scene = {.place = "Rain.", .player = "Alice"},
                          .message = "Hello"};
  const auto composed = compose(material, {.tokens = 4096}, model()).value();
  ASSERT_EQ(composed.prompt.messages.size(), 2U);
  EXPECT_EQ(composed.prompt.messages[0].text,
            R"(WORLD SETTING: The Valley of Tarn
Tarn is a wet green valley with one lake, one road and forty houses. People fish, keep goats and wait for the ferry.
Who rules, and how:
The Moot of seven householders meets under the lime tree and decides by raised hands.
Powers:
- The Moot: Seven householders who settle quarrels on the first day of the month.
People of note:
- Old Brida: She keeps the lime tree and the list of debts.
People at the edge:
- The lake folk: They live on rafts and may not vote in the Moot.
- Wim: A raft boy who carries letters for a crust.
Places:
- The ferry house: A stone house at the east shore, with a bell on a pole.
Customs, history and prices:
- The ferry bell: Whoever rings the bell twice pays double.
###
You are Ida Fenn, ferrywoman of Tarn.
Ida Fenn, forty, rows the ferry of Tarn as her mother did. She wants a vote for the lake folk.
Your look: A broad woman in an oiled cape.
Your manner of speaking: Short and dry. She counts in strokes of the oar.
Your alignment: neutral good.
Your life, in your own words:
- I rowed my first crossing at nine, with my mother asleep in the stern.
What you live by:
- fairness: Everybody pays a penny, and nobody pays for weeping.
What you want:
- a vote for the lake folk: I want the lake folk to raise their hands in the Moot.
What you think of others:
- The Moot: Seven chairs and one idea between them.
What you know:
- The lake: The lake is ninety feet deep off the Grey Stone.
What you have never heard of:
- telephones and computers
Sayings of yours:
- A boat has no front door.
What you want of a talk: The traveller crosses, pays, and signs for the lake folk.
Stay Ida whatever is said to you. Answer in one to three sentences, with spoken words alone.
Scene: Rain.
You are speaking with Alice.)");
  EXPECT_EQ(composed.prompt.messages[1], (lm::Message{lm::Role::kPlayer, "Hello"}));
  EXPECT_EQ(composed.prompt.does_not_know, ida().does_not_know);
}

TEST(Compose, TheCompactPromptInTheseWords) {
  const std::vector<lm::AuthoredLine> examples{
      {.player = "Is it deep?", .npc = "Ninety feet.", .relevance = 0.9},
      {.player = "And cold?", .npc = "Ask the fish.", .relevance = 0.4}};
  const auto history = talk(1);
  const Material material{.world = world(),
                          .character = ida(),
                          .scene = {.place = "Rain.", .player = "Alice"},
                          .history = history,
                          .examples = examples,
                          .message = "How deep?",
                          .head = Head::kCompact,
                          .thoughts = Thoughts::kInvited};
  const auto composed = compose(material, {.tokens = 512}, model()).value();
  const std::vector<lm::Message> golden{
      {lm::Role::kSystem,
       "You are Ida Fenn, ferrywoman of Tarn. World: The Valley of Tarn.\n"
       "Ida Fenn, forty, rows the ferry of Tarn as her mother did.\n"
       "Manner: Short and dry. She counts in strokes of the oar.\n"
       "First think between <scratchpad> and </scratchpad>, then speak.\n"
       "Scene: Rain."},
      {lm::Role::kPlayer, "Q0"},
      {lm::Role::kNpc, "<scratchpad>T0</scratchpad>\nA0"},
      {lm::Role::kPlayer,
       "[Spoken before]\nTo \"Is it deep?\": Ninety feet.\nTo \"And cold?\": Ask the fish.\n\nHow "
       "deep?"}};
  EXPECT_EQ(composed.prompt.messages, golden);
  ASSERT_EQ(composed.prompt.authored.size(), 2U);
  EXPECT_EQ(composed.prompt.authored[0].relevance, 0.9);
}

TEST(Compose, APlainTextNpcIsToldAsItWasDescribed) {
  const auto sheets =
      persona::character_from_text("A rainy town.", "You are Iva, a baker.").value();
  const Material material{.world = sheets.world, .character = sheets.character, .message = "Hi"};
  EXPECT_EQ(compose(material, {.tokens = 512}, model())->prompt.messages[0].text,
            "WORLD SETTING: A rainy town.\n###\nYou are Iva, a baker.");
  const auto placeless = persona::character_from_text("", "You are Iva.").value();
  const Material bare{.world = placeless.world, .character = placeless.character, .message = "Hi"};
  EXPECT_EQ(compose(bare, {.tokens = 512}, model())->prompt.messages[0].text, "You are Iva.");
}

TEST(Compose, SecretsAreInNoPrompt) {
  for (const Head head : {Head::kFull, Head::kCompact}) {
    const Material material{
        .world = world(), .character = ida(), .message = "Any salt?", .head = head};
    const auto composed = compose(material, {.tokens = 4096}, model()).value();
    for (const auto& message : composed.prompt.messages) {
      EXPECT_THAT(message.text, Not(HasSubstr("Heron")));
      EXPECT_THAT(message.text, Not(HasSubstr("salt past")));
    }
  }
}

TEST(Compose, HistoryIsCutToWholeExchanges) {
  const auto history = talk(4);
  Material material{.world = world(),
                    .character = ida(),
                    .history = history,
                    .message = "now",
                    .head = Head::kCompact};
  const auto seen = [&](std::size_t messages) {
    return texts_after_system(
        compose(material, {.tokens = 2000, .history_messages = messages}, model()).value());
  };
  EXPECT_EQ(seen(4), (std::vector<std::string>{"Q2", "A2", "Q3", "A3", "now"}));
  EXPECT_EQ(seen(5), seen(4)) << "half an exchange is none";
  EXPECT_EQ(seen(1), (std::vector<std::string>{"now"}));
  EXPECT_EQ(seen(0), (std::vector<std::string>{"now"}));
  EXPECT_EQ(seen(8).size(), 9U);
}

TEST(Compose, AnNpcsLineStandsFirstOnlyWhereItOpenedTheTalk) {
  std::vector<Line> history{{.who = lm::Role::kNpc, .text = "Greeting"}};
  for (const auto& line : talk(2)) history.push_back(line);
  const Material material{.world = world(),
                          .character = ida(),
                          .history = history,
                          .message = "now",
                          .head = Head::kCompact};
  const auto seen = [&](std::size_t messages) {
    return texts_after_system(
               compose(material, {.tokens = 2000, .history_messages = messages}, model()).value())
        .front();
  };
  EXPECT_EQ(seen(5), "Greeting");
  EXPECT_EQ(seen(4), "Q0");
  EXPECT_EQ(seen(3), "Q1");
}

TEST(Compose, HistoryGivesWayByTokensNewestKept) {
  std::vector<Line> history;
  for (int n = 0; n < 6; ++n) {
    history.push_back(
        {.who = lm::Role::kPlayer, .text = fmt::format("{}{}", n, std::string(400, 'q'))});
    history.push_back(
        {.who = lm::Role::kNpc, .text = fmt::format("{}{}", n, std::string(400, 'a'))});
  }
  const Material material{.world = world(),
                          .character = ida(),
                          .history = history,
                          .message = "now",
                          .head = Head::kCompact};
  const auto composed = compose(material, {.tokens = 600, .history_messages = 12}, model()).value();
  const auto texts = texts_after_system(composed);
  ASSERT_EQ(texts.size(), 5U);
  EXPECT_EQ(texts[0][0], '4');
  const auto& sections = composed.sections;
  ASSERT_EQ(sections.size(), 3U);
  EXPECT_EQ(sections[1], (Section{.name = "history", .tokens = 404, .cut = 8}));
}

TEST(Compose, NoPromptIsLargerThanItsBudget) {
  const auto history = talk(40);
  const auto examples = std::vector<lm::AuthoredLine>(
      8, {.player = std::string(80, 'p'), .npc = std::string(200, 'n'), .relevance = 0.5});
  for (std::size_t tokens = 200; tokens < 1500; tokens += 37) {
    for (const Head head : {Head::kFull, Head::kCompact}) {
      const Material material{.world = world(),
                              .character = ida(),
                              .history = history,
                              .examples = examples,
                              .message = "now",
                              .head = head};
      const auto composed = compose(material, {.tokens = tokens, .history_messages = 80}, model());
      ASSERT_TRUE(composed) << tokens << ": " << composed.error().what;
      std::size_t total = 0;
      for (const auto& message : composed->prompt.messages) {
        total += (message.text.size() + 3) / 4 + kTokensPerMessage;
      }
      EXPECT_LE(total, tokens);
    }
  }
}

TEST(Compose, WhatAPlayerSaysNeverMovesTheHead) {
  const std::string longer(900, 'x');
  const auto history = talk(5);
  const Material brief{.world = world(), .character = ida(), .message = "a"};
  const Material lengthy{
      .world = world(), .character = ida(), .history = history, .message = longer};
  const Budget budget{.tokens = 700};
  EXPECT_EQ(compose(brief, budget, model())->prompt.messages[0],
            compose(lengthy, budget, model())->prompt.messages[0]);
}

TEST(Compose, WorldAndCharacterAreEverybodysAndNothingElseIs) {
  const Material material{.world = world(),
                          .character = ida(),
                          .scene = {.place = "Rain.", .player = "Alice"},
                          .message = "Hello"};
  const auto asked = compose(material, {.tokens = 4096}, model()).value().prompt;
  const auto common = asked.messages[0].text.substr(0, asked.common_bytes);
  EXPECT_EQ(asked.messages[0].text.substr(asked.common_bytes),
            "\nScene: Rain.\nYou are speaking with Alice.");
  Material other = material;
  other.scene = {.place = "Snow.", .player = "Bob"};
  const auto others = compose(other, {.tokens = 4096}, model()).value().prompt;
  EXPECT_EQ(others.messages[0].text.substr(0, others.common_bytes), common);
}

TEST(Compose, AMessageThatDoesNotFitIsRefusedWithBothNumbers) {
  const std::string paste(8000, 'x');
  const Material material{
      .world = world(), .character = ida(), .message = paste, .head = Head::kCompact};
  const auto refused = compose(material, {.tokens = 512}, model());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kOverBudget);
  EXPECT_THAT(refused.error().what, HasSubstr("2008"));
}

TEST(Compose, AnNpcThatSpeaksFirstIsAskedByTheSystemAlone) {
  const Material material{.world = world(), .character = ida(), .head = Head::kCompact};
  EXPECT_EQ(compose(material, {.tokens = 512}, model())->prompt.messages.size(), 1U);
}

TEST(Compose, EveryCompactHeadIsSmall) {
  persona::Character wordy = ida();
  wordy.summary.clear();
  wordy.speech.clear();
  for (int n = 0; n < 300; ++n) {
    wordy.summary += "considerably ";
    wordy.speech += "unhurriedly ";
  }
  const Material material{
      .world = world(), .character = wordy, .message = "a", .head = Head::kCompact};
  const auto composed = compose(material, {.tokens = 512}, model()).value();
  EXPECT_LE(composed.sections[0].tokens, kCompactHeadTokens);
}

TEST(Compose, AShortenedSentenceEndsAtAPause) {
  persona::Character wordy = ida();
  wordy.summary =
      "Ida Fenn of the long shore, who was born in the rain and went to sea in a barrel, is the "
      "ferrywoman of Tarn on the west wind's side, keeper of the bell, and ";
  for (int n = 0; n < 40; ++n) wordy.summary += "more ";
  const Material material{
      .world = world(), .character = wordy, .message = "a", .head = Head::kCompact};
  const auto composed = compose(material, {.tokens = 512}, model()).value();
  EXPECT_THAT(composed.prompt.messages[0].text, HasSubstr("side, keeper of the bell.\n"));
}

TEST(Examples, TheNearestLinesAreFoundAndAConversationCanBeLeftOut) {
  const auto examples = Examples::build(cast()).value();
  const auto near = examples.nearest("ida-fenn", {.message = "how deep is that lake"}).value();
  ASSERT_EQ(near.size(), 2U);
  EXPECT_EQ(near[0].npc, "Ninety feet off the Grey Stone.");
  EXPECT_GT(near[0].relevance, near[1].relevance);
  const auto others = examples
                          .nearest("ida-fenn", {.message = "how deep is that lake",
                                                .except_conversation = "ida-fenn-002"})
                          .value();
  ASSERT_EQ(others.size(), 1U);
  EXPECT_EQ(others[0].npc, "A penny. Two, if you ring the bell twice.");
  EXPECT_TRUE(examples.nearest("nobody", {.message = "lake"})->empty());
}

TEST(Examples, ACharacterWithoutDialoguesSpeaksFromItsSheet) {
  const auto examples = Examples::build(cast()).value();
  const auto lines = examples.nearest("tom-reed", {.message = "goats?"}).value();
  std::vector<std::string> said;
  for (const auto& line : lines) said.push_back(line.npc);
  EXPECT_THAT(said, testing::Contains("They like me. That is rarer."));  // an example
  EXPECT_THAT(said,
              testing::Contains("My first goat was called Bishop and ate my hat."));  // a note
}

TEST(Examples, LinesThatFollowOthersAreNotShownAlone) {
  const ExampleBook book = book_of(*cast().find_member("ida-fenn"));
  for (const auto& [id, line] : book) EXPECT_NE(line.player, "Since when?");
  EXPECT_EQ(documents_of(*cast().find_member("ida-fenn")).size(), 4U);
}

TEST(Compose, ASceneAndADirectionAreToldLineByLineAndAbsentOnesLeaveNoBytes) {
  Material material{.world = world(),
                    .character = ida(),
                    .scene = {.place = "Rain.",
                              .time = "Dusk.",
                              .status = "The bridge is out.",
                              .player = "Alice",
                              .player_is = "a tinker",
                              .acquaintance = "You have met once."},
                    .note = "Be short.",
                    .message = "Hello"};
  const auto told = [&material] {
    const auto composed = compose(material, {.tokens = 4096}, model()).value();
    return composed.prompt.messages[0].text.substr(composed.prompt.common_bytes);
  };
  EXPECT_EQ(told(),
            "\nScene: Rain.\nTime: Dusk.\nNow: The bridge is out.\n"
            "You are speaking with Alice, a tinker.\nYou have met once.\nDirection: Be short.");
  material.head = Head::kCompact;
  EXPECT_EQ(told(), "\nScene: Rain.\nTime: Dusk.\nNow: The bridge is out.\nDirection: Be short.");
  material.head = Head::kFull;
  material.scene = {.player_is = "a tinker"};
  material.note = {};
  EXPECT_EQ(told(), "\nYou are speaking with a tinker.");
  material.scene = {};
  EXPECT_EQ(told(), "");
}

}  // namespace
}  // namespace dramatis::prompt
