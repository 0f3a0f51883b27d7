#include "remote/chat_wire.h"

#include <gtest/gtest.h>

#include "text/json.h"

namespace dramatis::remote {
namespace {

const Wire& wire() {
  return wire_of(Protocol::kOpenAi);
}

std::string print_request(const lm::Prompt& asked, const lm::Sampling& how,
                          const RequestShape& shape) {
  return wire().print_request(asked, how, shape);
}

Result<Delta> parse_chunk(std::string_view json, std::string_view key) {
  return wire().parse_piece(json, key);
}

TEST(ChatWire, AsksInTheShapeOfChatCompletions) {
  lm::Prompt asked;
  asked.messages = {{lm::Role::kSystem, "You are X."},
                    {lm::Role::kPlayer, "Hi\n\"<|end|>\""},
                    {lm::Role::kNpc, "Ho."},
                    {lm::Role::kPlayer, "?"}};
  asked.reply_start = "Well,";
  lm::Sampling how;
  how.temperature = 0.5;
  how.top_p = 0.9;
  how.max_tokens = 50;
  how.seed = 0xFFFF'FFFF'8000'0001;
  how.stop = {"a", "b", "c", "d", "e"};
  const auto sent = text::parse_json(print_request(asked, how, {.model = "m"})).value();
  const auto expected = text::parse_json(R"({"model":"m","messages":[
    {"role":"system","content":"You are X."},{"role":"user","content":"Hi\n\"<|end|>\""},
    {"role":"assistant","content":"Ho."},{"role":"user","content":"?"},{"role":"assistant","content":"Well,"}],
    "temperature":0.5,"top_p":0.9,"max_tokens":50,"stream":true,"stream_options":{"include_usage":true},
    "seed":1,"stop":["a","b","c","d"]})")
                            .value();
  for (const auto& [name, value] : *expected.as_object()) {
    ASSERT_NE(sent.find(name), nullptr) << name;
    EXPECT_EQ(*sent.find(name), value) << name;
  }
  EXPECT_EQ(sent.find("top_k"), nullptr);
  EXPECT_EQ(sent.as_object()->size(), expected.as_object()->size());
}

TEST(ChatWire, SendsOtherSamplersWhereTheyAreKnown) {
  lm::Sampling how;
  how.top_k = 7;
  const auto sent = text::parse_json(print_request({}, how,
                                                   {.model = "m",
                                                    .stream = Streaming::kOff,
                                                    .samplers = Samplers::kExtended,
                                                    .max_tokens_field = "max_completion_tokens"}))
                        .value();
  EXPECT_EQ(*sent.find("top_k")->as_int(), 7);
  EXPECT_EQ(*sent.find("stream")->as_bool(), false);
  EXPECT_EQ(sent.find("stream_options"), nullptr);
  EXPECT_NE(sent.find("max_completion_tokens"), nullptr);
}

TEST(ChatWire, TakesTextAloneAndOfTheFirstChoiceAlone) {
  const auto text_of = [](const char* json) { return parse_chunk(json, "").value().text; };
  EXPECT_EQ(text_of(R"({"choices":[{"index":0,"delta":{"role":"assistant","content":"a"}}]})"),
            "a");
  EXPECT_EQ(text_of(R"({"choices":[{"delta":{"content":"a"}}]})"), "a");
  EXPECT_EQ(
      text_of(
          R"({"choices":[{"index":7,"delta":{"content":"b"}},{"index":0,"delta":{"content":"a"}}]})"),
      "a");
  for (
      const char* none :
      {R"({"choices":[]})", R"({})", R"({"choices":{}})", R"({"choices":[{"index":0}]})",
       R"({"choices":[{"index":7,"delta":{"content":"b"}}]})",
       R"({"choices":[{"index":0,"delta":{"content":null}}]})",
       R"({"choices":[{"index":0,"delta":{"content":5}}]})",
       R"({"choices":[{"index":0,"delta":{"reasoning_content":"hm","reasoning":"hm","thinking":"hm"}}]})",
       R"({"choices":[{"index":0,"delta":{"tool_calls":[{"function":{"name":"x"}}]}}]})"}) {
    EXPECT_EQ(text_of(none), "") << none;
  }
}

TEST(ChatWire, ReadsHowAndAtWhatCostItEnded) {
  const auto end = parse_chunk(R"({"choices":[{"index":0,"delta":{},"finish_reason":"length"}],
    "usage":{"prompt_tokens":5,"completion_tokens":9,"prompt_tokens_details":{"cached_tokens":3}}})",
                               "")
                       .value();
  EXPECT_EQ(end.finish, "length");
  EXPECT_EQ(end.usage.prompt_tokens, 5u);
  EXPECT_EQ(end.usage.cached_tokens, 3u);
  EXPECT_EQ(end.usage.generated_tokens, 9u);
  EXPECT_EQ(
      parse_chunk(R"({"choices":[{"index":0,"delta":{},"finish_reason":"null"}]})", "")->finish,
      "");
  const auto absurd =
      parse_chunk(R"({"usage":{"prompt_tokens":-1,"completion_tokens":9223372036854775807}})", "")
          .value();
  EXPECT_FALSE(absurd.usage.prompt_tokens);
  EXPECT_FALSE(absurd.usage.generated_tokens);
}

TEST(ChatWire, RefusesBrokenJson) {
  for (const char* wrong : {"", "{", "[]", "5", "<html>", "\xEF\xBB\xBF{}", "{\"a\":\"\xFF\"}",
                            R"({"choices":[{"delta":{"content":"\ud83d"}}]})"}) {
    const auto chunk = parse_chunk(wrong, "");
    ASSERT_FALSE(chunk) << wrong;
    EXPECT_EQ(chunk.error().code, ErrorCode::kCorrupt);
  }
}

TEST(ChatWire, ShowsRefusalsWithoutKeyMarkupOrControls) {
  EXPECT_EQ(parse_refusal(R"({"error":{"message":"bad key sk-1\n\u001b[2J sk-1"}})", "sk-1").words,
            "bad key [key] [2J [key]");
  EXPECT_EQ(parse_refusal(R"({"error":"no such model"})", "").words, "no such model");
  EXPECT_EQ(parse_refusal(R"({"error":{"message":"<script>x</script>"}})", "").words, "");
  EXPECT_EQ(parse_refusal("<html>sk-1</html>", "sk-1").words, "");
  EXPECT_TRUE(
      parse_refusal(R"({"error":{"message":"m","code":"context_length_exceeded"}})", "").too_long);
  EXPECT_LE(parse_refusal(R"({"error":")" + std::string(9999, 'x') + "\"}", "").words.size(), 200u);
}

}  // namespace
}  // namespace dramatis::remote
