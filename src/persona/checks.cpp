// <character>.checks.yaml -> Check..., and Check + reply -> right or wrong.
#include "persona/checks.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "persona/internal/fields.h"
#include "persona/secrets.h"
#include "text/yaml.h"

namespace dramatis::persona {
namespace {

// In the order of CheckKind.
constexpr std::array<std::string_view, 6> kKinds{"fact",      "opinion", "value",
                                                 "smalltalk", "unknown", "break"};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

bool mentions(const std::string& reply, std::string_view phrase) {
  const std::string wanted = lowered(phrase);
  if (wanted.empty()) return false;
  for (std::size_t at = reply.find(wanted); at != std::string::npos;
       at = reply.find(wanted, at + 1)) {
    if (at == 0 || !is_letter(reply[at - 1])) return true;
  }
  return false;
}

CheckKind kind_of(std::string_view word) {
  const auto at = std::ranges::find(kKinds, word);
  return at == kKinds.end() ? CheckKind::kFact : static_cast<CheckKind>(at - kKinds.begin());
}

Check read_check(internal::Fields& fields, const Character& character, internal::Report& report) {
  Check check;
  check.id = fields.id("id");
  check.ask = fields.text("ask");
  check.kind = kind_of(fields.choice("kind", kKinds));
  check.any_of = fields.texts("any_of");
  check.none_of = fields.texts("none_of", internal::Need::kOptional);
  check.answer = fields.text("answer");
  if (!check.answer.empty() && !check.any_of.empty() && !passes(check, check.answer)) {
    report.error(fields.line_of("answer"), fields.path_of("answer"),
                 "the check's own answer does not pass it.",
                 "it needs one of any_of at a word's beginning, and none of none_of");
  }
  if (const auto word = find_secret(check.answer, character.secrets)) {
    report.error(fields.line_of("answer"), fields.path_of("answer"),
                 fmt::format("the answer says '{}', which is a secret's word.", *word));
  }
  return check;
}

}  // namespace

std::string_view print(CheckKind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}

bool passes(const Check& check, std::string_view reply) {
  const std::string said = lowered(reply);
  const auto in_reply = [&said](const std::string& phrase) { return mentions(said, phrase); };
  return std::ranges::any_of(check.any_of, in_reply) &&
         std::ranges::none_of(check.none_of, in_reply);
}

std::vector<Check> parse_checks(std::string_view yaml, const std::string& file,
                                const Character& character, std::vector<Finding>& found) {
  internal::Report report(file, found);
  std::vector<Check> checks;
  const auto root = text::parse_yaml(yaml);
  if (!root) {
    report.error(0, "", root.error().what);
    return checks;
  }
  internal::Fields fields(*root, "", report);
  const std::string whose = fields.id("character");
  if (!whose.empty() && whose != character.id) {
    report.error(
        fields.line_of("character"), "character",
        fmt::format("the checks name '{}', the sheet beside them '{}'.", whose, character.id));
  }
  std::set<std::string> ids;
  fields.each("checks", internal::Need::kRequired, [&](internal::Fields& entry) {
    checks.push_back(read_check(entry, character, report));
    const std::string& id = checks.back().id;
    if (!id.empty() && !ids.insert(id).second) {
      report.error(entry.line_of("id"), entry.path_of("id"),
                   fmt::format("the id '{}' stands twice.", id));
    }
  });
  fields.finish();
  return checks;
}

}  // namespace dramatis::persona
