#include "text/json.h"

#include <gtest/gtest.h>

#include "text/limits.h"

namespace dramatis::text {
namespace {

TEST(Json, PrintedValuesAreReadBack) {
  const Json value(JsonObject{{"a", JsonArray{1, 2.5, "x\n\"\\\x01", nullptr, true}},
                              {"b", JsonObject{{"c", -7}}}});
  EXPECT_EQ(print_json(value), R"({"a":[1,2.5,"x\n\"\\\u0001",null,true],"b":{"c":-7}})");
  EXPECT_EQ(parse_json(print_json(value)).value(), value);
}

TEST(Json, RefusesWhatTheStandardRefuses) {
  for (const char* wrong :
       {"", " ", "{", "[1,]", "{\"a\":1,}", "nul", "'a'", "01", "1.", "+1", "NaN", "1e999",
        "\"\\ud800\"", "\"\xFF\"", "{\"a\":1}x", "\xEF\xBB\xBF{}", "[1]]", "\"a\nb\"", "// c\n1"}) {
    EXPECT_FALSE(parse_json(wrong)) << wrong;
  }
}

TEST(Json, RefusesAKeyThatStandsTwice) {
  EXPECT_FALSE(parse_json(R"({"a":1,"a":2})"));
  EXPECT_FALSE(parse_json(R"({"a":1,"\u0061":2})"));
  EXPECT_TRUE(parse_json(R"({"a":{"a":1},"b":[{"a":1},{"a":":{"}]})"));
}

TEST(Json, HasADepthLimit) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(parse_json(nested(kMaxJsonDepth)));
  EXPECT_FALSE(parse_json(nested(kMaxJsonDepth + 1)));
  EXPECT_FALSE(parse_json(nested(1'000'000)));
}

TEST(Json, EscapesWhatCouldEndALine) {
  EXPECT_EQ(print_json(Json("a\r\xE2\x80\xA8")), "\"a\\u000d\\u2028\"");
}

TEST(Json, FindsMembersOfObjectsAlone) {
  const Json value = parse_json(R"({"a":{"b":3}})").value();
  EXPECT_EQ(*value.find("a")->find("b")->as_int(), 3);
  EXPECT_EQ(value.find("c"), nullptr);
  EXPECT_EQ(Json(3).find("a"), nullptr);
}

}  // namespace
}  // namespace dramatis::text
