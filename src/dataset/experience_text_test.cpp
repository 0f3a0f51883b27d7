#include "dataset/experience_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dataset/scene_text.h"

namespace dramatis::dataset {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(SceneText, ReadsTheThreeFields) {
  const auto scenes = parse_scenes(
      "Type: Debate\nLocation: The hall of barges, evening: the tide is out\n"
      "Background: The toll doubles. Ida: against it.");
  EXPECT_THAT(scenes.kept,
              ElementsAre(SceneDraft{.type = "Debate",
                                     .place = "The hall of barges, evening: the tide is out",
                                     .background = "The toll doubles. Ida: against it."}));
  EXPECT_THAT(scenes.drops, IsEmpty());
}

TEST(SceneText, TakesATypeFromATitle) {
  const auto scenes =
      parse_scenes("Scene 2: Debate\nLocation: Hall\nBackground: The toll doubles.");
  ASSERT_EQ(scenes.kept.size(), 1U);
  EXPECT_EQ(scenes.kept[0].type, "Debate");
}

TEST(SceneText, TellsWhatASceneLacks) {
  const auto scenes = parse_scenes(
      "Here are the scenes you asked for!\n\nType: Chat\nLocation: Quay\n\nType: Chat\n"
      "Background: Fog.\n\nLocation: Weir\nBackground: Fog.\nIt lifts.\nThen it falls.");
  EXPECT_THAT(scenes.kept, IsEmpty());
  ASSERT_EQ(scenes.drops.size(), 4U);
  EXPECT_EQ(scenes.drops[0].reason, DropReason::kProse);
  EXPECT_EQ(scenes.drops[1],
            (Drop{.reason = DropReason::kNoBackground, .text = "Type: Chat\nLocation: Quay"}));
  EXPECT_EQ(scenes.drops[2].reason, DropReason::kNoPlace);
  EXPECT_EQ(scenes.drops[3].reason, DropReason::kNoType);
  EXPECT_THAT(parse_scenes(" \n\n").drops, ElementsAre(Drop{.reason = DropReason::kEmpty}));
}

TEST(SceneText, ReadsLayoutsThatModelsLike) {
  const auto scenes = parse_scenes(
      "1. **Type:** Speech\r\n   - **Location**: Square\r\n   - *Background:* Market day.\r\n"
      "     Nobody listens.\r\n\r\nTYPE : chat\n\nLocation: Quay\n\nBackground:\nFog.\n");
  EXPECT_THAT(scenes.kept,
              ElementsAre(SceneDraft{.type = "Speech",
                                     .place = "Square",
                                     .background = "Market day.\nNobody listens."},
                          SceneDraft{.type = "chat", .place = "Quay", .background = "Fog."}));
  EXPECT_THAT(scenes.drops, IsEmpty());
}

Experience read(std::string_view text) {
  auto got = parse_experience(text);
  if (auto* experience = std::get_if<Experience>(&got)) return std::move(*experience);
  ADD_FAILURE() << name_of(std::get<Drop>(got).reason);
  return {};
}
DropReason refused(std::string_view text) {
  const auto got = parse_experience(text);
  const auto* drop = std::get_if<Drop>(&got);
  if (drop == nullptr) ADD_FAILURE() << "it was read";
  return drop == nullptr ? DropReason::kProse : drop->reason;
}
const std::string kRest =
    "\n\nBorin (speaking)\nWho asks?\n\nIva (thinking)\nHe knows.\n\nIva (speaking)\nNobody.";

TEST(ExperienceText, ReadsSpeakersAndTheirManner) {
  const auto experience = read(
      "Background: Night on the weir.\nThe lamp is out.\n\nIva (speaking)\n\"Hello (oddly) "
      "there.\"\n\nBorin (speaking)\nWho asks?\n\nIva (thinking)\nHe knows.");
  EXPECT_EQ(experience.background, "Night on the weir.\nThe lamp is out.");
  EXPECT_THAT(experience.lines, ElementsAre(ScriptLine{"Iva", "speaking", "Hello  there."},
                                            ScriptLine{"Borin", "speaking", "Who asks?"},
                                            ScriptLine{"Iva", "thinking", "He knows."}));
  EXPECT_TRUE(experience.lines[2].is_thought());
  EXPECT_FALSE(experience.lines[0].is_thought());
  EXPECT_EQ(experience.asides, 1U);
  EXPECT_THAT(experience.drops, IsEmpty());
}

TEST(ExperienceText, LosesNoColonAndNoLine) {
  const auto experience = read(
      "Background: Night.\n\nBorin: Good day: sir.\n\nIva (low)\nOne.\nTwo.\n\nIVA\nHello.\n\n"
      "Borin (loud): First.\nSecond: and third.");
  EXPECT_THAT(experience.lines,
              ElementsAre(ScriptLine{"Borin", "", "Good day: sir."},
                          ScriptLine{"Iva", "low", "One.\nTwo."}, ScriptLine{"IVA", "", "Hello."},
                          ScriptLine{"Borin", "loud", "First.\nSecond: and third."}));
  EXPECT_THAT(experience.drops, IsEmpty());
}

TEST(ExperienceText, FindsABackgroundInTheNextParagraph) {
  EXPECT_EQ(read("Background:\n\nThe bridge is up, and nobody crosses." + kRest).background,
            "The bridge is up, and nobody crosses.");
}

TEST(ExperienceText, TellsOfNarrationAndOfWhoeverSaysNothing) {
  const auto experience = read(
      "Sure, here it is.\nBackground: Night.\n\nHe smiled (a little).\n\nShe went away.\n\n"
      "Iva (speaking)\n(silence)" +
      kRest);
  EXPECT_EQ(experience.lines.size(), 3U);
  EXPECT_THAT(experience.drops,
              ElementsAre(Drop{DropReason::kProse, "Sure, here it is."},
                          Drop{DropReason::kNoSpeaker, "He smiled (a little)."},
                          Drop{DropReason::kNoSpeaker, "She went away."},
                          Drop{DropReason::kNoWords, "Iva (speaking)\n(silence)"}));
}

TEST(ExperienceText, ReadsLinesThatStandTogether) {
  const auto experience = read(
      "Background: Night.\n\nIva (speaking): Hello.\nBorin (gruff): Who?\n**Iva** (thinking): "
      "*Nobody.*");
  ASSERT_EQ(experience.lines.size(), 3U);
  EXPECT_EQ(experience.lines[1], (ScriptLine{"Borin", "gruff", "Who?"}));
  EXPECT_EQ(experience.lines[2].speaker, "Iva");
}

TEST(ExperienceText, RefusesWhatIsNoExperience) {
  EXPECT_EQ(refused("Background: Night.\n\nIva: Hello.\n\nBorin: Who?"), DropReason::kTooShort);
  EXPECT_EQ(refused(kRest), DropReason::kNoBackground);
  EXPECT_EQ(refused("Background: Night.\n\nIt rained, and it rained."), DropReason::kEmpty);
  EXPECT_EQ(refused(""), DropReason::kEmpty);
}

TEST(Performance, KeepsThoughtsAndTheFirstSpokenLine) {
  EXPECT_THAT(parse_performance("speaking): Note: this: that", "Ida").value(),
              ElementsAre(ScriptLine{"Ida", "speaking", "Note: this: that"}));
  EXPECT_THAT(
      parse_performance("thinking): A trick.<|eot|>\nIda (speaking): No.<|eot|>\nTom "
                        "(speaking): Oh.<|eot|>",
                        "Ida")
          .value(),
      ElementsAre(ScriptLine{"Ida", "thinking", "A trick."}, ScriptLine{"Ida", "speaking", "No."}));
  EXPECT_EQ(parse_performance("speaking) no colon", "Ida").error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(parse_performance("", "Ida").error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(parse_performance("speaking):", "Ida").error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace dramatis::dataset
