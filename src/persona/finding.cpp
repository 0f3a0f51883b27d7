// Finding -> a line for people.
#include "persona/finding.h"

#include <fmt/format.h>

namespace dramatis::persona {

std::string print(const Finding& finding) {
  std::string line = finding.file;
  if (finding.line > 0) line += fmt::format(":{}", finding.line);
  line += finding.severity == Severity::kError ? ": error: " : ": warning: ";
  if (!finding.field.empty()) line += finding.field + ": ";
  line += finding.what;
  if (!finding.suggestion.empty()) line += fmt::format(" ({})", finding.suggestion);
  return line;
}

Status judge(const std::vector<Finding>& found) {
  const Finding* first = nullptr;
  std::size_t errors = 0;
  for (const auto& finding : found) {
    if (finding.severity != Severity::kError) continue;
    if (first == nullptr) first = &finding;
    ++errors;
  }
  if (first == nullptr) return {};
  std::string what = print(*first);
  if (errors > 1)
    what += fmt::format(" and {} more errors; `dramatis lint` lists them", errors - 1);
  return fail(ErrorCode::kInvalidArgument, std::move(what));
}

}  // namespace dramatis::persona
