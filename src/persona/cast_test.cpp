#include "persona/cast.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "base/testing/scratch_folder.h"

namespace dramatis::persona {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const fs::path kSmall = fs::path(DRAMATIS_SOURCE_DIR) / "tests/cast-small";

// A copy of the small cast that a test may spoil.
class Spoiled : public testing::Test {
 protected:
  void SetUp() override { fs::copy(kSmall, folder_, fs::copy_options::recursive); }

  void replace(const std::string& file, const std::string& from, const std::string& to) {
    std::string text = read_text_file(folder_ / file, 1 << 20).value();
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    std::ofstream(folder_ / file) << text;
  }
  [[nodiscard]] std::string only_finding() const {
    const auto found = lint(folder_);
    EXPECT_EQ(found.size(), 1U);
    for (std::size_t n = 1; n < found.size(); ++n) ADD_FAILURE() << print(found[n]);
    return found.empty() ? "" : print(found.front());
  }

  ScratchFolder scratch_;
  fs::path folder_ = scratch_ / "cast";
};

TEST(Cast, LoadsWorldsCharactersDialoguesAndChecksInOrder) {
  const auto cast = load_cast(kSmall);
  ASSERT_TRUE(cast) << cast.error().what;
  ASSERT_EQ(cast->worlds.size(), 1U);
  ASSERT_EQ(cast->members.size(), 2U);
  EXPECT_EQ(cast->members[0].sheet.id, "ida-fenn");
  EXPECT_EQ(cast->members[1].sheet.id, "tom-reed");
  const Member& ida = *cast->find_member("ida-fenn");
  EXPECT_EQ(ida.sheet.summary,
            "Ida Fenn, forty, rows the ferry of Tarn as her mother did. She wants a vote for the "
            "lake folk.");
  EXPECT_EQ(ida.sheet.backstory[0].name, "first-crossing");
  EXPECT_TRUE(ida.sheet.scratchpad);
  ASSERT_EQ(ida.dialogues.size(), 3U);
  EXPECT_TRUE(ida.dialogues[0].exchanges[2].follows);
  EXPECT_EQ(ida.dialogues[0].exchanges[1].thoughts, "Another stranger without a coat.");
  ASSERT_EQ(ida.checks.size(), 1U);
  EXPECT_EQ(cast->find_world("tarn")->lore[0].name, "The ferry bell");
  EXPECT_EQ(cast->find_member("nobody"), nullptr);
  EXPECT_TRUE(lint(kSmall).empty());
}

TEST(Cast, AFolderThatIsNotThereIsNotFound) {
  EXPECT_EQ(load_cast("/nowhere/at/all").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(lint("/nowhere/at/all").size(), 1U);
}

TEST_F(Spoiled, AnUnknownKeyNamesLineFieldAndTheNearestKnown) {
  replace("tarn/ida-fenn.yaml", "sayings:", "sayngs:");
  const auto found = lint(folder_);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].what, "this field is missing.");
  EXPECT_EQ(print(found[1]),
            "tarn/ida-fenn.yaml:28: error: sayngs: no such field is known here. (did you mean "
            "'sayings'?)");
  const auto loaded = load_cast(folder_);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(loaded.error().what, HasSubstr("and 1 more errors"));
}

TEST_F(Spoiled, AWrongTypeIsNamedWithItsPlace) {
  replace("tarn/ida-fenn.yaml", "speaks_first: true", "speaks_first: \"true\"");
  EXPECT_THAT(only_finding(),
              HasSubstr("ida-fenn.yaml:36: error: speaks_first: true or false is wanted here."));
}

TEST_F(Spoiled, AnEntryThatIsNoMapIsNamed) {
  replace("tarn/world.yaml", "  - title: The ferry bell\n    text: Whoever", "  - Whoever");
  EXPECT_THAT(lint(folder_)[0].field, "lore[0]");
}

TEST_F(Spoiled, AnAlignmentOutsideTheNineIsRefused) {
  replace("tarn/ida-fenn.yaml", "neutral good", "neutral god");
  EXPECT_THAT(only_finding(), HasSubstr("did you mean 'neutral good'?"));
}

TEST_F(Spoiled, AnEmptyListOfRequiredLinesIsRefused) {
  replace("tarn/ida-fenn.yaml", "farewells:\n  - Dry feet to you.", "farewells: []");
  EXPECT_THAT(only_finding(), HasSubstr("farewells: the list is empty."));
}

TEST_F(Spoiled, IdFileAndWorldMustAgree) {
  replace("tarn/ida-fenn.yaml", "id: ida-fenn", "id: ida-fen");
  replace("tarn/ida-fenn.yaml", "world: tarn", "world: tern");
  const auto found = lint(folder_);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].what, "the id is 'ida-fen', the file 'ida-fenn.yaml'.");
  EXPECT_EQ(found[1].suggestion, "write `world: tarn`");
  EXPECT_EQ(found[2].file, "tarn/ida-fenn.checks.yaml");
}

TEST_F(Spoiled, ACharacterStandsInOneWorldAlone) {
  fs::copy(folder_ / "tarn", folder_ / "utopia");
  replace("utopia/world.yaml", "id: tarn", "id: utopia");
  replace("utopia/tom-reed.yaml", "world: tarn", "world: utopia");
  for (const char* name : {"ida-fenn.yaml", "ida-fenn.checks.yaml", "ida-fenn.dialogues.jsonl"}) {
    fs::remove(folder_ / "utopia" / name);
  }
  EXPECT_THAT(only_finding(), HasSubstr("'tom-reed' is also the id of tarn/tom-reed.yaml."));
}

TEST_F(Spoiled, DialoguesWithoutASheetAreRefused) {
  fs::rename(folder_ / "tarn/ida-fenn.dialogues.jsonl", folder_ / "tarn/ida-fen.dialogues.jsonl");
  EXPECT_THAT(only_finding(), HasSubstr("there is no ida-fen.yaml beside this file."));
}

TEST_F(Spoiled, ASecretsWordIsRefusedWhereverItStands) {
  replace("tarn/ida-fenn.yaml", "Dry feet to you.", "See you at the HERON-cave.");
  replace("tarn/ida-fenn.dialogues.jsonl", "Good evening.", "Any moon salt?");
  replace("tarn/ida-fenn.checks.yaml", "answer: Ninety feet",
          "answer: In the heron  cave, ninety feet");
  const auto found = lint(folder_);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].field, "farewells[0]");
  EXPECT_EQ(found[1].field, "exchanges[0].player");
  EXPECT_EQ(found[1].line, 1);
  EXPECT_EQ(found[2].field, "checks[0].answer");
}

TEST_F(Spoiled, AWorldThatSaysASecretsWordIsAWarningAlone) {
  replace("tarn/world.yaml", "pays double", "pays in moonsalt");
  EXPECT_THAT(only_finding(), HasSubstr("warning: lore[0].text"));
  EXPECT_TRUE(load_cast(folder_));
}

TEST_F(Spoiled, LintGoesOnAfterABrokenFile) {
  replace("tarn/ida-fenn.yaml", "title:", "title: [");
  replace("tarn/tom-reed.yaml", "title:", "titel:");
  const auto found = lint(folder_);
  ASSERT_GE(found.size(), 3U);
  EXPECT_EQ(found[0].file, "tarn/ida-fenn.yaml");
  EXPECT_EQ(found.back().file, "tarn/tom-reed.yaml");
}

TEST_F(Spoiled, WordingsOfTheWholeCastReachItsMembers) {
  std::ofstream(folder_ / "wordings.yaml") << "lake-depth:\n  - how far down is it\n";
  const auto cast = load_cast(folder_).value();
  const auto& wordings = cast.find_member("ida-fenn")->wordings;
  const auto at = std::ranges::find(wordings, "lake-depth", &TopicWordings::topic);
  ASSERT_NE(at, wordings.end());
  EXPECT_EQ(at->lines.back(), "how far down is it");
  std::ofstream(folder_ / "wordings.yaml") << "none\n";
  EXPECT_THAT(only_finding(), HasSubstr("wordings.yaml"));
}

TEST_F(Spoiled, ChecksOfAnotherFolderStandInForItsOwn) {
  auto cast = load_cast(folder_).value();
  const fs::path other = scratch_ / "voices";
  fs::create_directories(other);
  EXPECT_EQ(replace_checks(cast, other).error().code, ErrorCode::kNotFound);
  std::ofstream(other / "tom-reed.checks.yaml")
      << "character: tom-reed\nchecks:\n  - id: one\n    ask: \"Who are you?\"\n    kind: fact\n"
         "    any_of: [Tom]\n    answer: \"Tom Reed.\"\n";
  ASSERT_TRUE(replace_checks(cast, other));
  EXPECT_TRUE(cast.find_member("ida-fenn")->checks.empty());
  ASSERT_EQ(cast.find_member("tom-reed")->checks.size(), 1U);
  EXPECT_EQ(cast.find_member("tom-reed")->checks[0].id, "one");
  std::ofstream(other / "tom-reed.checks.yaml") << "character: tom-reed\nchecks: none\n";
  EXPECT_THAT(replace_checks(cast, other).error().what, HasSubstr("tom-reed.checks.yaml:2"));
}

// Examinations of a trained voice are good for as long as nobody learns from them.
TEST(Cast, TheQuestionsKeptApartAreReadable) {
  auto cast = load_cast(fs::path(DRAMATIS_SOURCE_DIR) / "cast").value();
  ASSERT_TRUE(replace_checks(cast, fs::path(DRAMATIS_SOURCE_DIR) / "tests/voices"));
  std::size_t examined = 0;
  for (const auto& member : cast.members) {
    if (member.dialogues.empty()) continue;
    ++examined;
    EXPECT_EQ(member.checks.size(), 20U) << member.sheet.id;
  }
  EXPECT_EQ(examined, 6U);
}

TEST(CharacterFromText, KeepsTheWordsAndRefusesBlankOnes) {
  const Sheets sheets = character_from_text(" A rainy town. ", "\tYou are Iva.\n").value();
  EXPECT_EQ(sheets.world.description, "A rainy town.");
  EXPECT_EQ(sheets.character.description, "You are Iva.");
  EXPECT_TRUE(character_from_text("", "You are Iva."));
  EXPECT_EQ(character_from_text("A town", " \n").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(character_from_text("\xFF", "x").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(character_from_text("", std::string(65 * 1024, 'x')).error().code,
            ErrorCode::kOverBudget);
}

}  // namespace
}  // namespace dramatis::persona
