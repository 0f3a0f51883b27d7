#include "text/yaml.h"

#include <gtest/gtest.h>

namespace dramatis::text {
namespace {

TEST(Yaml, KeepsLinesOrderAndQuotes) {
  const YamlNode root = parse_yaml("name: Iva\nage: \"12\"\ntags:\n  - a\n  - b: 1\n").value();
  ASSERT_EQ(root.members.size(), 3U);
  EXPECT_EQ(root.find("name")->scalar, "Iva");
  EXPECT_EQ(root.find("age")->line, 2);
  EXPECT_TRUE(root.find("age")->quoted);
  EXPECT_EQ(root.find("tags")->items[1].find("b")->scalar, "1");
  EXPECT_EQ(root.find("tags")->items[1].line, 5);
  EXPECT_EQ(root.find("nothing"), nullptr);
}

TEST(Yaml, BlocksAreStrings) {
  const YamlNode root = parse_yaml("text: |-\n  one\n  two\nempty:\n").value();
  EXPECT_EQ(root.find("text")->scalar, "one\ntwo");
  EXPECT_EQ(root.find("empty")->kind, YamlNode::Kind::kNull);
}

TEST(Yaml, NamesThePlaceOfAFault) {
  const auto broken = parse_yaml("a: 1\nb: [1, 2\nc: 3\n");
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().what.find("line "), std::string::npos);
  EXPECT_NE(parse_yaml("a: 1\na: 2\n").error().what.find("line 2"), std::string::npos);
}

TEST(Yaml, RefusesBombs) {
  EXPECT_FALSE(parse_yaml("a: &x [1]\nb: *x\n"));
  EXPECT_FALSE(parse_yaml(std::string(100'000, '[')));
  EXPECT_FALSE(parse_yaml(std::string(100'000, '{')));
  std::string deep;
  for (int n = 0; n < 40; ++n) deep += std::string(static_cast<std::size_t>(n), ' ') + "a:\n";
  EXPECT_FALSE(parse_yaml(deep));
  EXPECT_FALSE(parse_yaml("a: 1\n---\nb: 2\n"));
  EXPECT_FALSE(parse_yaml("a: \xFF\n"));
}

}  // namespace
}  // namespace dramatis::text
