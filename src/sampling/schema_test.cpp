#include <fmt/format.h>
#include <gtest/gtest.h>

#include "lm/limits.h"
#include "sampling/grammar.h"
#include "sampling/limits.h"
#include "sampling/matcher.h"
#include "text/json.h"
#include "text/limits.h"

namespace dramatis::sampling {
namespace {

// Which of some texts a schema's grammar allows whole; each is also judged as JSON.
class Schema {
 public:
  explicit Schema(std::string_view schema) : matcher_(make(parse_schema(schema))) {}
  explicit Schema(Grammar grammar) : matcher_(std::move(grammar)) {}

  bool allows(std::string_view text) {
    const auto at = matcher_.step(matcher_.start().value(), text).value();
    if (!matcher_.may_end(at)) return false;
    EXPECT_TRUE(text::parse_json(text)) << text;
    return true;
  }

 private:
  static Grammar make(Result<Grammar> parsed) {
    EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().what);
    return parsed ? *std::move(parsed) : json_object();
  }
  Matcher matcher_;
};

Error refused(std::string_view schema) {
  const auto parsed = parse_schema(schema);
  EXPECT_FALSE(parsed) << schema.substr(0, 200);
  return parsed ? Error{ErrorCode::kInternal, "accepted"} : parsed.error();
}
bool says(std::string_view schema, std::string_view what, ErrorCode code) {
  const auto error = refused(schema);
  EXPECT_EQ(error.code, code) << error.what;
  EXPECT_NE(error.what.find(what), std::string::npos) << error.what;
  return error.what.find(what) != std::string::npos;
}

TEST(JsonObject, AllowsAnyObjectThatOurParserReads) {
  Schema any(json_object());
  EXPECT_TRUE(any.allows("{}"));
  EXPECT_TRUE(any.allows(R"({"a": [1, -2.5e3, true, null, "x\n\u00e9\"", {}], "b": {"c": []}})"));
  EXPECT_TRUE(any.allows("{\n  \"a\": 1,\n  \"b\": 2\n}"));
  EXPECT_FALSE(any.allows("[]"));
  EXPECT_FALSE(any.allows(R"({"a": 01})"));
  EXPECT_FALSE(any.allows(R"({"a": 1,})"));
  EXPECT_FALSE(any.allows("{\"a\": \"\n\"}"));
  EXPECT_FALSE(any.allows(R"({"a": "\ud800"})"));
  EXPECT_FALSE(any.allows(R"({"a": 1e999})"));
  EXPECT_FALSE(any.allows("{\"a\":   1}"));  // white space is short: small models lose themselves
}

TEST(JsonObject, NestsNoDeeperThanOurParserReads) {
  Schema any(json_object());
  const auto nested = [](std::size_t depth) {
    std::string text;
    for (std::size_t n = 0; n + 1 < depth; ++n) text += R"({"a":)";
    return text + "{}" + std::string(depth - 1, '}');
  };
  std::size_t deepest = 1;
  while (deepest < 200 && any.allows(nested(deepest + 1))) ++deepest;  // allows() parses each
  EXPECT_GE(deepest, text::kMaxJsonDepth / 2);
  EXPECT_LE(deepest, text::kMaxJsonDepth);
}

TEST(JsonSchema, MembersComeInOrderAndOnlyWhatIsRequiredMustCome) {
  Schema person(R"({"type": "object", "properties": {
      "name": {"type": "string"}, "age": {"type": "integer", "minimum": 0, "maximum": 130},
      "kin": {"type": "array", "items": {"type": "string"}, "maxItems": 2}},
      "required": ["age"]})");
  EXPECT_TRUE(person.allows(R"({"name": "Ida", "age": 7, "kin": ["Orlando"]})"));
  EXPECT_TRUE(person.allows(R"({"age": 130})"));
  EXPECT_TRUE(person.allows(R"({"age": 0, "kin": []})"));
  EXPECT_TRUE(person.allows(R"({"age": 0, "kin": ["a", "b"]})"));
  EXPECT_FALSE(person.allows(R"({"age": 0, "kin": ["a", "b", "c"]})"));
  EXPECT_FALSE(person.allows(R"({"age": 131})"));
  EXPECT_FALSE(person.allows(R"({"age": -1})"));
  EXPECT_FALSE(person.allows(R"({"name": "Ida"})"));
  EXPECT_FALSE(person.allows(R"({"age": 7, "name": "Ida"})"));
  EXPECT_FALSE(person.allows(R"({"age": 7, "eyes": 2})"));
  EXPECT_FALSE(person.allows("{}"));
}

TEST(JsonSchema, AdditionalMembersHaveOtherNames) {
  Schema open(R"({"type": "object", "properties": {"a": {"type": "integer"}},
                  "additionalProperties": {"type": "boolean"}})");
  EXPECT_TRUE(open.allows("{}"));
  EXPECT_TRUE(open.allows(R"({"a": 1})"));
  EXPECT_TRUE(open.allows(R"({"a": 1, "b": true, "aa": false})"));
  EXPECT_TRUE(open.allows(R"({"b": true})"));
  EXPECT_TRUE(open.allows(R"({"": true})"));
  EXPECT_FALSE(open.allows(R"({"a": true})"));
  EXPECT_FALSE(open.allows(R"({"b": 1})"));
  EXPECT_FALSE(open.allows(R"({"\u0061": true})"));
}

TEST(JsonSchema, ReadsValuesAlternativesAndReferences) {
  Schema values(R"({"enum": ["wait", 3, null, {"to": "north"}]})");
  EXPECT_TRUE(values.allows(R"("wait")"));
  EXPECT_TRUE(values.allows("3"));
  EXPECT_TRUE(values.allows("null"));
  EXPECT_FALSE(values.allows(R"("go")"));
  Schema either(R"({"anyOf": [{"type": "integer"}, {"const": "none"}]})");
  EXPECT_TRUE(either.allows("-12"));
  EXPECT_TRUE(either.allows(R"("none")"));
  EXPECT_FALSE(either.allows("1.5"));
  Schema tree(R"({"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "properties": {
      "n": {"type": ["integer", "null"]}, "sub": {"type": "array", "items": {"$ref": "#/$defs/node"}}},
      "required": ["n", "sub"]}}})");
  EXPECT_TRUE(tree.allows(R"({"n": 1, "sub": [{"n": null, "sub": []}, {"n": 2, "sub": []}]})"));
  EXPECT_FALSE(tree.allows(R"({"n": 1, "sub": [{"n": null}]})"));
  Schema anything("true");
  EXPECT_TRUE(anything.allows(R"([{"a": 1}])"));
}

TEST(JsonSchema, CountsCharactersAndFollowsSimplePatterns) {
  Schema counted(R"({"type": "string", "minLength": 2, "maxLength": 3})");
  EXPECT_FALSE(counted.allows(R"("é")"));
  EXPECT_TRUE(counted.allows(R"("éé")"));
  EXPECT_TRUE(counted.allows(R"("\u00e9\n!")"));
  EXPECT_FALSE(counted.allows(R"("abcd")"));
  Schema like(R"({"type": "string", "pattern": "^[A-Z]{2}-\\d+[^x-z]?$"})");
  EXPECT_TRUE(like.allows(R"("AB-12")"));
  EXPECT_TRUE(like.allows(R"("AB-1w")"));
  EXPECT_FALSE(like.allows(R"("AB-1x")"));
  EXPECT_FALSE(like.allows(R"("A-1")"));
}

// Every integer of a range, and none beside it.
TEST(JsonSchema, BoundsIntegersDigitByDigit) {
  for (const auto& [low, high] : {std::pair{-120, 35}, {0, 0}, {7, 1003}, {-9, -9}, {-1005, -8}}) {
    Schema range(fmt::format(R"({{"type": "integer", "minimum": {}, "maximum": {}}})", low, high));
    for (int n = -1300; n <= 1300; ++n)
      ASSERT_EQ(range.allows(fmt::format("{}", n)), low <= n && n <= high) << n;
    EXPECT_FALSE(range.allows("-0"));
    EXPECT_FALSE(range.allows("01"));
  }
  Schema open(R"({"type": "integer", "exclusiveMinimum": 4.5, "exclusiveMaximum": 7})");
  EXPECT_FALSE(open.allows("4"));
  EXPECT_TRUE(open.allows("5"));
  EXPECT_TRUE(open.allows("6"));
  EXPECT_FALSE(open.allows("7"));
}

// E6
TEST(JsonSchema, NamesTheKeywordAndThePlace) {
  const auto no = ErrorCode::kUnsupported;
  const auto bad = ErrorCode::kInvalidArgument;
  EXPECT_TRUE(
      says(R"({"properties": {"a": {"not": {}}}})", "#/properties/a: the keyword 'not'", no));
  EXPECT_TRUE(says(R"({"patternProperties": {}})", "'patternProperties'", no));
  EXPECT_TRUE(says(R"({"type": "string", "format": "date"})", "'format'", no));
  EXPECT_TRUE(says(R"({"type": "array", "uniqueItems": true})", "'uniqueItems'", no));
  EXPECT_TRUE(says(R"({"type": "number", "maximum": 3})", "'maximum' of a number", no));
  EXPECT_TRUE(says(R"({"anyOf": [{}], "type": "object"})", "'type' beside 'anyOf'", no));
  EXPECT_TRUE(says(R"({"type": "wizard"})", "type must be", bad));
  EXPECT_TRUE(says(R"({"type": "integer", "minimum": 3, "maximum": 2})", "no integer lies", bad));
  EXPECT_TRUE(says(R"({"minItems": 3, "maxItems": 2})", "larger", bad));
  EXPECT_TRUE(says(R"({"required": ["a"]})", "'a' is required", no));
  EXPECT_TRUE(says("false", "allows nothing", bad));
  EXPECT_TRUE(says("[]", "object, true or false", bad));
  EXPECT_TRUE(says("{", "The schema:", bad));
}

// E6
TEST(JsonSchema, BoundsWhatAHostileSchemaCosts) {
  const auto no = ErrorCode::kUnsupported;
  const auto much = ErrorCode::kOverBudget;
  for (const std::string_view pattern : {"^+", "^+$", "{2}", "^{2}$", "(?<=x)", "^(?<=x)$", "^a**$",
                                         "^(a+)+$", "^a|b$", "a", "^\\\\b$", "^[z-a]$", "^[a$"}) {
    EXPECT_TRUE(
        says(fmt::format(R"({{"type": "string", "pattern": "{}"}})", pattern), "pattern", no));
  }
  EXPECT_EQ(refused(fmt::format(R"({{"pattern": "^{}$"}})", std::string(5000, '('))).code, no);
  EXPECT_EQ(refused(R"({"pattern": "^a{1000000000}$"})").code, no);
  EXPECT_TRUE(says(R"({"$ref": "#"})", "begins with itself", ErrorCode::kInvalidArgument));
  EXPECT_TRUE(says(R"({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"},
                       "b": {"anyOf": [{"$ref": "#/$defs/a"}]}}})",
                   "begins with itself", ErrorCode::kInvalidArgument));
  EXPECT_TRUE(says(R"({"properties": {"a": {"$ref": "#"}}, "required": ["a"]})", "no end",
                   ErrorCode::kInvalidArgument));
  EXPECT_TRUE(says(R"({"$ref": "https://example.org/schema.json"})", "Nothing is fetched", no));
  EXPECT_TRUE(says(R"({"$ref": "file:///etc/passwd"})", "Nothing is fetched", no));
  EXPECT_TRUE(says(R"({"$ref": "#/$defs/b"})", "there is no", ErrorCode::kInvalidArgument));
  std::string values = R"({"enum": [0)";
  while (values.size() < lm::kMaxGrammarBytes - 20) values += fmt::format(",{}", values.size());
  EXPECT_EQ(refused(values + "]}").code, much);
  std::string all = R"({"enum": [0)";
  for (int n = 1; n <= 100'000; ++n) all += fmt::format(",{}", n);
  EXPECT_EQ(refused(all + "]}").code, much);
  EXPECT_EQ(refused(std::string(lm::kMaxGrammarBytes + 1, ' ')).code, much);
  std::string deep = "{}";
  for (int n = 0; n < 15; ++n) deep = R"({"allOf": [)" + deep + "]}";
  EXPECT_TRUE(parse_schema(deep));
  for (int n = 0; n < 5000; ++n) deep = R"({"allOf": [)" + deep + "]}";
  EXPECT_TRUE(says(deep, "The schema:", ErrorCode::kInvalidArgument));
  EXPECT_EQ(refused(R"({"type": "array", "maxItems": 100000})").code, much);
  EXPECT_EQ(refused(fmt::format(R"({{"properties": {{"{}": {{}}}}, "additionalProperties": true}})",
                                std::string(60'000, 'a')))
                .code,
            much);
}

}  // namespace
}  // namespace dramatis::sampling
