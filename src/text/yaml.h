// YAML as a tree that knows its lines, so that whoever judges a sheet can say where.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace dramatis::text {

// A node: a scalar as it was written, a list, or a map in the order of the document.
struct YamlNode {
  enum class Kind { kNull, kScalar, kList, kMap };

  YamlNode();  // defined elsewhere: clang 14 cannot define it before std::pair<YamlNode, YamlNode>
               // is whole

  Kind kind = Kind::kNull;
  bool quoted = false;  // a scalar in quotes or a block is always a string: "12" is no number
  int line = 0;         // of its first character, from 1
  int column = 0;       // likewise
  std::string scalar;
  std::vector<YamlNode> items;                         // of a list
  std::vector<std::pair<YamlNode, YamlNode>> members;  // of a map: key, value

  // The value of `key` in a map, or null.
  [[nodiscard]] const YamlNode* find(std::string_view key) const;
};

// One document without aliases, tags or duplicate keys, within the limits of this room.
// Errors: kInvalidArgument with line and column, kOverBudget.
[[nodiscard]] Result<YamlNode> parse_yaml(std::string_view document);

}  // namespace dramatis::text
