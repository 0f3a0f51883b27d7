// Cast -> checks -> answers -> rows -> summaries.
#include "study/checks.h"

#include <algorithm>

#include <fmt/format.h>

namespace dramatis::study {
namespace {

// A check and the character that it is put to; both live in the cast.
struct Question {
  const persona::World& world;
  const persona::Character& character;
  const persona::Check& check;
};

using Answer = std::function<Result<CheckRow>(const Question&)>;

Status know_all(const persona::Cast& cast, const std::vector<std::string>& characters) {
  for (const auto& id : characters) {
    if (cast.find_member(id) == nullptr) {
      return fail(ErrorCode::kNotFound,
                  fmt::format("'{}' is not of the cast; a character goes by its id.", id));
    }
  }
  return {};
}

std::vector<Question> questions_of(const persona::Cast& cast,
                                   const std::vector<std::string>& characters) {
  std::vector<Question> questions;
  for (const auto& member : cast.members) {
    const persona::World* world = cast.find_world(member.sheet.world);
    const bool wanted =
        characters.empty() || std::ranges::find(characters, member.sheet.id) != characters.end();
    if (!wanted || world == nullptr) continue;
    for (const auto& check : member.checks) questions.push_back({*world, member.sheet, check});
  }
  return questions;
}

CheckRow row_of(const Question& question, std::string reply) {
  const bool passed = persona::passes(question.check, reply);
  return {.character = question.character.id,
          .id = question.check.id,
          .kind = question.check.kind,
          .ask = question.check.ask,
          .reply = std::move(reply),
          .passed = passed};
}

Result<CheckRow> put(const Question& question, const Answerer& answerer,
                     const CheckOptions& options, const std::stop_token& stop) {
  // A conversation of its own, whose words the model reads once.
  DRAMATIS_TRY(auto replied, ask({.world = question.world,
                                  .character = question.character,
                                  .message = question.check.ask,
                                  .conversation = question.check.id},
                                 answerer, options, stop));
  auto& spoken = replied.spoken;
  CheckRow row = row_of(question, std::move(spoken.aloud));
  row.ended = spoken.made.why == lm::StopReason::kEndOfTurn;
  row.origin = spoken.made.origin;
  row.first_word = spoken.made.first_word;
  row.total = spoken.made.total;
  row.tokens = spoken.made.generated_tokens;
  return row;
}

CheckReport report_of(std::vector<CheckRow> rows) {
  CheckReport report{.rows = std::move(rows)};
  const std::span<const CheckRow> all(report.rows);
  for (std::size_t first = 0, end = 0; first < all.size(); first = end) {
    while (end < all.size() && all[end].character == all[first].character) ++end;
    report.characters.push_back(summarise(all[first].character, all.subspan(first, end - first)));
  }
  report.total = summarise("", all);
  return report;
}

Result<CheckReport> answer_all(const std::vector<Question>& questions, const Answer& answer,
                               const CheckProgress& progress) {
  std::vector<CheckRow> rows;
  for (const auto& question : questions) {
    auto row = answer(question);
    if (!row) {
      const std::string at = fmt::format("{}, {}: ", question.character.id, question.check.id);
      return fail(row.error().code, at + row.error().what);
    }
    rows.push_back(*std::move(row));
    if (progress) progress(rows.size(), questions.size(), rows.back());
  }
  return report_of(std::move(rows));
}

// The middle one, or the earlier of the two in the middle.
std::chrono::nanoseconds median(std::vector<std::chrono::nanoseconds> times) {
  if (times.empty()) return std::chrono::nanoseconds(0);
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>((times.size() - 1) / 2);
  std::ranges::nth_element(times, middle);
  return *middle;
}

void count(Share& share, bool yes) {
  ++share.of;
  share.count += yes ? 1 : 0;
}

}  // namespace

CheckSummary summarise(std::string character, std::span<const CheckRow> rows) {
  CheckSummary sum{.character = std::move(character)};
  std::vector<std::chrono::nanoseconds> first_words;
  std::chrono::nanoseconds total{0};
  for (const auto& row : rows) {
    count(sum.passed, row.passed);
    count(row.kind == persona::CheckKind::kBreak ? sum.breaks : sum.others, row.passed);
    count(sum.ended, row.ended);
    sum.own += row.origin == lm::Origin::kOwn ? 1 : 0;
    sum.adapted += row.origin == lm::Origin::kAdapted ? 1 : 0;
    sum.authored += row.origin == lm::Origin::kAuthored ? 1 : 0;
    sum.tokens += row.tokens;
    first_words.push_back(row.first_word);
    total += row.total;
  }
  sum.median_first_word = median(std::move(first_words));
  const double seconds = std::chrono::duration<double>(total).count();
  sum.tokens_per_second = seconds > 0 ? static_cast<double>(sum.tokens) / seconds : 0;
  return sum;
}

Result<CheckReport> run_checks(const persona::Cast& cast, const Answerer& answerer,
                               const CheckOptions& options, const CheckProgress& progress,
                               const std::stop_token& stop) {
  DRAMATIS_DO(know_all(cast, options.characters));
  return answer_all(
      questions_of(cast, options.characters),
      [&](const Question& question) { return put(question, answerer, options, stop); }, progress);
}

Result<CheckReport> nearest_line(const persona::Cast& cast, const prompt::Examples& examples,
                                 const std::vector<std::string>& characters) {
  DRAMATIS_DO(know_all(cast, characters));
  const auto answer = [&examples](const Question& question) -> Result<CheckRow> {
    DRAMATIS_TRY(const auto lines, examples.nearest(question.character.id,
                                                    {.message = question.check.ask, .count = 1}));
    CheckRow row = row_of(question, lines.empty() ? "" : lines.front().npc);
    row.ended = true;
    row.origin = lm::Origin::kAuthored;
    return row;
  };
  return answer_all(questions_of(cast, characters), answer, {});
}

}  // namespace dramatis::study
