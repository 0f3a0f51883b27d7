// Rows <-> JSON.
#include <array>

#include <fmt/format.h>

#include "dialogue/record.h"
#include "study/interview.h"
#include "study/report.h"

namespace dramatis::study {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

tl::unexpected<Error> wrong(std::string_view field) {
  return fail(ErrorCode::kCorrupt,
              fmt::format("The field '{}' of an interview is missing or wrong.", field));
}

Result<std::string> string_of(const Json& json, std::string_view field) {
  const Json* const found = json.find(field);
  if (found == nullptr || found->as_string() == nullptr) return wrong(field);
  return *found->as_string();
}

Result<bool> bool_of(const Json& json, std::string_view field) {
  const Json* const found = json.find(field);
  if (found == nullptr || found->as_bool() == nullptr) return wrong(field);
  return *found->as_bool();
}

Result<std::int64_t> count_of(const Json& json, std::string_view field) {
  const Json* const found = json.find(field);
  if (found == nullptr || found->as_int() == nullptr || *found->as_int() < 0) return wrong(field);
  return *found->as_int();
}

Result<Theme> theme_of(const Json& json) {
  DRAMATIS_TRY(const auto name, string_of(json, "theme"));
  for (int n = 0; n <= static_cast<int>(Theme::kTime); ++n) {
    if (print(static_cast<Theme>(n)) == name) return static_cast<Theme>(n);
  }
  return wrong("theme");
}

Result<std::vector<Answered>> said_of(const Json& json) {
  const Json* const found = json.find("said");
  const JsonArray* const list = found == nullptr ? nullptr : found->as_array();
  if (list == nullptr || list->empty()) return wrong("said");
  std::vector<Answered> said;
  for (const auto& entry : *list) {
    Answered answer;
    DRAMATIS_TRY(answer.heard, string_of(entry, "asked"));
    DRAMATIS_TRY(answer.reply, string_of(entry, "reply"));
    said.push_back(std::move(answer));
  }
  return said;
}

Result<lm::Origin> origin_of(const Json& json) {
  DRAMATIS_TRY(const auto name, string_of(json, "origin"));
  for (const auto origin : {lm::Origin::kOwn, lm::Origin::kAdapted, lm::Origin::kAuthored}) {
    if (print(origin) == name) return origin;
  }
  return wrong("origin");
}

}  // namespace

JsonObject json_of(const InterviewRow& row) {
  JsonArray said;
  for (const auto& answer : row.said)
    said.emplace_back(JsonObject{{"asked", answer.heard}, {"reply", answer.reply}});
  JsonObject json{
      {"character", row.character},    {"question", row.question}, {"theme", print(row.theme)},
      {"said", std::move(said)},       {"judged", row.judged},     {"passed", row.passed},
      {"total_ns", row.total.count()}, {"tokens", row.tokens},     {"origin", print(row.origin)}};
  if (row.account) json.emplace_back("account", dialogue::account_json(*row.account));
  return json;
}

Result<InterviewRow> read_interview_row(const Json& json) {
  InterviewRow row;
  DRAMATIS_TRY(row.character, string_of(json, "character"));
  DRAMATIS_TRY(row.question, string_of(json, "question"));
  DRAMATIS_TRY(row.theme, theme_of(json));
  DRAMATIS_TRY(row.said, said_of(json));
  DRAMATIS_TRY(row.judged, bool_of(json, "judged"));
  DRAMATIS_TRY(row.passed, bool_of(json, "passed"));
  DRAMATIS_TRY(const auto total, count_of(json, "total_ns"));
  DRAMATIS_TRY(const auto tokens, count_of(json, "tokens"));
  DRAMATIS_TRY(row.origin, origin_of(json));
  if (const Json* const account = json.find("account")) {
    DRAMATIS_TRY(row.account, dialogue::read_account(*account));
  }
  row.total = std::chrono::nanoseconds(total);
  row.tokens = static_cast<std::size_t>(tokens);
  return row;
}

JsonObject json_of(const InterviewReport& report) {
  JsonArray rows;
  for (const auto& row : report.rows) rows.emplace_back(json_of(row));
  return {{"answered_by", report.answered_by},
          {"asked_by", report.asked_by},
          {"rows", std::move(rows)}};
}

}  // namespace dramatis::study
