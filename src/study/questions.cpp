// YAML -> questions -> YAML.
#include "study/questions.h"

#include <array>
#include <set>

#include <fmt/format.h>

#include "study/limits.h"
#include "text/json.h"
#include "text/yaml.h"

namespace dramatis::study {
namespace {

using text::YamlNode;

struct ThemeName {
  Theme theme;
  std::string_view name;
};
constexpr std::array kThemes{ThemeName{Theme::kPast, "past"},
                             ThemeName{Theme::kRelations, "relations"},
                             ThemeName{Theme::kValues, "values"},
                             ThemeName{Theme::kOpinions, "opinions"},
                             ThemeName{Theme::kKnowledge, "knowledge"},
                             ThemeName{Theme::kStyle, "style"},
                             ThemeName{Theme::kTraps, "traps"},
                             ThemeName{Theme::kConsistency, "consistency"},
                             ThemeName{Theme::kTime, "time"}};

// Where a fault is, for its error.
struct At {
  std::string_view place;
  int line = 0;
};

tl::unexpected<Error> wrong(At at, std::string_view what) {
  return fail(ErrorCode::kInvalidArgument, fmt::format("{}, line {}: {}", at.place, at.line, what));
}

Result<std::string> text_of(const YamlNode& node, std::string_view field, At at) {
  const YamlNode* const found = node.find(field);
  if (found == nullptr) return std::string();
  if (found->kind != YamlNode::Kind::kScalar)
    return wrong({at.place, found->line}, fmt::format("'{}' is a text.", field));
  return found->scalar;
}

Result<std::string> needed(const YamlNode& node, std::string_view field, At at) {
  DRAMATIS_TRY(auto words, text_of(node, field, at));
  if (words.empty()) return wrong(at, fmt::format("The question has no '{}'.", field));
  return words;
}

Result<std::vector<std::string>> list_of(const YamlNode& node, std::string_view field, At at) {
  std::vector<std::string> list;
  const YamlNode* const found = node.find(field);
  if (found == nullptr) return list;
  if (found->kind != YamlNode::Kind::kList)
    return wrong({at.place, found->line}, fmt::format("'{}' is a list of texts.", field));
  for (const auto& item : found->items) {
    if (item.kind != YamlNode::Kind::kScalar || item.scalar.empty())
      return wrong({at.place, item.line}, fmt::format("'{}' is a list of texts.", field));
    list.push_back(item.scalar);
  }
  return list;
}

Result<Theme> theme_of(const std::string& name, At at) {
  for (const auto& row : kThemes) {
    if (row.name == name) return row.theme;
  }
  return wrong(at, fmt::format("'{}' is no theme; there are past, relations, values, opinions, "
                               "knowledge, style, traps, consistency and time.",
                               name));
}

Status know_fields(const YamlNode& node, At at) {
  constexpr std::array<std::string_view, 8> kFields{"id",     "character", "theme", "ask",
                                                    "any_of", "none_of",   "then",  "same_as"};
  for (const auto& [key, value] : node.members) {
    if (std::find(kFields.begin(), kFields.end(), key.scalar) == kFields.end())
      return wrong({at.place, key.line}, fmt::format("A question has no '{}'.", key.scalar));
  }
  return {};
}

Result<Question> read_question(const YamlNode& node, std::string_view place) {
  const At at{place, node.line};
  if (node.kind != YamlNode::Kind::kMap) return wrong(at, "A question is a map.");
  DRAMATIS_DO(know_fields(node, at));
  Question question;
  DRAMATIS_TRY(question.id, needed(node, "id", at));
  DRAMATIS_TRY(question.character, text_of(node, "character", at));
  DRAMATIS_TRY(const auto theme, needed(node, "theme", at));
  DRAMATIS_TRY(question.theme, theme_of(theme, at));
  DRAMATIS_TRY(question.ask, needed(node, "ask", at));
  DRAMATIS_TRY(question.any_of, list_of(node, "any_of", at));
  DRAMATIS_TRY(question.none_of, list_of(node, "none_of", at));
  DRAMATIS_TRY(question.then, list_of(node, "then", at));
  DRAMATIS_TRY(question.same_as, text_of(node, "same_as", at));
  return question;
}

Status judge(const QuestionSet& set, std::string_view place) {
  std::set<std::string> ids;
  for (const auto& question : set.questions) {
    if (!ids.insert(question.id).second)
      return wrong({place, 1}, fmt::format("The id '{}' stands twice.", question.id));
  }
  for (const auto& question : set.questions) {
    if (!question.same_as.empty() && !ids.contains(question.same_as)) {
      return wrong({place, 1}, fmt::format("'{}' rephrases '{}', which is no question.",
                                           question.id, question.same_as));
    }
  }
  return {};
}

// A YAML scalar that any reader takes for the same text: JSON's strings are YAML's.
std::string in_quotes(std::string_view text) {
  return text::print_json(text);
}

void print_list(std::string_view field, const std::vector<std::string>& list, std::string& out) {
  if (list.empty()) return;
  out += fmt::format("    {}: [", field);
  for (std::size_t n = 0; n < list.size(); ++n)
    out.append(n == 0 ? "" : ", ").append(in_quotes(list[n]));
  out += "]\n";
}

}  // namespace

std::string_view print(Theme theme) {
  for (const auto& row : kThemes) {
    if (row.theme == theme) return row.name;
  }
  return "past";
}

Result<QuestionSet> parse_questions(std::string_view yaml, std::string_view place) {
  auto document = text::parse_yaml(yaml);
  if (!document)
    return fail(document.error().code, fmt::format("{}: {}", place, document.error().what));
  QuestionSet set;
  const At top{place, document->line};
  DRAMATIS_TRY(set.name, text_of(*document, "name", top));
  const YamlNode* const list = document->find("questions");
  if (list == nullptr || list->kind != YamlNode::Kind::kList)
    return wrong(top, "A question set has a list 'questions'.");
  if (list->items.size() > kMaxQuestions) {
    return fail(ErrorCode::kOverBudget, fmt::format("{}: {} questions; at most {} are asked.",
                                                    place, list->items.size(), kMaxQuestions));
  }
  for (const auto& item : list->items) {
    DRAMATIS_TRY(auto question, read_question(item, place));
    set.questions.push_back(std::move(question));
  }
  DRAMATIS_DO(judge(set, place));
  return set;
}

std::string print_questions(const QuestionSet& set) {
  std::string out = fmt::format("name: {}\nquestions:{}\n", in_quotes(set.name),
                                set.questions.empty() ? " []" : "");
  for (const auto& question : set.questions) {
    out += fmt::format("  - id: {}\n", in_quotes(question.id));
    if (!question.character.empty())
      out += fmt::format("    character: {}\n", in_quotes(question.character));
    out +=
        fmt::format("    theme: {}\n    ask: {}\n", print(question.theme), in_quotes(question.ask));
    print_list("any_of", question.any_of, out);
    print_list("none_of", question.none_of, out);
    print_list("then", question.then, out);
    if (!question.same_as.empty())
      out += fmt::format("    same_as: {}\n", in_quotes(question.same_as));
  }
  return out;
}

}  // namespace dramatis::study
