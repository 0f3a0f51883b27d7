#include "study/questions.h"

#include <filesystem>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dramatis::study {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kTwo = R"(name: two
questions:
  - id: a
    character: ida-fenn
    theme: past
    ask: "Who: you?"
    any_of: [ferry, "9"]
    none_of: [car]
    then: ["Why?", "And then?"]
  - id: b
    theme: consistency
    ask: Who then?
    same_as: a
)";

TEST(Questions, AreReadAndPrintedAlike) {
  const auto set = parse_questions(kTwo, "two.yaml").value();
  EXPECT_EQ(set.name, "two");
  ASSERT_EQ(set.questions.size(), 2U);
  EXPECT_EQ(set.questions[0], (Question{.id = "a",
                                        .character = "ida-fenn",
                                        .theme = Theme::kPast,
                                        .ask = "Who: you?",
                                        .any_of = {"ferry", "9"},
                                        .none_of = {"car"},
                                        .then = {"Why?", "And then?"}}));
  EXPECT_EQ(set.questions[1].same_as, "a");
  EXPECT_EQ(parse_questions(print_questions(set), "again").value(), set);
  EXPECT_EQ(parse_questions(print_questions({}), "none").value(), QuestionSet{});
}

TEST(Questions, FaultsNameTheirPlace) {
  const auto what = [](std::string yaml) {
    const auto set = parse_questions(yaml, "q.yaml");
    return set ? std::string("none") : set.error().what;
  };
  EXPECT_THAT(what("name: x"), HasSubstr("q.yaml, line 1: A question set has a list"));
  EXPECT_THAT(what("questions:\n  - id: a\n    theme: nine\n    ask: x"),
              HasSubstr("line 2: 'nine'"));
  EXPECT_THAT(what("questions:\n  - id: a\n    theme: past"), HasSubstr("no 'ask'"));
  EXPECT_THAT(what("questions:\n  - id: a\n    theme: past\n    ask: x\n    any_off: [b]"),
              HasSubstr("line 5: A question has no 'any_off'"));
  EXPECT_THAT(what("questions:\n  - {id: a, theme: past, ask: x, any_of: b}"),
              HasSubstr("list of texts"));
  EXPECT_THAT(what("questions: [{id: a, theme: past, ask: x}, {id: a, theme: past, ask: y}]"),
              HasSubstr("'a' stands twice"));
  EXPECT_THAT(what("questions: [{id: a, theme: consistency, ask: x, same_as: z}]"),
              HasSubstr("rephrases 'z'"));
  EXPECT_THAT(what("questions: [7]"), HasSubstr("is a map"));
  EXPECT_THAT(what("- ["), HasSubstr("q.yaml"));
}

TEST(Questions, ASheetAnswersItsOwn) {
  const auto cast = persona::load_cast(std::filesystem::path(DRAMATIS_SOURCE_DIR) / "cast").value();
  for (const auto& member : cast.members) {
    const auto& world = *cast.find_world(member.sheet.world);
    const auto set = questions_from(member.sheet, world, 60);
    EXPECT_GE(set.questions.size(), 45U) << member.sheet.id;
    EXPECT_LE(set.questions.size(), 60U);
    EXPECT_EQ(questions_from(member.sheet, world, 60), set);
    std::set<Theme> themes;
    for (const auto& question : set.questions) {
      themes.insert(question.theme);
      EXPECT_EQ(question.character, member.sheet.id);
    }
    EXPECT_GE(themes.size(), 7U) << member.sheet.id;
    EXPECT_TRUE(parse_questions(print_questions(set), "made").has_value());
    // The note that a question is about is a right answer, and no other note is.
    std::vector<const persona::Note*> notes;
    for (const auto& note : member.sheet.backstory) notes.push_back(&note);
    for (const auto& question : set.questions) {
      if (question.theme != Theme::kPast) continue;
      const persona::Check check{.any_of = question.any_of, .none_of = question.none_of};
      std::size_t right = 0;
      for (const auto* note : notes) right += persona::passes(check, note->text) ? 1 : 0;
      EXPECT_EQ(right, 1U) << question.ask;
    }
  }
}

}  // namespace
}  // namespace dramatis::study
