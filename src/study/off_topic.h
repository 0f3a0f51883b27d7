// Questions that no topic of a character is about -> whether the replies take them up.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "persona/cast.h"
#include "study/checks.h"

namespace dramatis::study {

// The list `questions:` of a YAML file. Errors begin with `place`: kInvalidArgument with the line,
// kNotFound for an empty list, kOverBudget past kMaxQuestions.
[[nodiscard]] Result<std::vector<std::string>> off_topic_questions(std::string_view yaml,
                                                                   std::string_view place);

// What a reply does with such a question, by rules that read words and no meaning.
enum class Taken {
  kAnswered,  // it has a word of the question, begins with a plain yes or no, or chooses where the
              // question has an "or"; and it is none of the below
  kUnknown,   // a line of the sheet by which the character says that he does not know
  kBeside,    // it is about something else, empty, cut off, or speaks like an assistant
  kRecited,   // eight words in a row are the sheet's own; a saying may come word for word
};
// "answered", "does not know", "beside the point", "recites".
[[nodiscard]] std::string_view print(Taken taken);

// One question to one character, and its reply.
struct OffTopicRow {
  std::string character{};  // id
  std::string ask{};
  std::string reply{};
  bool ended = false;
  Taken taken = Taken::kBeside;

  friend bool operator==(const OffTopicRow&, const OffTopicRow&) = default;
};

// `taken` of a row that has all the rest.
[[nodiscard]] Taken taken_of(const OffTopicRow& row, const persona::Character& character,
                             const persona::World& world);

// Puts each question to the character as the first message of a new conversation. Errors: kNotFound
// for a character that is not of the cast, and as run_checks() has them.
[[nodiscard]] Result<std::vector<OffTopicRow>> ask_off_topic(
    const persona::Cast& cast, const std::string& character,
    const std::vector<std::string>& questions, const Answerer& answerer,
    const CheckOptions& options, const std::stop_token& stop = {});

}  // namespace dramatis::study
