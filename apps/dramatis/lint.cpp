// dramatis lint: a cast -> what is wrong with its sheets.
#include <cstdio>

#include <fmt/format.h>

#include "commands.h"
#include "persona/cast.h"
#include "text/json.h"
#include "text/utterance.h"

namespace dramatis::app {
namespace {

using persona::Finding;
using persona::Severity;

text::Json json_of(const Finding& finding) {
  return text::JsonObject{{"file", finding.file},
                          {"line", finding.line},
                          {"field", finding.field},
                          {"severity", finding.severity == Severity::kError ? "error" : "warning"},
                          {"what", finding.what},
                          {"suggestion", finding.suggestion}};
}

// file:line: field: what (suggestion)
std::string line_of(const Finding& finding, const std::filesystem::path& cast) {
  std::string line = (cast / finding.file).string();
  if (finding.line > 0) line += fmt::format(":{}", finding.line);
  line += ": ";
  if (!finding.field.empty()) line += finding.field + ": ";
  if (finding.severity == Severity::kWarning) line += "warning: ";
  line += finding.what;
  if (!finding.suggestion.empty()) line += fmt::format(" ({})", finding.suggestion);
  return text::printable(line);
}

}  // namespace

int run_lint(const std::filesystem::path& cast, Output output) {
  const auto found = persona::lint(cast);
  std::size_t errors = 0;
  for (const auto& finding : found) errors += finding.severity == Severity::kError ? 1 : 0;
  if (output == Output::kJson) {
    text::JsonArray findings;
    for (const auto& finding : found) findings.push_back(json_of(finding));
    const text::JsonObject report{{"cast", cast.string()},
                                  {"errors", errors},
                                  {"warnings", found.size() - errors},
                                  {"findings", std::move(findings)}};
    fmt::print("{}\n", text::print_json(report));
  } else {
    for (const auto& finding : found) fmt::print("{}\n", line_of(finding, cast));
    fmt::print(stderr, "{}: {} errors, {} warnings\n", cast.string(), errors,
               found.size() - errors);
  }
  return errors == 0 ? 0 : 1;
}

}  // namespace dramatis::app
