// JSON Schema -> rules. Source: json-schema.org, draft 2020-12.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/check.h"
#include "lm/limits.h"
#include "sampling/grammar.h"
#include "sampling/internal/compile.h"
#include "sampling/internal/json_rules.h"
#include "sampling/limits.h"
#include "text/json.h"
#include "text/limits.h"

namespace dramatis::sampling {
namespace {

using internal::choice;
using internal::Expression;
using internal::JsonRule;
using internal::kForever;
using internal::optional;
using internal::repeat;
using internal::rule;
using internal::sequence;
using text::Json;

// Keywords that say something about the schema and nothing about the value.
bool is_annotation(std::string_view key) {
  constexpr std::string_view kNames[] = {"title",     "description", "default",    "examples",
                                         "$schema",   "$id",         "$comment",   "readOnly",
                                         "writeOnly", "$defs",       "deprecated", "definitions"};
  return std::ranges::find(kNames, key) != std::end(kNames) || key.starts_with("x-");
}

// Keywords that are understood, with the type for which they speak ("" : for any).
const std::map<std::string_view, std::string_view>& keywords() {
  static const std::map<std::string_view, std::string_view> kKnown = {
      {"type", ""},
      {"enum", ""},
      {"const", ""},
      {"anyOf", ""},
      {"oneOf", ""},
      {"allOf", ""},
      {"$ref", ""},
      {"properties", "object"},
      {"required", "object"},
      {"additionalProperties", "object"},
      {"items", "array"},
      {"minItems", "array"},
      {"maxItems", "array"},
      {"minLength", "string"},
      {"maxLength", "string"},
      {"pattern", "string"},
      {"minimum", "number"},
      {"maximum", "number"},
      {"exclusiveMinimum", "number"},
      {"exclusiveMaximum", "number"},
  };
  return kKnown;
}

std::string_view type_of(const Json& value) {
  if (value.is_null()) return "null";
  if (value.as_bool() != nullptr) return "boolean";
  if (value.as_int() != nullptr) return "integer";
  if (value.as_string() != nullptr) return "string";
  if (value.as_array() != nullptr) return "array";
  return value.as_object() != nullptr ? "object" : "number";
}

class SchemaReader {
 public:
  explicit SchemaReader(const Json& whole) : whole_(whole), rules_(internal::json_rules()) {}

  Result<internal::Rules> run() && {
    by_reference_.emplace("#", 0);
    DRAMATIS_TRY(auto root, read(whole_, "#", 0));
    rules_[0].body = std::move(root);
    // Reading one may find others.
    for (std::size_t n = 0; n < open_.size(); ++n) {
      const auto [number, found, where] = open_[n];
      DRAMATIS_TRY(auto body, read(*found, where, 0));
      rules_[number].body = std::move(body);
    }
    return std::move(rules_);
  }

 private:
  struct Open {
    std::size_t number;
    const Json* schema;
    std::string where;
  };

  [[nodiscard]] static tl::unexpected<Error> wrong(std::string_view where, std::string_view what) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("The schema at {}: {}", where, what));
  }
  [[nodiscard]] static tl::unexpected<Error> unknown(std::string_view where,
                                                     std::string_view what) {
    return fail(ErrorCode::kUnsupported, fmt::format("The schema at {}: {}", where, what));
  }
  [[nodiscard]] static tl::unexpected<Error> too_much(std::string_view where,
                                                      std::string_view what) {
    return fail(ErrorCode::kOverBudget, fmt::format("The schema at {}: {}", where, what));
  }

  Result<std::size_t> add_rule(std::string name, Expression body) {
    if (rules_.size() >= kMaxGrammarRules)
      return too_much(name, fmt::format("more than {} rules are needed.", kMaxGrammarRules));
    rules_.push_back({.name = std::move(name), .body = std::move(body)});
    return rules_.size() - 1;
  }

  // A subschema as a rule of its own.
  Result<Expression> read_as_rule(const Json& schema, const std::string& where, std::size_t depth) {
    DRAMATIS_TRY(auto body, read(schema, where, depth));
    if (body.kind == Expression::Kind::kRule) return body;
    DRAMATIS_TRY(const auto number, add_rule(where, std::move(body)));
    return rule(number);
  }

  Result<Expression> read(const Json& schema, const std::string& where, std::size_t depth) {
    if (depth > kMaxGroupDepth)
      return too_much(where, fmt::format("it stands more than {} deep.", kMaxGroupDepth));
    if (const bool* all = schema.as_bool()) {
      if (!*all) return wrong(where, "false allows nothing. Remove what needs it.");
      return rule(JsonRule::kValue);
    }
    if (schema.as_object() == nullptr) return wrong(where, "it must be an object, true or false.");
    DRAMATIS_DO(check_keywords(schema, where));
    for (const auto* key : {"$ref", "anyOf", "oneOf", "allOf", "const", "enum"}) {
      const Json* value = schema.find(key);
      if (value != nullptr) return read_whole(schema, key, *value, where, depth);
    }
    return read_types(schema, where, depth);
  }

  static Status check_keywords(const Json& schema, const std::string& where) {
    for (const auto& [key, value] : *schema.as_object()) {
      if (is_annotation(key) || keywords().contains(key)) continue;
      if (key == "uniqueItems" && value == Json(false)) continue;
      return unknown(where,
                     fmt::format("the keyword '{}' is not supported. Leave it out, and check "
                                 "the value afterwards.",
                                 key));
    }
    return {};
  }

  // Keywords that stand for the whole schema: beside them only annotations, and `type` beside
  // values.
  Result<Expression> read_whole(const Json& schema, std::string_view key, const Json& value,
                                const std::string& where, std::size_t depth) {
    const bool names_values = key == "const" || key == "enum";
    for (const auto& [other, unused] : *schema.as_object()) {
      if (other == key || is_annotation(other) || (names_values && other == "type")) continue;
      return unknown(
          where, fmt::format("'{}' beside '{}' is not supported. Keep one of them.", other, key));
    }
    const std::string inside = fmt::format("{}/{}", where, key);
    if (key == "$ref") return read_reference(value, where);
    if (key == "const") return read_values(schema, {value}, inside);
    const auto* list = value.as_array();
    if (list == nullptr || list->empty()) return wrong(inside, "it must be a list, not empty.");
    if (key == "enum") return read_values(schema, *list, inside);
    if (key == "allOf" && list->size() > 1)
      return unknown(inside,
                     "more than one schema that must hold together is not supported. Join them.");
    std::vector<Expression> parts;
    for (std::size_t n = 0; n < list->size(); ++n) {
      DRAMATIS_TRY(auto part, read((*list)[n], fmt::format("{}/{}", inside, n), depth + 1));
      parts.push_back(std::move(part));
    }
    return choice(std::move(parts));
  }

  Result<Expression> read_values(const Json& schema, const text::JsonArray& values,
                                 const std::string& where) {
    std::set<std::string, std::less<>> types;
    if (schema.find("type") != nullptr) {
      DRAMATIS_TRY(types, types_of(schema, where));
    }
    std::vector<Expression> parts;
    for (const auto& value : values) {
      const auto type = type_of(value);
      const bool fits =
          types.empty() || types.contains(type) || (type == "integer" && types.contains("number"));
      if (fits) parts.push_back(internal::text(text::print_json(value)));
    }
    if (parts.empty()) return wrong(where, "none of its values is of the type that is asked for.");
    return choice(std::move(parts));
  }

  Result<Expression> read_reference(const Json& value, const std::string& where) {
    const std::string* reference = value.as_string();
    if (reference == nullptr) return wrong(where, "$ref must be a string.");
    if (const auto known = by_reference_.find(*reference); known != by_reference_.end())
      return rule(known->second);
    const Json* found = nullptr;
    for (const std::string_view home : {"$defs", "definitions"}) {
      const std::string begin = fmt::format("#/{}/", home);
      if (!reference->starts_with(begin)) continue;
      const Json* definitions = whole_.find(home);
      if (definitions != nullptr)
        found = definitions->find(unescaped(reference->substr(begin.size())));
      if (found == nullptr) return wrong(where, fmt::format("there is no {}.", *reference));
    }
    if (found == nullptr)
      return unknown(where,
                     fmt::format("the reference '{}' is not supported; only #, #/$defs/NAME and "
                                 "#/definitions/NAME are. Nothing is fetched.",
                                 *reference));
    DRAMATIS_TRY(const auto number, add_rule(*reference, {}));
    by_reference_.emplace(*reference, number);
    open_.push_back({.number = number, .schema = found, .where = *reference});
    return rule(number);
  }

  // Source: RFC 6901 (JSON Pointer): ~1 is /, ~0 is ~.
  static std::string unescaped(std::string_view name) {
    std::string made;
    for (std::size_t n = 0; n < name.size(); ++n) {
      if (name.substr(n, 2) == "~1" || name.substr(n, 2) == "~0") {
        made += name[++n] == '1' ? '/' : '~';
      } else {
        made += name[n];
      }
    }
    return made;
  }

  // The types that are named, or which the keywords speak of; none: any.
  static Result<std::set<std::string, std::less<>>> types_of(const Json& schema,
                                                             const std::string& where) {
    std::set<std::string, std::less<>> types;
    const Json* given = schema.find("type");
    if (given == nullptr) {
      for (const auto& [key, value] : *schema.as_object()) {
        const auto known = keywords().find(key);
        if (known != keywords().end() && !known->second.empty())
          types.insert(std::string(known->second));
      }
      return types;
    }
    text::JsonArray one{*given};
    const auto* list = given->as_array() != nullptr ? given->as_array() : &one;
    constexpr std::string_view kTypes[] = {"object",  "array",   "string", "number",
                                           "integer", "boolean", "null"};
    for (const auto& name : *list) {
      const std::string* type = name.as_string();
      if (type == nullptr || std::ranges::find(kTypes, *type) == std::end(kTypes))
        return wrong(where,
                     "type must be object, array, string, number, integer, boolean, null, or "
                     "a list of these.");
      types.insert(*type);
    }
    if (types.empty()) return wrong(where, "type is an empty list.");
    return types;
  }

  Result<Expression> read_types(const Json& schema, const std::string& where, std::size_t depth) {
    DRAMATIS_TRY(const auto types, types_of(schema, where));
    if (types.empty()) return rule(JsonRule::kValue);
    std::vector<Expression> parts;
    for (const auto& type : types) {
      DRAMATIS_TRY(auto part, read_type(schema, type, where, depth));
      parts.push_back(std::move(part));
    }
    return parts.size() == 1 ? std::move(parts.front()) : choice(std::move(parts));
  }

  Result<Expression> read_type(const Json& schema, std::string_view type, const std::string& where,
                               std::size_t depth) {
    if (type == "object") return read_object(schema, where, depth);
    if (type == "array") return read_array(schema, where, depth);
    if (type == "string") return read_string(schema, where);
    if (type == "number") return read_number(schema, where);
    if (type == "integer") return read_integer(schema, where);
    if (type == "null") return internal::text("null");
    return choice({internal::text("true"), internal::text("false")});
  }

  Result<std::set<std::string, std::less<>>> required_of(const Json& schema,
                                                         const std::string& where) const {
    std::set<std::string, std::less<>> names;
    const Json* required = schema.find("required");
    if (required == nullptr) return names;
    if (required->as_array() == nullptr) return wrong(where, "required must be a list of names.");
    const Json* properties = schema.find("properties");
    for (const auto& name : *required->as_array()) {
      if (name.as_string() == nullptr) return wrong(where, "required must be a list of names.");
      if (properties == nullptr || properties->find(*name.as_string()) == nullptr)
        return unknown(where, fmt::format("'{}' is required, but properties does not describe it. "
                                          "Describe it there.",
                                          *name.as_string()));
      names.insert(*name.as_string());
    }
    return names;
  }

  // What may follow the described members: nothing, or a key that none of them has and its value.
  Result<std::optional<Expression>> read_additional(const Json& schema, const std::string& where,
                                                    std::size_t depth) {
    const Json* additional = schema.find("additionalProperties");
    if (additional == nullptr || *additional == Json(false)) return std::nullopt;
    DRAMATIS_TRY(auto value, read_as_rule(*additional, where + "/additionalProperties", depth + 1));
    std::vector<std::string> taken;
    if (const Json* properties = schema.find("properties")) {
      for (const auto& [name, unused] : *properties->as_object()) taken.push_back(name);
    }
    const auto long_one = std::ranges::find_if(
        taken, [](const std::string& name) { return name.size() > kMaxTakenLetters; });
    if (long_one != taken.end())
      return too_much(where, fmt::format("a property's name has {} bytes; beside "
                                         "additionalProperties at most {} are compared.",
                                         long_one->size(), kMaxTakenLetters));
    DRAMATIS_TRY(const auto member,
                 add_rule(where + "/additionalProperties",
                          sequence({internal::json_key_except(taken), internal::text(":"),
                                    rule(JsonRule::kSpace), std::move(value)})));
    return rule(member);
  }

  Result<Expression> read_object(const Json& schema, const std::string& where, std::size_t depth) {
    const Json* properties = schema.find("properties");
    if (properties != nullptr && properties->as_object() == nullptr)
      return wrong(where, "properties must be an object.");
    DRAMATIS_TRY(const auto required, required_of(schema, where));
    if (properties == nullptr && schema.find("additionalProperties") == nullptr)
      return rule(JsonRule::kObject);
    DRAMATIS_TRY(auto additional, read_additional(schema, where, depth));
    // From behind: what follows when a member stands before (`after`), and when none does yet.
    const Expression comma = sequence({internal::text(","), rule(JsonRule::kSpace)});
    const Expression close = sequence({rule(JsonRule::kSpace), internal::text("}")});
    Expression after = close;
    Expression first = internal::text("}");
    if (additional) {
      after = sequence({repeat(sequence({comma, *additional}), 0, kForever), close});
      first = choice({first, sequence({*additional, after})});
    }
    const auto members = properties != nullptr ? *properties->as_object() : text::JsonObject{};
    for (std::size_t n = members.size(); n > 0; --n) {
      const auto& [name, inner] = members[n - 1];
      const std::string place = fmt::format("{}/properties/{}", where, name);
      DRAMATIS_TRY(auto value, read_as_rule(inner, place, depth + 1));
      DRAMATIS_TRY(const auto rest, add_rule(place + " (after)", std::move(after)));
      auto member = sequence({internal::text(text::print_json(Json(name)) + ":"),
                              rule(JsonRule::kSpace), std::move(value), rule(rest)});
      after = sequence({comma, member});
      if (required.contains(name)) {
        first = std::move(member);
        continue;
      }
      DRAMATIS_TRY(const auto none_yet, add_rule(place + " (first)", std::move(first)));
      first = choice({member, rule(none_yet)});
      after = choice({std::move(after), rule(rest)});
    }
    return sequence({internal::text("{"), rule(JsonRule::kSpace), std::move(first)});
  }

  // minItems and kin: a count, or `otherwise`.
  static Result<std::size_t> count_of(const Json& schema, const char* key, std::size_t otherwise,
                                      const std::string& where) {
    const Json* given = schema.find(key);
    if (given == nullptr) return otherwise;
    const std::int64_t* count = given->as_int();
    if (count == nullptr || *count < 0)
      return wrong(where, fmt::format("{} must be a whole number, 0 or more.", key));
    if (static_cast<std::uint64_t>(*count) > kMaxRepetitions)
      return too_much(
          where, fmt::format("{} is {}; at most {} are counted. Leave it out, or ask for less.",
                             key, *count, kMaxRepetitions));
    return static_cast<std::size_t>(*count);
  }
  struct Counts {
    std::size_t least;
    std::size_t most;
  };
  static Result<Counts> counts_of(const Json& schema, const char* least_key, const char* most_key,
                                  const std::string& where) {
    DRAMATIS_TRY(const auto least, count_of(schema, least_key, 0, where));
    DRAMATIS_TRY(const auto most, count_of(schema, most_key, kForever, where));
    if (most < least)
      return wrong(where,
                   fmt::format("{} {} is larger than {} {}.", least_key, least, most_key, most));
    return Counts{least, most};
  }

  Result<Expression> read_array(const Json& schema, const std::string& where, std::size_t depth) {
    DRAMATIS_TRY(const auto counts, counts_of(schema, "minItems", "maxItems", where));
    const auto open = sequence({internal::text("["), rule(JsonRule::kSpace)});
    if (counts.most == 0) return sequence({open, internal::text("]")});
    Expression item = rule(JsonRule::kValue);
    if (const Json* items = schema.find("items")) {
      if (*items == Json(false))
        return wrong(where, "items is false. Write \"maxItems\": 0 instead.");
      DRAMATIS_TRY(item, read_as_rule(*items, where + "/items", depth + 1));
    }
    const std::size_t more_least = counts.least == 0 ? 0 : counts.least - 1;
    const std::size_t more_most = counts.most == kForever ? kForever : counts.most - 1;
    auto more = repeat(sequence({internal::text(","), rule(JsonRule::kSpace), item}), more_least,
                       more_most);
    auto all = sequence({item, std::move(more), rule(JsonRule::kSpace)});
    if (counts.least == 0) all = optional(std::move(all));
    return sequence({open, std::move(all), internal::text("]")});
  }

  static Result<Expression> read_string(const Json& schema, const std::string& where) {
    DRAMATIS_TRY(const auto counts, counts_of(schema, "minLength", "maxLength", where));
    const bool is_counted = counts.least > 0 || counts.most != kForever;
    if (const Json* pattern = schema.find("pattern")) {
      if (pattern->as_string() == nullptr) return wrong(where, "pattern must be a string.");
      auto made = internal::json_string_like(*pattern->as_string());
      if (!made)
        return unknown(where,
                       "this pattern is not supported. It must stand between ^ and $, without "
                       "groups and alternatives.");
      if (is_counted)
        return unknown(
            where,
            "'pattern' beside 'minLength' or 'maxLength' is not supported. Count in the pattern.");
      return *std::move(made);
    }
    if (!is_counted) return rule(JsonRule::kString);
    return sequence({internal::text("\""),
                     repeat(internal::json_character(), counts.least, counts.most),
                     internal::text("\"")});
  }

  static Result<Expression> read_number(const Json& schema, const std::string& where) {
    for (const char* key : {"maximum", "exclusiveMinimum", "exclusiveMaximum"}) {
      if (schema.find(key) != nullptr)
        return unknown(
            where,
            fmt::format("'{}' of a number is not supported. Leave it out, or ask for an integer.",
                        key));
    }
    const Json* minimum = schema.find("minimum");
    if (minimum == nullptr) return rule(JsonRule::kNumber);
    if (minimum->as_number() != 0.0)
      return unknown(
          where,
          "'minimum' of a number is supported where it is 0. Leave it out, or ask for an integer.");
    return internal::json_number(false);
  }

  // A bound of an integer: the nearest whole number inside, or `otherwise`.
  static Result<std::int64_t> bound_of(const Json& schema, const char* key, std::int64_t otherwise,
                                       const std::string& where) {
    const Json* given = schema.find(key);
    if (given == nullptr) return otherwise;
    const auto number = given->as_number();
    if (!number) return wrong(where, fmt::format("{} must be a number.", key));
    if (std::abs(*number) > static_cast<double>(kBound))
      return unknown(
          where, fmt::format("{} is {}; integers of up to 17 digits are supported.", key, *number));
    const std::string_view name = key;
    const bool is_low = name == "minimum" || name == "exclusiveMinimum";
    const double whole = is_low ? std::ceil(*number) : std::floor(*number);
    const auto bound =
        given->as_int() != nullptr ? *given->as_int() : static_cast<std::int64_t>(whole);
    if (!name.starts_with("exclusive") || whole != *number) return bound;
    return is_low ? bound + 1 : bound - 1;
  }

  static Result<Expression> read_integer(const Json& schema, const std::string& where) {
    const auto largest = internal::kLargestInteger;
    DRAMATIS_TRY(const auto low, bound_of(schema, "minimum", -largest, where));
    DRAMATIS_TRY(const auto above, bound_of(schema, "exclusiveMinimum", -largest, where));
    DRAMATIS_TRY(const auto high, bound_of(schema, "maximum", largest, where));
    DRAMATIS_TRY(const auto below, bound_of(schema, "exclusiveMaximum", largest, where));
    const auto from = std::max(low, above);
    const auto to = std::min(high, below);
    if (from > to) return wrong(where, "no integer lies between its minimum and its maximum.");
    if (from == -largest && to == largest) return rule(JsonRule::kInteger);
    return internal::json_integer(from, to);
  }

  static constexpr std::int64_t kBound = 99'999'999'999'999'999;  // below kLargestInteger

  const Json& whole_;
  internal::Rules rules_;
  std::map<std::string, std::size_t, std::less<>> by_reference_;
  std::vector<Open> open_;
};

// Nesting past what our own parser reads is not allowed.
constexpr std::size_t kJsonDepth = text::kMaxJsonDepth - 1;

}  // namespace

Result<Grammar> parse_schema(std::string_view schema) {
  if (schema.size() > lm::kMaxGrammarBytes) {
    return fail(ErrorCode::kOverBudget, fmt::format("The schema has {} bytes; at most {} are read.",
                                                    schema.size(), lm::kMaxGrammarBytes));
  }
  auto parsed = text::parse_json(schema);
  if (!parsed) {
    parsed.error().what = "The schema: " + parsed.error().what;
    return tl::unexpected(std::move(parsed).error());
  }
  DRAMATIS_TRY(const auto rules, SchemaReader(*parsed).run());
  return internal::compile(rules, kJsonDepth);
}

Grammar json_object() {
  auto rules = internal::json_rules();
  rules[0].body = rule(JsonRule::kObject);
  auto made = internal::compile(rules, kJsonDepth);
  DRAMATIS_CHECK(made.has_value());
  return *std::move(made);
}

}  // namespace dramatis::sampling
