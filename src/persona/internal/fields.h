// One map of a sheet, its keys taken one by one: what is missing, unknown or of the wrong kind is
// noted.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "persona/finding.h"
#include "persona/limits.h"
#include "persona/world.h"
#include "text/json.h"
#include "text/yaml.h"

namespace dramatis::persona::internal {

// Where faults go. One file at a time.
class Report {
 public:
  // `found` outlives the report.
  Report(std::string file, std::vector<Finding>& found) : file_(std::move(file)), found_(found) {}

  void error(int line, std::string field, std::string what, std::string suggestion = "");
  void warning(int line, std::string field, std::string what, std::string suggestion = "");

 private:
  void add(Finding finding);

  std::string file_;
  std::vector<Finding>& found_;
};

enum class Need { kRequired, kMayBeEmpty, kOptional };

// Scalars as YAML has them (any plain word is text), or as JSON has them (text stands in quotes).
enum class Scalars { kYaml, kJson };

// One thread at a time.
class Fields {
 public:
  // `node` and `report` outlive the fields. A node that is no map is noted and has no fields.
  Fields(const text::YamlNode& node, std::string path, Report& report,
         Scalars scalars = Scalars::kYaml);

  [[nodiscard]] std::string text(std::string_view key, Need need = Need::kRequired);
  // Kebab-case: "orlando-marlo".
  [[nodiscard]] std::string id(std::string_view key, Need need = Need::kRequired);
  // One of `known`; empty where it is not.
  [[nodiscard]] std::string choice(std::string_view key, std::span<const std::string_view> known);
  [[nodiscard]] bool flag(std::string_view key, Need need = Need::kRequired);
  [[nodiscard]] std::vector<std::string> texts(std::string_view key, Need need = Need::kRequired);
  // A list of {`label`, text}.
  [[nodiscard]] std::vector<Note> notes(std::string_view key, std::string_view label);
  // Calls `take` with the fields of each map in the list `key`.
  void each(std::string_view key, Need need, const std::function<void(Fields&)>& take);
  // Notes every key that was not asked for, with the nearest that was. The last call.
  void finish();

  [[nodiscard]] int line() const { return node_.line; }
  // The line of `key`, or of the map where it has none.
  [[nodiscard]] int line_of(std::string_view key) const;
  // "backstory[2].episode".
  [[nodiscard]] std::string path_of(std::string_view key) const;

 private:
  [[nodiscard]] const text::YamlNode* take(std::string_view key, Need need);
  [[nodiscard]] const text::YamlNode* take_list(std::string_view key, Need need);
  [[nodiscard]] std::string scalar(const text::YamlNode& node, const std::string& path);

  const text::YamlNode& node_;
  std::string path_;
  Report& report_;
  Scalars scalars_;
  std::vector<std::string_view> asked_;  // keys are literals of the callers
};

// `value` as a node of `line`; its strings count as quoted.
[[nodiscard]] text::YamlNode node_of(const text::Json& value, int line);

// Calls `see` with every scalar below `node` and its path, but those under the keys `skip`.
void each_scalar(const text::YamlNode& node, const std::string& path,
                 std::span<const std::string_view> skip,
                 const std::function<void(const text::YamlNode&, const std::string&)>& see);

}  // namespace dramatis::persona::internal
