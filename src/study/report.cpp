// One JSON member for each field that a reader compares.
#include "study/report.h"

#include <cmath>

namespace dramatis::study {
namespace {

std::int64_t microseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

text::Json json_of(const CheckRow& row) {
  return text::JsonObject{{"character", row.character},
                          {"id", row.id},
                          {"kind", persona::print(row.kind)},
                          {"ask", row.ask},
                          {"reply", row.reply},
                          {"passed", row.passed},
                          {"ended", row.ended},
                          {"origin", print(row.origin)},
                          {"first_word_us", microseconds(row.first_word)},
                          {"total_us", microseconds(row.total)},
                          {"tokens", row.tokens}};
}

text::JsonObject json_of(const CheckSummary& sum) {
  return {{"character", sum.character},
          {"checks", sum.passed.of},
          {"passed", sum.passed.count},
          {"breaks", sum.breaks.of},
          {"breaks_passed", sum.breaks.count},
          {"others", sum.others.of},
          {"others_passed", sum.others.count},
          {"ended", sum.ended.count},
          {"own", sum.own},
          {"adapted", sum.adapted},
          {"authored", sum.authored},
          {"median_first_word_us", microseconds(sum.median_first_word)},
          {"tokens", sum.tokens},
          {"tokens_per_second", std::llround(sum.tokens_per_second)}};
}

}  // namespace

std::string_view print(lm::Origin origin) {
  switch (origin) {
    case lm::Origin::kOwn:
      return "own";
    case lm::Origin::kAdapted:
      return "adapted";
    case lm::Origin::kAuthored:
      return "authored";
  }
  return "own";
}

text::JsonObject json_of(const CheckReport& report) {
  text::JsonArray rows, characters;
  for (const auto& row : report.rows) rows.push_back(json_of(row));
  for (const auto& sum : report.characters) characters.emplace_back(json_of(sum));
  text::JsonObject total = json_of(report.total);
  total.erase(total.begin());  // the name of nobody
  return {{"rows", std::move(rows)},
          {"characters", std::move(characters)},
          {"total", std::move(total)}};
}

text::JsonObject json_of(const Fluency& fluency) {
  return {{"replies", fluency.replies.of},
          {"fluent", fluency.replies.count},
          {"authored_lines", fluency.authored},
          {"worst_authored", fluency.worst_authored}};
}

}  // namespace dramatis::study
