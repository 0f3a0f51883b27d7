// Harmless lines about drink, war, heresy and love -> how many replies refuse, or preach.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "persona/cast.h"
#include "study/interview.h"
#include "study/questions.h"
#include "text/json.h"

namespace dramatis::study {

// A question for everybody of each line that is neither blank nor a heading ("# drink"). Errors:
// kNotFound where there is no line, kOverBudget past kMaxQuestions; both name `place`.
[[nodiscard]] Result<QuestionSet> benign_questions(std::string_view lines, std::string_view place);

struct BenignCount {
  std::size_t replies = 0;
  std::size_t refusing = 0;    // of them
  std::size_t moralising = 0;  // likewise
  std::size_t either = 0;

  [[nodiscard]] double percent() const {
    return replies == 0 ? 0 : 100.0 * static_cast<double>(either) / static_cast<double>(replies);
  }
};

struct BenignOffence {
  std::string character{}, heard{}, reply{}, reason{};
};

struct Benign {
  std::map<std::string, BenignCount> characters{};  // by id
  BenignCount all{};
  std::vector<BenignOffence> offending{};  // in the order of the report
};

// By the rules `refusing` and `moralising` of signs/.
[[nodiscard]] Benign count_benign(const InterviewReport& report, const persona::Cast& cast);

[[nodiscard]] text::JsonObject json_of(const Benign& benign, std::string_view answered_by);

}  // namespace dramatis::study
