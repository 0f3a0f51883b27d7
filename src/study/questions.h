// What a character is asked: sets of questions in YAML, and sets made from a sheet.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "persona/cast.h"

namespace dramatis::study {

enum class Theme {
  kPast,
  kRelations,
  kValues,
  kOpinions,
  kKnowledge,
  kStyle,
  kTraps,        // what the character cannot know; a right answer claims nothing of it
  kConsistency,  // another wording of a question: the answers must fit each other
  kTime,         // what lies after the character's moment
};

// "past", "relations", as in the files.
[[nodiscard]] std::string_view print(Theme theme);

struct Question {
  std::string id{};
  std::string character{};  // an id of the cast; empty: everybody is asked
  Theme theme = Theme::kPast;
  std::string ask{};
  // A right answer, as in persona::Check. Both empty: no rule tells right from wrong.
  std::vector<std::string> any_of{};
  std::vector<std::string> none_of{};
  std::vector<std::string> then{};  // what a scripted interviewer asks next, in this order
  std::string same_as{};            // kConsistency: the id of the question that this one rephrases

  friend bool operator==(const Question&, const Question&) = default;
};

struct QuestionSet {
  std::string name{};
  std::vector<Question> questions{};

  friend bool operator==(const QuestionSet&, const QuestionSet&) = default;
};

// docs/formats/questions.md. Errors begin with `place` and the line: kInvalidArgument naming the
// field, an id that stands twice, or a `same_as` that nobody has; kOverBudget past kMaxQuestions.
[[nodiscard]] Result<QuestionSet> parse_questions(std::string_view yaml, std::string_view place);

// The same set as YAML, for a writer to go on with.
[[nodiscard]] std::string print_questions(const QuestionSet& set);

// Questions of every theme that the sheet answers itself, at most `most`, evenly from the themes
// and in the same order each time. What a right answer contains is taken from the note that the
// question is about: its rare words, those that no other note of the sheet has and the question
// does not say.
[[nodiscard]] QuestionSet questions_from(const persona::Character& character,
                                         const persona::World& world, std::size_t most);

}  // namespace dramatis::study
