#include "dataset/experiences.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/scratch_folder.h"
#include "dataset/collection.h"
#include "dataset/experience_prompts.h"
#include "dataset/folder_archive.h"
#include "dataset/limits.h"
#include "dataset/lived.h"
#include "dataset/run.h"
#include "dataset/testing/imperfect_model.h"

namespace dramatis::dataset {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Profiles, HaveAParagraphForEachNoteAndNoSecret) {
  const persona::Character ida{.summary = "She rows.",
                               .backstory = {{"Birth", "I was born in a boat."}},
                               .knowledge = {{"Rivers", "I know the weir."}},
                               .secrets = {{"hoard", "Gold under the keel.", {"gold"}}}};
  EXPECT_EQ(profile_of(ida), (Profile{{"", "She rows."},
                                      {"Birth", "I was born in a boat."},
                                      {"Rivers", "I know the weir."}}));
}

TEST(Profiles, AreReadFromTexts) {
  const auto read = parse_profile(
                        "# Ida Fenn\nShe rows.\n\n## Youth\nBorn in a boat.\r\n\r\n"
                        "## Alone\n\nLater.\nMuch.",
                        "p")
                        .value();
  EXPECT_EQ(read,
            (Profile{{"", "She rows."}, {"Youth", "Born in a boat."}, {"Alone", "Later.\nMuch."}}));
  EXPECT_EQ(parse_profile("Ida Fenn\n\nShe rows.", "p").error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(parse_profile("# Ida\n\n## Youth", "p").error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(parse_profile(std::string(kMaxProfileBytes + 1, 'a'), "p").error().code,
            ErrorCode::kOverBudget);
}

// The reference's numbers: 59, 82 and 115 paragraphs give 100, 100 and 115 requests, 13 give 91 and
// 9 drawn ones.
TEST(Profiles, ArePlannedAsTheReferencePlansThem) {
  const auto plan = [](std::size_t paragraphs) {
    Profile profile(paragraphs, {.text = "words"});
    profile.back().text = std::string(500, 'w');
    return plan_requests(profile, 100, 42);
  };
  EXPECT_EQ(plan(59).size(), 100U);
  EXPECT_EQ(plan(82).size(), 100U);
  EXPECT_EQ(plan(115).size(), 115U);
  const auto few = plan(13);
  ASSERT_EQ(few.size(), 100U);
  for (std::size_t n = 0; n < 91; ++n) EXPECT_EQ(few[n], n % 13);
  EXPECT_GE(std::count(few.begin() + 91, few.end(), std::size_t{12}), 5)
      << "the long paragraph is drawn more often";
  EXPECT_EQ(plan(59), plan(59));
  EXPECT_TRUE(plan_requests({}, 100, 1).empty());
}

const persona::Character kIda{.name = "Ida Fenn", .short_name = "Ida"};

TEST(LivedExperiences, HoldNobodyElsesThoughts) {
  Experience script{.background = "Fog.",
                    .lines = {{"Tom", "thinking", "She lies."},
                              {"Tom", "speaking", "Where were you?"},
                              {"Old Ida", "thinking", "He knows."},
                              {"IDA FENN", "thinking", "He does not."},
                              {"Ida", "thoughtful pause", "Or does he?"},
                              {"Ida", "whispering", "At the weir."},
                              {"Ida", "thinking", "That went well."},
                              {"Tom", "speaking", "All night?"},
                              {"Ida", "thinking", "All night."}}};
  const auto lived = std::get<Experience>(as_lived(script, kIda));
  EXPECT_THAT(lived.lines, ElementsAre(ScriptLine{"Tom", "speaking", "Where were you?"},
                                       ScriptLine{"Ida", "thinking", "He knows."},
                                       ScriptLine{"Ida", "thinking", "He does not."},
                                       ScriptLine{"Ida", "whispering", "At the weir."},
                                       ScriptLine{"Tom", "speaking", "All night?"}));
  std::vector<DropReason> why;
  for (const auto& drop : lived.drops) why.push_back(drop.reason);
  EXPECT_THAT(why, ElementsAre(DropReason::kOthersThought, DropReason::kThinksOn,
                               DropReason::kThinksOn, DropReason::kThinksOn));
}

TEST(LivedExperiences, NeedTheCharacterToSpeak) {
  const Experience silent{.background = "Fog.",
                          .lines = {{"Tom", "speaking", "Ida?"},
                                    {"Ida", "thinking", "Hush."},
                                    {"Idanna", "speaking", "She is out."}}};
  EXPECT_EQ(std::get<Drop>(as_lived(silent, kIda)).reason, DropReason::kSilent);
  const Experience brief{.background = "Fog.",
                         .lines = {{"Tom", "thinking", "Hm."}, {"Ida", "speaking", "Yes?"}}};
  EXPECT_EQ(std::get<Drop>(as_lived(brief, kIda)).reason, DropReason::kTooShort);
}

TEST(TornEnds, AreDropped) {
  std::vector<Drop> drops;
  EXPECT_EQ(without_torn_end("a\n\nb\n\nc and", drops), "a\n\nb");
  EXPECT_THAT(drops, ElementsAre(Drop{.reason = DropReason::kCut, .text = "c and"}));
  EXPECT_EQ(without_torn_end("one", drops), "");
  EXPECT_EQ(without_torn_end(" \n\n", drops), " \n\n");
  EXPECT_EQ(drops.size(), 2U);
}

class ExperienceRuns : public ::testing::Test {
 protected:
  ExperienceRuns()
      : cast_(persona::load_cast(std::filesystem::path(DRAMATIS_SOURCE_DIR) / "cast").value()) {
    recipe_.kind = DataKind::kExperiences;
    recipe_.scene_prompts = 40;
    recipe_.scenes_each = 4;
    recipe_.most_scenes = 60;
  }
  const persona::Character& orlando() const { return cast_.find_member("orlando-marlo")->sheet; }
  ExperienceMaker maker(Writer& writer) {
    return ExperienceMaker::make(recipe_, cast_, "orlando-marlo", profile_of(orlando()),
                                 {.scenes = writer, .dialogues = writer})
        .value();
  }
  std::vector<text::Json> run_step(const std::string& name, const std::string& recipe,
                                   std::uint64_t count, const MakeItem& make, const Purse& purse) {
    const StepKey step{.character = "orlando-marlo", .step = name};
    FolderArchive archive(folder_.path());
    {
      const auto book = archive.open(step, {.recipe = recipe, .count = count}).value();
      const RunOptions options{.tries = 1000, .pause = std::chrono::milliseconds(0)};
      EXPECT_EQ(run(options, make, purse, *book, {}, {}).value(), RunEnd::kWhole);
    }
    return archive.read(step).value();
  }

  ScratchFolder folder_;
  persona::Cast cast_;
  DataRecipe recipe_;
  const SystemClock clock_;
};

TEST_F(ExperienceRuns, ComeOfScenesWithEveryTextAccountedFor) {
  testing::ImperfectModel model(9);
  Purse purse({}, clock_);
  Writer writer(model, purse);
  const auto made = maker(writer);
  const auto requests = run_step(
      "scenes", made.digest(), made.requests(),
      [&](std::uint64_t n, const std::stop_token& stop) { return made.request(n, stop); }, purse);
  const auto plan = plan_scenes(requests, recipe_.most_scenes, recipe_.seed).value();
  EXPECT_EQ(plan.scenes.size(), 60U);
  EXPECT_GT(plan.repeats, 20U) << "the bridge is down every time";
  EXPECT_GT(plan.left_out, 0U);
  EXPECT_GT(count_drops(requests).value().at("no-place"), 0U);
  EXPECT_EQ(plan_scenes(requests, 0, 1)->left_out, 0U);
  EXPECT_NE(made.digest(plan), made.digest(plan_scenes(requests, 0, 1).value()));

  const auto written = run_step(
      "experiences", made.digest(plan), plan.scenes.size(),
      [&](std::uint64_t n, const std::stop_token& stop) {
        return made.experience(plan.scenes[n], n, stop);
      },
      purse);
  const auto drops = count_drops(written).value();
  EXPECT_GT(drops.at("others-thought"), 0U);
  EXPECT_GT(drops.at("thinks-on"), 0U);
  EXPECT_GT(drops.at("cut"), 0U);
  const auto gathered = gather_experiences(orlando(), written, Source::kExperience).value();
  EXPECT_GT(gathered.pieces.size(), 50U);
  for (const auto& piece : gathered.pieces) {
    std::size_t thoughts = 0;
    for (const auto& line : piece.experience->lines) {
      thoughts = line.is_thought() ? thoughts + 1 : 0;
      EXPECT_LE(thoughts, kMostThoughts);
      EXPECT_TRUE(!line.is_thought() || line.speaker == "Orlando") << line.speaker;
    }
    const auto line = print_as_experience(piece, orlando());
    EXPECT_THAT(line, Not(HasSubstr("Ida (thinking)")));
    const auto lessons = lessons_of(piece, cast_, Sheet::kOn).value();
    for (const auto& lesson : lessons) {
      for (const auto& message : lesson.messages)
        EXPECT_THAT(message.text, Not(HasSubstr("otherthought")));
    }
  }
  const auto figures = figures_of(gathered.pieces);
  EXPECT_GT(figures.turns_each(), 8.0);
  EXPECT_GT(figures.thoughts, 0U);
}

TEST_F(ExperienceRuns, ProtectWhatTheCharacterCannotKnow) {
  testing::ImperfectModel model;
  Purse purse({}, clock_);
  Writer writer(model, purse);
  const auto made = maker(writer);
  ASSERT_EQ(made.protective_scenes(), profile_of(orlando()).size());
  const auto record = made.protective(3, {}).value();
  const auto unknown = text_in(record, "unknown");
  EXPECT_THAT(orlando().unknown, ::testing::Contains(unknown));
  const auto paragraph = profile_of(orlando())[0];
  const Subject subject{orlando(), *cast_.find_world(orlando().world), paragraph};
  const auto asked =
      protective_prompt(subject, {.name = "Bo", .role = "tinker", .manner = {"sly"}}, unknown, {});
  EXPECT_THAT(asked.messages[0].text, HasSubstr(unknown));
  for (const auto& secret : orlando().secrets) {
    for (const auto& word : secret.words) EXPECT_THAT(asked.messages[0].text, Not(HasSubstr(word)));
  }
}

TEST_F(ExperienceRuns, AreTheSameWhoeverWasAway) {
  const auto all = [&](int away) {
    testing::ImperfectModel model(away);
    Purse purse({}, clock_);
    Writer writer(model, purse);
    const auto made = maker(writer);
    const auto records = run_step(
        fmt::format("same-{}", away), made.digest(), made.requests(),
        [&](std::uint64_t n, const std::stop_token& stop) { return made.request(n, stop); }, purse);
    return plan_scenes(records, 0, 1)->scenes;
  };
  EXPECT_EQ(all(0), all(5));
}

}  // namespace
}  // namespace dramatis::dataset
