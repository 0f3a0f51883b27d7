// YamlNode -> typed fields, with a finding for whatever does not fit.
#include "persona/internal/fields.h"

#include <algorithm>

#include <fmt/format.h>

#include "persona/internal/nearest.h"

namespace dramatis::persona::internal {
namespace {

using Kind = text::YamlNode::Kind;

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::kNull:
      return "nothing";
    case Kind::kScalar:
      return "a text";
    case Kind::kList:
      return "a list";
    case Kind::kMap:
      return "a map";
  }
  return "nothing";
}

bool is_kebab(std::string_view id) {
  if (id.empty() || id.size() > kMaxIdBytes || id.front() == '-' || id.back() == '-') return false;
  return std::ranges::all_of(
      id, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

}  // namespace

void Report::add(Finding finding) {
  if (found_.size() < kMaxFindings) found_.push_back(std::move(finding));
}

void Report::error(int line, std::string field, std::string what, std::string suggestion) {
  add({.file = file_,
       .line = line,
       .field = std::move(field),
       .severity = Severity::kError,
       .what = std::move(what),
       .suggestion = std::move(suggestion)});
}

void Report::warning(int line, std::string field, std::string what, std::string suggestion) {
  add({.file = file_,
       .line = line,
       .field = std::move(field),
       .severity = Severity::kWarning,
       .what = std::move(what),
       .suggestion = std::move(suggestion)});
}

Fields::Fields(const text::YamlNode& node, std::string path, Report& report, Scalars scalars)
    : node_(node), path_(std::move(path)), report_(report), scalars_(scalars) {
  if (node.kind != Kind::kMap) {
    report_.error(node.line, path_,
                  fmt::format("a map of fields is wanted, {} stands here.", name_of(node.kind)));
  }
}

int Fields::line_of(std::string_view key) const {
  const auto* found = node_.find(key);
  return found == nullptr || found->line == 0 ? node_.line : found->line;
}

std::string Fields::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

const text::YamlNode* Fields::take(std::string_view key, Need need) {
  asked_.push_back(key);
  if (node_.kind != Kind::kMap) return nullptr;
  const auto* found = node_.find(key);
  if (found == nullptr && need != Need::kOptional) {
    report_.error(node_.line, path_of(key), "this field is missing.",
                  need == Need::kMayBeEmpty ? fmt::format("write `{}: []` if there are none", key)
                                            : fmt::format("add `{}:`", key));
  }
  return found;
}

std::string Fields::scalar(const text::YamlNode& node, const std::string& path) {
  if (node.kind != Kind::kScalar || (scalars_ == Scalars::kJson && !node.quoted)) {
    report_.error(
        node.line, path,
        fmt::format("a text is wanted, {} stands here.",
                    node.kind == Kind::kScalar ? "a number or a flag" : name_of(node.kind)));
    return {};
  }
  if (node.scalar.find_first_not_of(" \n\t") == std::string::npos) {
    report_.error(node.line, path, "the text is blank.");
  } else if (node.scalar.size() > kMaxTextBytes) {
    report_.error(node.line, path,
                  fmt::format("the text has {} bytes, at most {} are kept.", node.scalar.size(),
                              kMaxTextBytes));
    return {};
  }
  return node.scalar;
}

std::string Fields::text(std::string_view key, Need need) {
  const auto* found = take(key, need);
  return found == nullptr ? std::string() : scalar(*found, path_of(key));
}

std::string Fields::id(std::string_view key, Need need) {
  std::string value = text(key, need);
  if (value.empty() || is_kebab(value)) return value;
  report_.error(line_of(key), path_of(key),
                fmt::format("'{}' is no id of at most {} small letters, digits and hyphens.",
                            value.substr(0, kMaxIdBytes), kMaxIdBytes),
                "such as orlando-marlo");
  return {};
}

std::string Fields::choice(std::string_view key, std::span<const std::string_view> known) {
  std::string value = text(key);
  if (value.empty() || std::ranges::find(known, value) != known.end()) return value;
  const auto meant = nearest(value, known);
  report_.error(line_of(key), path_of(key),
                fmt::format("'{}' is not known here.", value.substr(0, kMaxIdBytes)),
                meant.empty() ? fmt::format("one of: {}", fmt::join(known, ", "))
                              : fmt::format("did you mean '{}'?", meant));
  return {};
}

bool Fields::flag(std::string_view key, Need need) {
  const auto* found = take(key, need);
  if (found == nullptr) return false;
  if (found->kind == Kind::kScalar && !found->quoted) {
    if (found->scalar == "true") return true;
    if (found->scalar == "false") return false;
  }
  report_.error(found->line, path_of(key), "true or false is wanted here.", "without quotes");
  return false;
}

const text::YamlNode* Fields::take_list(std::string_view key, Need need) {
  const auto* found = take(key, need);
  if (found == nullptr) return nullptr;
  if (found->kind != Kind::kList) {
    report_.error(found->line, path_of(key),
                  fmt::format("a list is wanted, {} stands here.", name_of(found->kind)));
    return nullptr;
  }
  if (found->items.empty() && need == Need::kRequired) {
    report_.error(found->line, path_of(key), "the list is empty.", "at least one entry is needed");
  }
  if (found->items.size() > kMaxEntries) {
    report_.error(found->line, path_of(key),
                  fmt::format("the list has {} entries, at most {} are read.", found->items.size(),
                              kMaxEntries));
    return nullptr;
  }
  return found;
}

std::vector<std::string> Fields::texts(std::string_view key, Need need) {
  std::vector<std::string> values;
  const auto* list = take_list(key, need);
  if (list == nullptr) return values;
  for (std::size_t n = 0; n < list->items.size(); ++n) {
    values.push_back(scalar(list->items[n], fmt::format("{}[{}]", path_of(key), n)));
  }
  return values;
}

std::vector<Note> Fields::notes(std::string_view key, std::string_view label) {
  std::vector<Note> values;
  each(key, Need::kRequired, [&](Fields& entry) {
    Note note;
    note.name = entry.text(label);
    note.text = entry.text("text");
    values.push_back(std::move(note));
  });
  return values;
}

void Fields::each(std::string_view key, Need need, const std::function<void(Fields&)>& take_entry) {
  const auto* list = take_list(key, need);
  if (list == nullptr) return;
  for (std::size_t n = 0; n < list->items.size(); ++n) {
    Fields entry(list->items[n], fmt::format("{}[{}]", path_of(key), n), report_, scalars_);
    take_entry(entry);
    entry.finish();
  }
}

void Fields::finish() {
  for (const auto& [key, value] : node_.members) {
    if (std::ranges::find(asked_, std::string_view(key.scalar)) != asked_.end()) continue;
    const auto meant = nearest(key.scalar, asked_);
    report_.error(key.line, path_of(key.scalar.substr(0, kMaxIdBytes)),
                  "no such field is known here.",
                  meant.empty() ? fmt::format("known are: {}", fmt::join(asked_, ", "))
                                : fmt::format("did you mean '{}'?", meant));
  }
}

text::YamlNode node_of(const text::Json& value, int line) {
  text::YamlNode node;
  node.line = line;
  if (const auto* array = value.as_array()) {
    node.kind = Kind::kList;
    for (const auto& item : *array) node.items.push_back(node_of(item, line));
  } else if (const auto* object = value.as_object()) {
    node.kind = Kind::kMap;
    for (const auto& [key, member] : *object) {
      text::YamlNode name;
      name.kind = Kind::kScalar;
      name.line = line;
      name.scalar = key;
      node.members.emplace_back(std::move(name), node_of(member, line));
    }
  } else if (const auto* words = value.as_string()) {
    node.kind = Kind::kScalar;
    node.quoted = true;
    node.scalar = *words;
  } else if (!value.is_null()) {
    node.kind = Kind::kScalar;
    node.scalar = text::print_json(value);
  }
  return node;
}

void each_scalar(const text::YamlNode& node, const std::string& path,
                 std::span<const std::string_view> skip,
                 const std::function<void(const text::YamlNode&, const std::string&)>& see) {
  if (node.kind == Kind::kScalar) see(node, path);
  for (std::size_t n = 0; n < node.items.size(); ++n) {
    each_scalar(node.items[n], fmt::format("{}[{}]", path, n), skip, see);
  }
  for (const auto& [key, value] : node.members) {
    if (std::ranges::find(skip, std::string_view(key.scalar)) != skip.end()) continue;
    each_scalar(value, path.empty() ? key.scalar : fmt::format("{}.{}", path, key.scalar), skip,
                see);
  }
}

}  // namespace dramatis::persona::internal
