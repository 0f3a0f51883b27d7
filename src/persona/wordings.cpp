// YAML -> TopicWordings.
#include "persona/wordings.h"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "persona/internal/fields.h"
#include "persona/secrets.h"
#include "text/yaml.h"

namespace dramatis::persona {
namespace {

std::set<std::string, std::less<>> topics_of(std::span<const Dialogue> dialogues) {
  std::set<std::string, std::less<>> topics;
  for (const auto& dialogue : dialogues) {
    for (const auto& exchange : dialogue.exchanges) topics.insert(exchange.topic);
  }
  return topics;
}

// The lines of one topic.
std::vector<std::string> lines_of(const text::YamlNode& list, const std::string& topic,
                                  std::span<const Secret> secrets, internal::Report& report) {
  std::vector<std::string> lines;
  if (list.kind != text::YamlNode::Kind::kList) {
    report.error(list.line, topic, "a list of wordings was expected.");
  }
  for (const auto& item : list.items) {
    if (item.kind != text::YamlNode::Kind::kScalar || item.scalar.size() > kMaxTextBytes) {
      report.error(item.line, topic, "a wording is a line of text.", "put it in quotes");
    } else if (const auto word = find_secret(item.scalar, secrets)) {
      report.error(item.line, topic, fmt::format("the line says '{}', a secret's word.", *word));
    } else {
      lines.push_back(item.scalar);
    }
  }
  return lines;
}

// The topics of a file of wordings; nothing where it is no such file.
std::optional<text::YamlNode> topics_in(std::string_view yaml, internal::Report& report) {
  auto root = text::parse_yaml(yaml);
  if (root && root->kind == text::YamlNode::Kind::kMap) return *std::move(root);
  report.error(0, "", root ? "topics with lists of lines were expected." : root.error().what);
  return std::nullopt;
}

}  // namespace

std::vector<TopicWordings> parse_wordings(std::string_view yaml, const std::string& file,
                                          std::span<const Dialogue> dialogues,
                                          std::span<const Secret> secrets,
                                          std::vector<Finding>& found) {
  internal::Report report(file, found);
  std::vector<TopicWordings> wordings;
  const auto root = topics_in(yaml, report);
  if (!root) return wordings;
  const auto topics = topics_of(dialogues);
  for (const auto& [key, list] : root->members) {
    if (!topics.contains(key.scalar)) {
      report.error(key.line, key.scalar,
                   fmt::format("no exchange of the dialogues has the topic '{}'.", key.scalar));
      continue;
    }
    wordings.push_back({.topic = key.scalar, .lines = lines_of(list, key.scalar, secrets, report)});
  }
  return wordings;
}

std::vector<TopicWordings> parse_shared_wordings(std::string_view yaml, const std::string& file,
                                                 std::vector<Finding>& found) {
  internal::Report report(file, found);
  std::vector<TopicWordings> wordings;
  const auto root = topics_in(yaml, report);
  if (!root) return wordings;
  for (const auto& [key, list] : root->members)
    wordings.push_back({.topic = key.scalar, .lines = lines_of(list, key.scalar, {}, report)});
  return wordings;
}

void add_shared(std::span<const TopicWordings> shared, std::span<const Dialogue> dialogues,
                std::span<const Secret> secrets, std::vector<TopicWordings>& own) {
  const auto topics = topics_of(dialogues);
  for (const auto& topic : shared) {
    if (!topics.contains(topic.topic)) continue;
    auto at = std::ranges::find(own, topic.topic, &TopicWordings::topic);
    if (at == own.end()) at = own.insert(own.end(), {.topic = topic.topic, .lines = {}});
    for (const auto& line : topic.lines) {
      if (find_secret(line, secrets) || std::ranges::find(at->lines, line) != at->lines.end())
        continue;
      at->lines.push_back(line);
    }
  }
}

}  // namespace dramatis::persona
