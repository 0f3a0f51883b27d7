#include "server/dialect_tools.h"

#include <gtest/gtest.h>

#include "lm/testing/scripted_model.h"

namespace dramatis::server {
namespace {

text::Json json(std::string_view text) {
  return text::parse_json(text).value();
}

constexpr std::string_view kTwo = R"([
  {"type":"function","function":{"name":"open","description":"Opens a door.","parameters":
    {"type":"object","properties":{"door":{"$ref":"#/$defs/door"}},"required":["door"],
     "$defs":{"door":{"enum":["left","right"]}}}}},
  {"type":"function","function":{"name":"leave"}}])";

Tools two(std::string_view choice = "null") {
  const text::Json tools = json(kTwo);
  const text::Json chosen = json(choice);
  return read_tools(&tools, chosen.is_null() ? nullptr : &chosen).value();
}

TEST(DialectTools, ReadsToolsAndTheChoice) {
  EXPECT_EQ(two().use, ToolUse::kAsItLikes);
  EXPECT_EQ(two(R"("auto")").use, ToolUse::kAsItLikes);
  EXPECT_EQ(two(R"("none")").use, ToolUse::kNever);
  EXPECT_EQ(two(R"("required")").use, ToolUse::kAlways);
  const Tools named = two(R"({"type":"function","function":{"name":"leave"}})");
  EXPECT_EQ(named.use, ToolUse::kAlways);
  ASSERT_EQ(named.list.size(), 1u);
  EXPECT_EQ(named.list[0].name, "leave");
}

TEST(DialectTools, NamesWhatIsWrong) {
  const auto field_of = [](std::string_view tools, std::string_view choice) {
    const text::Json list = json(tools);
    const text::Json chosen = json(choice);
    const auto read = read_tools(&list, chosen.is_null() ? nullptr : &chosen);
    return read ? "none" : read.error().field;
  };
  EXPECT_EQ(field_of("{}", "null"), "tools");
  EXPECT_EQ(field_of("[1]", "null"), "tools[0]");
  EXPECT_EQ(field_of(R"([{"type":"browser"}])", "null"), "tools[0].type");
  EXPECT_EQ(field_of(R"([{"type":"function","function":{"name":"a b"}}])", "null"),
            "tools[0].function.name");
  EXPECT_EQ(field_of(R"([{"function":{"name":"a","parameters":[]}}])", "null"),
            "tools[0].function.parameters");
  EXPECT_EQ(field_of(kTwo, R"("maybe")"), "tool_choice");
  EXPECT_EQ(field_of("[]", R"("required")"), "tool_choice");
  EXPECT_EQ(field_of(kTwo, R"({"function":{"name":"close"}})"), "tool_choice");
}

TEST(DialectTools, ACallsFormHoldsTheToolsOwnSchemas) {
  const auto grammar = call_grammar(two(R"("required")"));
  EXPECT_EQ(grammar.kind, lm::GrammarText::Kind::kJsonSchema);
  EXPECT_EQ(
      grammar.text,
      R"({"anyOf":[{"type":"object","properties":{"name":{"const":"open"},"arguments":{"$ref":"#/$defs/t0"}},"required":["name","arguments"]},{"type":"object","properties":{"name":{"const":"leave"},"arguments":{"$ref":"#/$defs/t1"}},"required":["name","arguments"]}],"$defs":{"t0-door":{"enum":["left","right"]},"t0":{"type":"object","properties":{"door":{"$ref":"#/$defs/t0-door"}},"required":["door"]},"t1":{"type":"object"}}})");
}

TEST(DialectTools, AReplyIsACallOnlyAsAWhole) {
  const auto call = call_in(R"( {"name":"open","arguments":{"door":"left"}} )", two());
  ASSERT_TRUE(call);
  EXPECT_EQ(call->name, "open");
  EXPECT_EQ(print_call(*call), R"({"name":"open","arguments":{"door":"left"}})");
  for (const char* words :
       {"open", R"({"name":"close","arguments":{}})", R"({"name":"open","arguments":[]})",
        R"({"name":"open"})", R"(Yes. {"name":"open","arguments":{}})",
        R"({"name":"open","arguments":{}} now)"}) {
    EXPECT_FALSE(call_in(words, two())) << words;
  }
  EXPECT_FALSE(call_in(R"({"name":"open","arguments":{}})", two(R"("none")")));
}

TEST(DialectTools, TheSieveHoldsBackWhatMayBeACall) {
  const Tools tools = two();
  lm::testing::GatheringSink out;
  CallSieve call(tools, out);
  for (const char* piece : {" ", "{\"name\":", "\"leave\",\"arguments\"", ":{}}"})
    EXPECT_EQ(call.write(piece), lm::Go::kOn);
  EXPECT_EQ(out.pieces(), 0u);
  EXPECT_EQ(call.finish().value().name, "leave");
  EXPECT_EQ(out.text(), "");

  CallSieve words(tools, out);
  EXPECT_EQ(words.write(" "), lm::Go::kOn);
  EXPECT_EQ(words.write("No"), lm::Go::kOn);
  EXPECT_EQ(out.text(), " No");
  EXPECT_EQ(words.write(" {"), lm::Go::kOn);
  EXPECT_EQ(out.text(), " No {");
  EXPECT_FALSE(words.finish());

  lm::testing::GatheringSink late;
  CallSieve looks_like(tools, late);
  EXPECT_EQ(looks_like.write("{smiles}"), lm::Go::kOn);
  EXPECT_FALSE(looks_like.finish());
  EXPECT_EQ(late.text(), "{smiles}");
}

TEST(DialectTools, ModelsAreToldWhatTheyMayCall) {
  EXPECT_EQ(tell_tools(two(R"("none")")), "");
  EXPECT_EQ(tell_tools(two(R"({"function":{"name":"leave"}})")),
            "These functions can be called:\n- leave. Arguments: {\"type\":\"object\"}\nTo call "
            "one, answer with nothing but {\"name\": NAME, \"arguments\": {...}}. Answer with a "
            "call now.");
}

}  // namespace
}  // namespace dramatis::server
