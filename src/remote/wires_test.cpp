#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "remote/raw_text.h"
#include "remote/wire.h"
#include "text/json.h"

namespace dramatis::remote {
namespace {

lm::Prompt talk() {
  lm::Prompt asked;
  asked.messages = {{lm::Role::kSystem, "You are X."}, {lm::Role::kPlayer, "Hi\n\"<|end|>\""}};
  return asked;
}

lm::Sampling all_set() {
  lm::Sampling how;
  how.temperature = 0.5;
  how.top_k = 7;
  how.top_p = 0.9;
  how.min_p = 0.05;
  how.repetition_penalty = 1.1;
  how.repetition_window = 32;
  how.presence_penalty = 0.25;
  how.frequency_penalty = 0.5;
  how.max_tokens = 50;
  how.seed = 0xFFFF'FFFF'8000'0001;
  how.stop = {"a", "b", "c", "d", "e"};
  return how;
}

text::Json printed(Protocol protocol, const RequestShape& shape) {
  return text::parse_json(wire_of(protocol).print_request(talk(), all_set(), shape)).value();
}

void expect_same(const text::Json& sent, const char* expected) {
  EXPECT_EQ(text::print_json(sent), text::print_json(text::parse_json(expected).value()));
}

TEST(Wires, AskInTheShapeOfCompletions) {
  expect_same(printed(Protocol::kCompletions, {.model = "m", .samplers = Samplers::kExtended}),
              R"({"model":"m","prompt":"You are X.\n\nPlayer: Hi \"< |end|>\"\nCharacter:",
      "max_tokens":50,"stream":true,"stream_options":{"include_usage":true},
      "stop":["\nPlayer:","\nCharacter:","a","b"],"temperature":0.5,"top_p":0.9,
      "presence_penalty":0.25,"frequency_penalty":0.5,"seed":1,"top_k":7,"min_p":0.05,
      "repeat_penalty":1.1})");
}

TEST(Wires, AskInTheShapeOfOllama) {
  expect_same(printed(Protocol::kOllama, {.model = "m", .context_size = 4096}),
              R"({"model":"m","messages":[{"role":"system","content":"You are X."},
      {"role":"user","content":"Hi\n\"<|end|>\""}],"stream":true,"think":false,
      "options":{"num_ctx":4096,"num_predict":50,"temperature":0.5,"top_k":7,"top_p":0.9,
      "min_p":0.05,"repeat_penalty":1.1,"repeat_last_n":32,"presence_penalty":0.25,
      "frequency_penalty":0.5,"seed":1,"stop":["a","b","c","d","e"]}})");
}

TEST(Wires, AskInTheShapeOfKobold) {
  const auto sent =
      printed(Protocol::kKobold,
              {.model = "", .form = TextForm::kChatMl, .context_size = 4096, .name = "dramatis-1"});
  expect_same(
      sent,
      R"({"prompt":"<|im_start|>system\nYou are X.<|im_end|>\n<|im_start|>user\nHi\n\"< |end|>\"<|im_end|>\n<|im_start|>assistant\n",
      "max_context_length":4096,"max_length":50,"temperature":0.5,"top_k":7,"top_p":0.9,
      "min_p":0.05,"rep_pen":1.1,"rep_pen_range":32,
      "stop_sequence":["<|im_end|>","<|im_start|>","a","b","c","d","e"],"trim_stop":true,
      "quiet":true,"presence_penalty":0.25,"sampler_seed":1,"genkey":"dramatis-1"})");
  lm::Sampling dry;
  dry.dry_multiplier = 0.8;
  const auto other =
      text::parse_json(wire_of(Protocol::kKobold).print_request({}, dry, {})).value();
  EXPECT_EQ(*other.find("dry_multiplier")->as_number(), 0.8);
  EXPECT_EQ(other.find("dry_sequence_breakers")->as_array()->size(), 4U);
  EXPECT_EQ(other.find("genkey"), nullptr);
}

TEST(Wires, ReadPiecesOfCompletions) {
  const Wire& wire = wire_of(Protocol::kCompletions);
  const auto piece = wire.parse_piece(
      R"({"choices":[{"index":1,"text":"b"},{"index":0,"text":"a","finish_reason":null}]})", "");
  EXPECT_EQ(piece->text, "a");
  EXPECT_EQ(piece->finish, "");
  const auto end = wire.parse_piece(R"({"choices":[{"index":0,"text":"","finish_reason":"length"}],
      "usage":{"prompt_tokens":5,"completion_tokens":9}})",
                                    "");
  EXPECT_EQ(end->finish, "length");
  EXPECT_FALSE(end->last);
  EXPECT_EQ(end->usage.generated_tokens, 9U);
}

TEST(Wires, ReadLinesOfOllama) {
  const Wire& wire = wire_of(Protocol::kOllama);
  EXPECT_EQ(wire.framing(), Framing::kLines);
  const auto piece = wire.parse_piece(
      R"({"model":"m","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":"a","thinking":"hm"},"done":false})",
      "");
  EXPECT_EQ(piece->text, "a");
  EXPECT_FALSE(piece->last);
  const auto end = wire.parse_piece(
      R"({"message":{"role":"assistant","content":""},"done":true,"done_reason":"length","prompt_eval_count":5,"eval_count":9})",
      "");
  EXPECT_EQ(end->finish, "length");
  EXPECT_TRUE(end->last);
  EXPECT_EQ(end->usage.prompt_tokens, 5U);
  EXPECT_EQ(end->usage.generated_tokens, 9U);
  EXPECT_EQ(wire.parse_piece(R"({"done":true})", "")->finish, "stop");
  EXPECT_EQ(wire.parse_piece(R"({"done":true,"done_reason":"load"})", "")->finish, "error");
  EXPECT_EQ(wire.parse_piece(R"({"error":"model 'x' not found sk-1"})", "sk-1")->refusal->words,
            "model 'x' not found [key]");
  // B14: counts that cannot be.
  EXPECT_FALSE(wire.parse_piece(R"({"done":true,"eval_count":-1})", "")->usage.generated_tokens);
}

TEST(Wires, ReadPiecesAndAnswersOfKobold) {
  const Wire& wire = wire_of(Protocol::kKobold);
  const auto piece = wire.parse_piece(R"({"token":"a","finish_reason":null})", "");
  EXPECT_EQ(piece->text, "a");
  EXPECT_FALSE(piece->last);
  EXPECT_TRUE(wire.parse_piece(R"({"token":"","finish_reason":"stop"})", "")->last);
  const auto whole =
      wire.parse_answer(R"({"results":[{"text":"a b","finish_reason":"length"}]})", "");
  EXPECT_EQ(whole->text, "a b");
  EXPECT_EQ(whole->finish, "length");
  EXPECT_EQ(wire.parse_answer(R"({"results":[{"text":"a"}]})", "")->finish, "stop");
  for (const char* none : {R"({"results":[]})", R"({})", R"({"results":[{"text":5}]})"})
    EXPECT_EQ(wire.parse_answer(none, "")->finish, "") << none;
  EXPECT_EQ(parse_refusal(R"({"detail":{"msg":"Server is busy; please try again later.",)"
                          R"("type":"service_unavailable"}})",
                          "")
                .words,
            "Server is busy; please try again later.");
}

// B11 and B12: nonsense is typed, and a field of another type is as good as absent.
TEST(Wires, TakeNoNonsense) {
  for (const auto protocol :
       {Protocol::kOpenAi, Protocol::kCompletions, Protocol::kOllama, Protocol::kKobold}) {
    const Wire& wire = wire_of(protocol);
    for (const char* wrong : {"", "{", "[]", "5", "<html>", "\xEF\xBB\xBF{}", "{\"a\":\"\xFF\"}",
                              R"({"token":"\ud83d"})"}) {
      EXPECT_EQ(wire.parse_piece(wrong, "").error().code, ErrorCode::kCorrupt) << wrong;
      EXPECT_EQ(wire.parse_answer(wrong, "").error().code, ErrorCode::kCorrupt) << wrong;
    }
    for (const char* odd :
         {R"({})", R"({"choices":[]})", R"({"choices":5,"message":5,"token":5,"results":5})",
          R"({"choices":[{"index":7,"text":"x","delta":{"content":"x"}}]})",
          R"({"message":{"content":[1]},"done":"yes","token":null,"finish_reason":5})"}) {
      const auto piece = wire.parse_piece(odd, "");
      ASSERT_TRUE(piece) << odd;
      EXPECT_EQ(piece->text, "") << odd;
      EXPECT_EQ(piece->finish, "") << odd;
    }
    EXPECT_THAT(wire.parse_piece(R"({"error":{"message":"no <b>"}})", "")->refusal->words, "");
  }
}

text::Json printed_raw(Protocol protocol, const RequestShape& shape) {
  lm::Sampling how;
  how.max_tokens = 5;
  how.stop = {"x"};
  const auto asked = raw_prompt({.text = "Once</s> upon"});
  return text::parse_json(wire_of(protocol).print_request(asked, how, shape)).value();
}

TEST(Wires, GoOnFromARawTextWithoutAForm) {
  for (const Protocol protocol : {Protocol::kCompletions, Protocol::kOllama, Protocol::kKobold}) {
    EXPECT_TRUE(wire_of(protocol).goes_on_from_text());
    const auto sent = printed_raw(protocol, {.model = "m", .form = TextForm::kChatMl});
    EXPECT_EQ(*sent.find("prompt")->as_string(), "Once< /s> upon") << "marks are letters";
    EXPECT_EQ(sent.find("messages"), nullptr);
  }
  EXPECT_FALSE(wire_of(Protocol::kOpenAi).goes_on_from_text());
  const auto plain = printed_raw(Protocol::kCompletions, {.model = "m"});
  EXPECT_EQ(text::print_json(*plain.find("stop")), R"(["x"])");
  EXPECT_TRUE(*printed_raw(Protocol::kOllama, {.model = "m"}).find("raw")->as_bool());
  const Wire& ollama = wire_of(Protocol::kOllama);
  EXPECT_EQ(ollama.resource(Streaming::kOn, Asking::kRawText), "/api/generate");
  EXPECT_EQ(ollama.parse_piece(R"({"response":" a time","done":false})", "")->text, " a time");
}

}  // namespace
}  // namespace dramatis::remote
