#include "server/fields.h"

#include <gtest/gtest.h>

namespace dramatis::server {
namespace {

std::string complaint(std::string_view body) {
  auto fields = Fields::read(body);
  if (!fields) return fields.error().what;
  (void)fields->required_text("name");
  (void)fields->integer("count");
  (void)fields->truth("loud");
  const Status judged = fields->judge();
  return judged ? "" : judged.error().what;
}

TEST(Fields, SaysWhichFieldIsWrong) {
  EXPECT_EQ(complaint(R"({"name":"a","count":3,"loud":null})"), "");
  EXPECT_EQ(complaint(R"({"count":3})"), "name is missing.");
  EXPECT_EQ(complaint(R"({"name":5})"), "name is no string.");
  EXPECT_EQ(complaint(R"({"name":"a","count":"3"})"), "count is no whole number.");
  EXPECT_EQ(complaint(R"({"name":"a","count":1.5})"), "count is no whole number.");
  EXPECT_EQ(complaint(R"({"name":"a","loud":1})"), "loud is neither true nor false.");
  EXPECT_EQ(complaint(R"({"name":"a","nmae":"b"})"),
            "The field 'nmae' is unknown; known are count, loud, name.");
  EXPECT_EQ(complaint("[]"), "The body is no JSON object.");
}

// J8
TEST(Fields, ReadsNothingThatIsNoJsonOfOurs) {
  for (const std::string& body :
       {std::string(), std::string("5"), std::string("{"), std::string(3000, '['),
        std::string("{\"a\":1,\"a\":2}"), std::string("\xEF\xBB\xBF{}"), std::string("{\"a\":NaN}"),
        std::string("{\"a\":1e999}"), std::string("{\"a\":\"\\ud800\"}"), std::string("{}x")}) {
    EXPECT_FALSE(Fields::read(body)) << body.substr(0, 20);
  }
}

}  // namespace
}  // namespace dramatis::server
