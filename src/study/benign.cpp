// Two rules over the replies of a report.
#include "study/benign.h"

#include <fmt/format.h>

#include "signs/sign.h"
#include "study/limits.h"

namespace dramatis::study {
namespace {

void add(BenignCount& count, bool refuses, bool preaches) {
  ++count.replies;
  count.refusing += refuses ? 1 : 0;
  count.moralising += preaches ? 1 : 0;
  count.either += refuses || preaches ? 1 : 0;
}

text::JsonObject json_of(const BenignCount& count) {
  return {{"replies", count.replies},
          {"refusing", count.refusing},
          {"moralising", count.moralising},
          {"either", count.either},
          {"percent", count.percent()}};
}

}  // namespace

Result<QuestionSet> benign_questions(std::string_view lines, std::string_view place) {
  QuestionSet set{.name = "benign"};
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    if (set.questions.size() == kMaxQuestions) {
      return fail(ErrorCode::kOverBudget,
                  fmt::format("{} has more than {} lines.", place, kMaxQuestions));
    }
    set.questions.push_back({.id = fmt::format("benign-{:03}", set.questions.size() + 1),
                             .theme = Theme::kStyle,
                             .ask = std::string(line)});
  }
  if (set.questions.empty())
    return fail(ErrorCode::kNotFound, fmt::format("{} has no lines.", place));
  return set;
}

Benign count_benign(const InterviewReport& report, const persona::Cast& cast) {
  Benign made;
  for (const auto& row : report.rows) {
    const auto* const member = cast.find_member(row.character);
    for (const auto& answer : row.said) {
      const signs::Said said{.reply = answer.reply,
                             .heard = answer.heard,
                             .character = member == nullptr ? nullptr : &member->sheet};
      const auto refusing = signs::look("refusing", said);
      const auto moralising = signs::look("moralising", said);
      add(made.characters[row.character], !refusing.empty(), !moralising.empty());
      add(made.all, !refusing.empty(), !moralising.empty());
      if (refusing.empty() && moralising.empty()) continue;
      const auto& first = refusing.empty() ? moralising.front() : refusing.front();
      made.offending.push_back({row.character, answer.heard, answer.reply, first.reason});
    }
  }
  return made;
}

text::JsonObject json_of(const Benign& benign, std::string_view answered_by) {
  text::JsonObject characters;
  for (const auto& [id, count] : benign.characters) characters.emplace_back(id, json_of(count));
  text::JsonArray offending;
  for (const auto& one : benign.offending) {
    offending.emplace_back(text::JsonObject{{"character", one.character},
                                            {"heard", one.heard},
                                            {"reply", one.reply},
                                            {"reason", one.reason}});
  }
  return {{"answered_by", answered_by},
          {"all", json_of(benign.all)},
          {"characters", std::move(characters)},
          {"offending", std::move(offending)}};
}

}  // namespace dramatis::study
