// A value beside a schema of openapi.h: what does not fit.
#pragma once

#include <algorithm>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "text/json.h"

namespace dramatis::server::testing {

// Knows the words that our schemas use; any other is a fault, so that nothing goes unread.
class SchemaReader {
 public:
  // `components` outlives it.
  explicit SchemaReader(const text::Json& components) : components_(components) {}

  // A sentence for each fault. A member that the schema does not name is one, unless the schema
  // says that there are others.
  [[nodiscard]] std::vector<std::string> faults(const text::Json& value, const text::Json& schema,
                                                const std::string& place = "") const {
    std::vector<std::string> found;
    read(value, schema, place, found);
    Names names;
    gather(schema, names);
    if (value.as_object() == nullptr || names.others || names.known.empty()) return found;
    for (const auto& [name, member] : *value.as_object()) {
      if (!names.known.contains(name)) found.push_back(place + "." + name + " is not told of");
    }
    return found;
  }

  // Where "#/components/schemas/Turn" leads.
  [[nodiscard]] const text::Json* at(std::string_view reference) const {
    constexpr std::string_view kRoot = "#/components/";
    const std::string_view rest = reference.substr(std::min(kRoot.size(), reference.size()));
    const std::size_t slash = rest.find('/');
    const text::Json* list = components_.find(rest.substr(0, slash));
    return list == nullptr || slash == rest.npos ? nullptr : list->find(rest.substr(slash + 1));
  }

 private:
  using Faults = std::vector<std::string>;
  struct Names {
    std::set<std::string> known{};
    bool others = false;
  };

  // The members that a schema names, with those of all its parts.
  void gather(const text::Json& schema, Names& names) const {
    if (const auto* reference = schema.find("$ref")) {
      if (const auto* meant = at(*reference->as_string())) gather(*meant, names);
    }
    if (const auto* parts = schema.find("allOf")) {
      for (const auto& part : *parts->as_array()) gather(part, names);
    }
    // One of these fits, and told on its own what it does not know.
    if (schema.find("oneOf") != nullptr) names.others = true;
    if (const auto* members = schema.find("properties")) {
      for (const auto& [name, member] : *members->as_object()) names.known.insert(name);
    }
    const auto* more = schema.find("additionalProperties");
    if (more != nullptr && (more->as_bool() == nullptr || *more->as_bool())) names.others = true;
  }

  void read(const text::Json& value, const text::Json& schema, const std::string& place,
            Faults& found) const {
    for (const auto& [word, said] : *schema.as_object()) {
      if (word == "$ref") {
        const auto* meant = at(*said.as_string());
        if (meant == nullptr) found.push_back(place + ": " + *said.as_string() + " leads nowhere");
        if (meant != nullptr) read(value, *meant, place, found);
      } else if (word == "allOf") {
        for (const auto& part : *said.as_array()) read(value, part, place, found);
      } else if (word == "oneOf") {
        const auto fits = [&](const auto& one) { return faults(value, one, place).empty(); };
        if (std::ranges::count_if(*said.as_array(), fits) != 1)
          found.push_back(place + " fits none of several, or more than one");
      } else if (!read_word(value, word, said, place, found)) {
        found.push_back(place + " is " + text::print_json(value) + ", which is not " + word + " " +
                        text::print_json(said));
      }
    }
    read_members(value, schema, place, found);
  }

  void read_members(const text::Json& value, const text::Json& schema, const std::string& place,
                    Faults& found) const {
    if (const auto* items = schema.find("items"); items != nullptr && value.as_array() != nullptr) {
      std::size_t n = 0;
      for (const auto& item : *value.as_array())
        append(faults(item, *items, fmt::format("{}[{}]", place, n++)), found);
    }
    if (value.as_object() == nullptr) return;
    const auto* members = schema.find("properties");
    const auto* more = schema.find("additionalProperties");
    for (const auto& [name, member] : *value.as_object()) {
      const auto* told = members == nullptr ? nullptr : members->find(name);
      if (told == nullptr && more != nullptr && more->as_object() != nullptr) told = more;
      if (told != nullptr) append(faults(member, *told, place + "." + name), found);
    }
  }

  static void append(const Faults& more, Faults& found) {
    found.insert(found.end(), more.begin(), more.end());
  }

  // Whether the value is as one word of the schema says.
  static bool read_word(const text::Json& value, std::string_view word, const text::Json& said,
                        const std::string& place, Faults& found) {
    const std::set<std::string_view> others{"description", "default",    "format",
                                            "properties",  "items",      "additionalProperties",
                                            "maxLength",   "uniqueItems"};
    if (others.contains(word)) return true;
    if (word == "type") return is_one_of(value, said);
    if (word == "const") return value == said;
    if (word == "enum") return std::ranges::count(*said.as_array(), value) == 1;
    if (word == "minimum") return !value.as_number() || *value.as_number() >= *said.as_number();
    if (word == "maximum") return !value.as_number() || *value.as_number() <= *said.as_number();
    if (word == "minLength") return size_of(value.as_string()) >= *said.as_int();
    if (word == "minItems") return size_of(value.as_array()) >= *said.as_int();
    if (word == "maxItems")
      return value.as_array() == nullptr || size_of(value.as_array()) <= *said.as_int();
    if (word == "minProperties") return size_of(value.as_object()) >= *said.as_int();
    if (word == "pattern")
      return value.as_string() == nullptr ||
             std::regex_search(*value.as_string(), std::regex(*said.as_string()));
    if (word == "required") {
      for (const auto& name : *said.as_array()) {
        if (value.as_object() != nullptr && value.find(*name.as_string()) == nullptr)
          found.push_back(place + "." + *name.as_string() + " is not there");
      }
      return true;
    }
    found.push_back(fmt::format("{}: nobody reads the word {}", place, word));
    return true;
  }

  // Of what has no size, more than any.
  template <class Sized>
  static std::int64_t size_of(const Sized* value) {
    return value == nullptr ? std::numeric_limits<std::int64_t>::max()
                            : static_cast<std::int64_t>(value->size());
  }

  static bool is_one_of(const text::Json& value, const text::Json& types) {
    if (types.as_string() != nullptr) return is_a(value, *types.as_string());
    return std::ranges::any_of(
        *types.as_array(), [&value](const auto& type) { return is_a(value, *type.as_string()); });
  }

  static bool is_a(const text::Json& value, std::string_view type) {
    if (type == "null") return value.is_null();
    if (type == "boolean") return value.as_bool() != nullptr;
    if (type == "integer") return value.as_int() != nullptr;
    if (type == "number") return value.as_number().has_value();
    if (type == "string") return value.as_string() != nullptr;
    if (type == "array") return value.as_array() != nullptr;
    return type == "object" && value.as_object() != nullptr;
  }

  const text::Json& components_;
};

}  // namespace dramatis::server::testing
