#include "server/openai_wire.h"

#include <gtest/gtest.h>

#include "lm/limits.h"

namespace dramatis::server {
namespace {

// The fault of a chat request with these members beside its message.
std::string fault_of(const std::string& members) {
  const auto ask = read_openai_chat(R"({"model":"m","messages":[{"role":"user","content":"Hi"}],)" +
                                    members + "}");
  return ask ? "none" : ask.error().field + ": " + ask.error().what;
}

TEST(OpenAiWire, ReadsWhatClientsSend) {
  const auto ask = read_openai_chat(R"({"model":"npc/Ida","stream":true,"user":"Anna","n":2,
    "stream_options":{"include_usage":true},"metadata":{"session":"s1"},"unknown":{"a":[1]},
    "temperature":0.5,"top_p":0,"top_k":-1,"min_p":0.1,"max_tokens":7,"max_completion_tokens":9,
    "presence_penalty":1,"frequency_penalty":-1,"repeat_penalty":1.2,"seed":-5,
    "stop":["a","","b"],"messages":[
      {"role":"developer","content":"Be brief."},
      {"role":"system","content":[{"type":"text","text":"It rains."},{"type":"text","text":"Hard."}]},
      {"role":"user","content":"Hello"},{"role":"user","content":"there"},
      {"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function",
        "function":{"name":"open","arguments":"{\"door\":1}"}}]},
      {"role":"tool","tool_call_id":"c","content":"done"}]})");
  ASSERT_TRUE(ask) << ask.error().what;
  EXPECT_EQ(ask->model, "npc/Ida");
  EXPECT_EQ(ask->user, "Anna");
  EXPECT_EQ(ask->session, "s1");
  EXPECT_TRUE(ask->streams && ask->tells_usage);
  EXPECT_EQ(ask->count, 2);
  EXPECT_EQ(ask->temperature, 0.5);
  EXPECT_EQ(ask->max_tokens, 9);
  EXPECT_EQ(ask->how.top_p, 1e-6);
  EXPECT_EQ(ask->how.top_k, 0);
  EXPECT_EQ(ask->how.repetition_penalty, 1.2);
  EXPECT_EQ(ask->how.seed, static_cast<std::uint64_t>(-5));
  EXPECT_EQ(ask->how.stop, (std::vector<std::string>{"a", "b"}));
  const std::vector<lm::Message> messages{
      {.role = lm::Role::kSystem, .text = "Be brief.\nIt rains.\nHard."},
      {.role = lm::Role::kPlayer, .text = "Hello\nthere"},
      {.role = lm::Role::kNpc, .text = R"({"name":"open","arguments":{"door":1}})"},
      {.role = lm::Role::kPlayer, .text = "[Result] done"}};
  EXPECT_EQ(ask->messages, messages);
}

TEST(OpenAiWire, ALengthPastOursIsAsGoodAsOurs) {
  const auto ask = read_openai_chat(
      R"({"messages":[{"role":"user","content":"Hi"}],"max_tokens":9007199254740993})");
  EXPECT_EQ(ask.value().max_tokens, lm::kMaxReplyTokens);
}

TEST(OpenAiWire, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(fault_of(R"("max_tokens":0)").substr(0, 27), "max_tokens: max_tokens is 0");
  EXPECT_EQ(fault_of(R"("max_tokens":"10")"), "max_tokens: max_tokens is no whole number.");
  EXPECT_EQ(fault_of(R"("max_tokens":1e308)"), "max_tokens: max_tokens is no whole number.");
  EXPECT_EQ(fault_of(R"("temperature":-1)"),
            "temperature: temperature is -1; it must lie between 0 and 5.");
  EXPECT_EQ(fault_of(R"("n":16384)"), "n: n is 16384; it must lie between 1 and 8.");
  EXPECT_EQ(fault_of(R"("logprobs":true)"), "logprobs: logprobs is not given by this service.");
  EXPECT_EQ(fault_of(R"("logprobs":false)"), "none");
  EXPECT_EQ(fault_of(R"("logit_bias":{"50256":-100})"),
            "logit_bias: logit_bias is not taken by this service.");
  EXPECT_EQ(fault_of(R"("logit_bias":{})"), "none");
  EXPECT_EQ(fault_of(R"("stop":[1])"), "stop[0]: stop[0] is no string.");
  EXPECT_EQ(
      fault_of(R"("stream_options":{"include_usage":"yes"})"),
      "stream_options.include_usage: stream_options.include_usage is neither true nor false.");
  EXPECT_EQ(fault_of(R"("response_format":{"type":"xml"})"),
            "response_format.type: response_format.type is none of text, json_object and "
            "json_schema.");
  EXPECT_EQ(fault_of(R"("response_format":{"type":"json_object"},"grammar":"root ::= \"a\"")"),
            "grammar: grammar asks for a second form of one reply.");
}

TEST(OpenAiWire, NamesThePartThatIsAnImage) {
  const auto ask = read_openai_chat(R"({"messages":[{"role":"system","content":"x"},{"role":"user",
    "content":[{"type":"text","text":"What is it?"},{"type":"image_url","image_url":{"url":"data:"}}]}]})");
  ASSERT_FALSE(ask);
  EXPECT_EQ(ask.error().field, "messages[1].content[1]");
  EXPECT_EQ(
      openai_error(ask.error()).body,
      R"({"error":{"message":"messages[1].content[1] is no text; models here read text alone, no images, sound or files.","type":"invalid_request_error","param":"messages[1].content[1]","code":null}})");
  EXPECT_EQ(openai_error(ask.error()).status, 400);
}

TEST(OpenAiWire, RefusesWhatIsNoChat) {
  EXPECT_FALSE(read_openai_chat("[]"));
  EXPECT_FALSE(read_openai_chat("{}"));
  EXPECT_FALSE(read_openai_chat(R"({"messages":[]})"));
  EXPECT_FALSE(read_openai_chat(R"({"messages":[1]})"));
  EXPECT_EQ(read_openai_chat(R"({"messages":[{"role":"cat","content":"x"}]})").error().field,
            "messages[0].role");
}

TEST(OpenAiWire, TakesAFormInAllItsSpellings) {
  const auto grammar_of = [](const std::string& members) {
    return read_openai_chat(R"({"messages":[{"role":"user","content":"Hi"}],)" + members + "}")
        .value()
        .how.grammar.value();
  };
  using Kind = lm::GrammarText::Kind;
  EXPECT_EQ(grammar_of(R"("response_format":{"type":"json_object"})"),
            (lm::GrammarText{.kind = Kind::kJsonObject, .text = {}}));
  const lm::GrammarText schema{.kind = Kind::kJsonSchema, .text = R"({"type":"object"})"};
  EXPECT_EQ(grammar_of(R"("response_format":{"type":"json_schema","json_schema":{"name":"n",
                          "strict":true,"schema":{"type":"object"}}})"),
            schema);
  EXPECT_EQ(grammar_of(R"("json_schema":{"type":"object"})"), schema);
  EXPECT_EQ(grammar_of(R"("grammar":"root ::= \"a\"")"),
            (lm::GrammarText{.kind = Kind::kGbnf, .text = R"(root ::= "a")"}));
}

TEST(OpenAiWire, PrintsAWholeChat) {
  const OpenAiStamp stamp{.id = "chatcmpl-1", .created = 7, .model = "m"};
  const OpenAiUsage usage{.prompt = 3, .cached = 2, .completion = 4};
  EXPECT_EQ(
      text::print_json(
          openai_chat(stamp, {{.text = "Hi\n", .why = lm::StopReason::kLength}}, usage)),
      R"({"id":"chatcmpl-1","object":"chat.completion","created":7,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi\n","refusal":null},"logprobs":null,"finish_reason":"length"}],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7,"prompt_tokens_details":{"cached_tokens":2}},"system_fingerprint":null})");
  const OpenAiChoice call{
      .call = ToolCall{.name = "open", .arguments = text::JsonObject{{"door", "left"}}},
      .call_id = "call_1"};
  EXPECT_EQ(
      text::print_json(*openai_chat(stamp, {call}, usage).find("choices")),
      R"([{"index":0,"message":{"role":"assistant","content":null,"refusal":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"open","arguments":"{\"door\":\"left\"}"}}]},"logprobs":null,"finish_reason":"tool_calls"}])");
}

TEST(OpenAiWire, PrintsACompletionForBothOfItsReaders) {
  const OpenAiStamp stamp{.id = "cmpl-1", .created = 7, .model = "m"};
  EXPECT_EQ(
      text::print_json(openai_completion(stamp, {{.text = "{a}"}}, {}, "(a)")),
      R"j({"id":"cmpl-1","object":"text_completion","created":7,"model":"m","choices":[{"text":"{a}","index":0,"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0,"prompt_tokens_details":{"cached_tokens":0}},"results":[{"text":"(a)"}]})j");
}

// Each chunk of a chat, byte for byte: clients refuse an empty role, an absent finish_reason, and a
// finish_reason beside words.
TEST(OpenAiWire, PrintsTheChunksThatClientsDependOn) {
  const OpenAiChunks chunks({.id = "i", .created = 7, .model = "m"}, OpenAiShape::kChat,
                            OpenAiNulls::kUsage);
  const std::string head =
      R"(data: {"id":"i","object":"chat.completion.chunk","created":7,"model":"m","choices":)";
  EXPECT_EQ(
      chunks.role(0),
      head +
          R"([{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"usage":null})"
          "\n\n");
  EXPECT_EQ(
      chunks.words(0, "a"),
      head +
          R"([{"index":0,"delta":{"content":"a"},"logprobs":null,"finish_reason":null}],"usage":null})"
          "\n\n");
  EXPECT_EQ(chunks.end(1, {}),
            head +
                R"([{"index":1,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null})"
                "\n\n");
  EXPECT_EQ(
      chunks.usage({.prompt = 1, .cached = 0, .completion = 2}),
      head +
          R"([],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"prompt_tokens_details":{"cached_tokens":0}}})"
          "\n\n");
  EXPECT_EQ(OpenAiChunks::done(), "data: [DONE]\n\n");
}

TEST(OpenAiWire, ACompletionsChunksHaveTextAndNoUsageUnlessAsked) {
  const OpenAiChunks chunks({.id = "i", .created = 7, .model = "m"}, OpenAiShape::kCompletion,
                            OpenAiNulls::kNone);
  EXPECT_EQ(
      chunks.words(0, "a"),
      R"(data: {"id":"i","object":"text_completion","created":7,"model":"m","choices":[{"index":0,"text":"a","logprobs":null,"finish_reason":null}]})"
      "\n\n");
  EXPECT_EQ(
      chunks.end(0, {.why = lm::StopReason::kLength}),
      R"(data: {"id":"i","object":"text_completion","created":7,"model":"m","choices":[{"index":0,"text":"","logprobs":null,"finish_reason":"length"}]})"
      "\n\n");
}

// A model may say anything: it stays within one event.
TEST(OpenAiWire, WordsNeverLeaveTheirEvent) {
  const OpenAiChunks chunks(OpenAiStamp{}, OpenAiShape::kChat, OpenAiNulls::kNone);
  const std::string event =
      chunks.words(0, "x\n\ndata: [DONE]\r\nevent: error\xE2\x80\xA8\xE2\x80\xA9\x01");
  EXPECT_EQ(event.find('\n'), event.size() - 2);
  EXPECT_EQ(event.find('\r'), event.npos);
  EXPECT_NE(event.find(R"(x\n\ndata: [DONE]\u000d\nevent: error\u2028\u2029\u0001)"), event.npos)
      << event;
}

TEST(OpenAiWire, TellsErrorsAsOpenAiDoes) {
  const auto body_of = [](ErrorCode code) { return openai_error(Fault(code, "W.")); };
  EXPECT_EQ(body_of(ErrorCode::kOverBudget).status, 400);
  EXPECT_EQ(
      body_of(ErrorCode::kOverBudget).body,
      R"({"error":{"message":"W.","type":"invalid_request_error","param":null,"code":"context_length_exceeded"}})");
  EXPECT_EQ(body_of(ErrorCode::kNotFound).status, 404);
  EXPECT_EQ(body_of(ErrorCode::kUnavailable).status, 503);
  EXPECT_EQ(body_of(ErrorCode::kUnavailable).headers, (Headers{{"Retry-After", "2"}}));
  EXPECT_EQ(
      OpenAiChunks::error(Fault(Error{ErrorCode::kUnavailable, "key sk-1 of 10.0.0.1"})),
      "data: "
      R"({"error":{"message":"A part of the service cannot answer now","type":"server_error","param":null,"code":"unavailable"}})"
      "\n\n");
}

TEST(OpenAiWire, VectorsComeAsNumbersOrAsBase64) {
  const std::vector<std::vector<float>> vectors{{1.0F, -2.5F}};
  EXPECT_EQ(
      text::print_json(openai_embeddings("m", vectors, VectorForm::kNumbers, 3)),
      R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[1,-2.5]}],"model":"m","usage":{"prompt_tokens":3,"total_tokens":3}})");
  // 00 00 80 3f  00 00 20 c0
  const text::Json coded = openai_embeddings("m", vectors, VectorForm::kBase64, 3);
  EXPECT_EQ(*(*coded.find("data")->as_array())[0].find("embedding")->as_string(), "AACAPwAAIMA=");
}

TEST(OpenAiWire, ReadsTextsToEmbed) {
  EXPECT_EQ(read_openai_embeddings(R"({"input":"a"})").value().texts.size(), 1u);
  const auto two =
      read_openai_embeddings(R"({"input":["a","b"],"encoding_format":"base64","dimensions":4})");
  EXPECT_EQ(two.value().texts.size(), 2u);
  EXPECT_EQ(two.value().form, VectorForm::kBase64);
  EXPECT_EQ(two.value().width, 4u);
  EXPECT_EQ(read_openai_embeddings(R"({"input":[[1,2]]})").error().field, "input[0]");
  EXPECT_EQ(read_openai_embeddings(R"({"input":[]})").error().field, "input");
  EXPECT_EQ(read_openai_embeddings("{}").error().field, "input");
}

}  // namespace
}  // namespace dramatis::server
