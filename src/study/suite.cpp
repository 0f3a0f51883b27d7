// YAML -> a suite, field by field.
#include "study/suite.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "study/limits.h"
#include "text/yaml.h"

namespace dramatis::study {
namespace {

using text::YamlNode;

tl::unexpected<Error> wrong(std::string_view place, int line, std::string_view what) {
  return fail(ErrorCode::kInvalidArgument, fmt::format("{}, line {}: {}", place, line, what));
}

Result<std::string> scalar_of(const YamlNode& node, std::string_view field,
                              std::string_view place) {
  if (node.kind == YamlNode::Kind::kScalar) return node.scalar;
  return wrong(place, node.line, fmt::format("'{}' is a text.", field));
}

std::optional<std::size_t> number_in(std::string_view text, std::size_t most) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size() && !text.empty();
  return whole && value <= most ? std::optional(value) : std::nullopt;
}

Result<std::vector<std::string>> list_of(const YamlNode& node, std::string_view field,
                                         std::string_view place) {
  if (node.kind == YamlNode::Kind::kScalar) return std::vector{node.scalar};
  if (node.kind != YamlNode::Kind::kList)
    return wrong(place, node.line, fmt::format("'{}' is a list of texts.", field));
  std::vector<std::string> list;
  for (const auto& item : node.items) {
    DRAMATIS_TRY(auto text, scalar_of(item, field, place));
    list.push_back(std::move(text));
  }
  return list;
}

Result<SuiteCandidate> candidate_of(const YamlNode& node, std::string_view place) {
  if (node.kind != YamlNode::Kind::kMap)
    return wrong(place, node.line, "A candidate is a map with a name and settings.");
  SuiteCandidate candidate;
  for (const auto& [key, value] : node.members) {
    DRAMATIS_TRY(auto text, scalar_of(value, key.scalar, place));
    (key.scalar == "name" ? candidate.name : candidate.settings[key.scalar]) = std::move(text);
  }
  if (candidate.name.empty()) return wrong(place, node.line, "A candidate has a 'name'.");
  return candidate;
}

Status read_candidates(const YamlNode& node, std::string_view place, Suite& suite) {
  if (node.kind != YamlNode::Kind::kList) return wrong(place, node.line, "'candidates' is a list.");
  if (node.items.size() > kMaxCandidates) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("{}, line {}: {} candidates; at most {} are compared.", place,
                            node.line, node.items.size(), kMaxCandidates));
  }
  std::set<std::string> names;
  for (const auto& item : node.items) {
    DRAMATIS_TRY(auto candidate, candidate_of(item, place));
    if (!names.insert(candidate.name).second)
      return wrong(place, item.line, fmt::format("'{}' stands twice.", candidate.name));
    suite.candidates.push_back(std::move(candidate));
  }
  return {};
}

Status read_member(const YamlNode& key, const YamlNode& value, std::string_view place,
                   Suite& suite) {
  const std::string& field = key.scalar;
  if (field == "candidates") return read_candidates(value, place, suite);
  if (field == "characters" || field == "fail_under") {
    DRAMATIS_TRY(auto list, list_of(value, field, place));
    (field == "characters" ? suite.characters : suite.fail_under) = std::move(list);
    return {};
  }
  DRAMATIS_TRY(auto text, scalar_of(value, field, place));
  if (field == "single") {
    const auto number = number_in(text, kMaxQuestions);
    if (!number) return wrong(place, value.line, fmt::format("'{}' is no number.", text));
    suite.single = *number;
  } else if (field == "multi") {
    const auto multi = parse_multi(text);
    if (!multi) return wrong(place, value.line, multi.error().what);
    suite.multi = multi->interviews;
    suite.turns = multi->turns;
  } else if (field == "name" || field == "questions") {
    (field == "name" ? suite.name : suite.questions) = std::move(text);
  } else {
    return wrong(place, key.line,
                 fmt::format("A suite has no '{}'; it has name, characters, single, multi, "
                             "questions, candidates and fail_under.",
                             field));
  }
  return {};
}

}  // namespace

Result<MultiTurn> parse_multi(std::string_view text) {
  const std::size_t times = text.find('x');
  const auto interviews = number_in(text.substr(0, times), kMaxQuestions);
  const auto turns = times == std::string_view::npos
                         ? std::optional<std::size_t>(5)
                         : number_in(text.substr(times + 1), kMaxInterviewTurns);
  if (interviews && turns && *turns > 0)
    return MultiTurn{.interviews = *interviews, .turns = *turns};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("'{}' is no number of interviews and turns; 10x5 is ten of five "
                          "questions, at most {}x{}.",
                          text, kMaxQuestions, kMaxInterviewTurns));
}

Result<Suite> parse_suite(std::string_view yaml, std::string_view place) {
  auto document = text::parse_yaml(yaml);
  if (!document)
    return fail(document.error().code, fmt::format("{}: {}", place, document.error().what));
  if (document->kind != YamlNode::Kind::kMap) return wrong(place, 1, "A suite is a map.");
  Suite suite;
  for (const auto& [key, value] : document->members)
    DRAMATIS_DO(read_member(key, value, place, suite));
  if (suite.name.empty()) suite.name = std::string(place);
  if (suite.single == 0 && suite.multi == 0)
    return wrong(place, document->line, "A suite that asks nothing measures nothing.");
  return suite;
}

}  // namespace dramatis::study
