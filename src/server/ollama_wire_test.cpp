#include "server/ollama_wire.h"

#include <gtest/gtest.h>

namespace dramatis::server {
namespace {

const OllamaStamp kChat{.model = "m",
                        .at = Instant(std::chrono::milliseconds(1'777'636'800'123)),
                        .shape = OllamaShape::kChat};
const OllamaStamp kGenerate{.model = "m", .at = kChat.at, .shape = OllamaShape::kGenerate};

std::string fault_of(const std::string& body) {
  const auto asked = read_ollama_chat(body);
  return asked ? "none" : asked.error().field + ": " + asked.error().what;
}

TEST(OllamaWire, ReadsAChatAndStreamsUnlessToldOtherwise) {
  const auto asked = read_ollama_chat(R"({"model":"m","keep_alive":"5m","think":false,
    "format":{"type":"object"},"options":{"num_ctx":2048,"num_predict":-1,"temperature":0,
    "repeat_last_n":-1,"seed":7,"stop":["x"],"num_thread":4},
    "messages":[{"role":"system","content":"S"},{"role":"user","content":"U","images":[]},
      {"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":{"a":1}}}]},
      {"role":"tool","tool_name":"f","content":"ok"}]})");
  ASSERT_TRUE(asked) << asked.error().what;
  const Ask& ask = asked->ask;
  EXPECT_TRUE(ask.streams && ask.drops_oldest);
  EXPECT_FALSE(asked->is_empty);
  EXPECT_EQ(ask.context, 2048u);
  EXPECT_FALSE(ask.max_tokens);
  EXPECT_EQ(ask.temperature, 0.0);
  EXPECT_EQ(ask.how.repetition_window, 4096);
  EXPECT_EQ(ask.how.seed, 7u);
  EXPECT_EQ(ask.how.grammar->text, R"({"type":"object"})");
  ASSERT_EQ(ask.messages.size(), 4u);
  EXPECT_EQ(ask.messages[2].text, R"({"name":"f","arguments":{"a":1}})");
  EXPECT_EQ(ask.messages[3].text, "[Result] ok");
}

TEST(OllamaWire, AChatWithoutMessagesLoadsOrLetsGo) {
  EXPECT_TRUE(read_ollama_chat(R"({"model":"m"})").value().is_empty);
  const auto gone = read_ollama_chat(R"({"model":"m","messages":[],"keep_alive":0})").value();
  EXPECT_TRUE(gone.is_empty && gone.lets_go);
  EXPECT_EQ(
      text::print_json(ollama_loaded(kChat, true)),
      R"({"model":"m","created_at":"2026-05-01T12:00:00.123Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"unload"})");
}

TEST(OllamaWire, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(fault_of(R"({"messages":[]})"), "model: model is missing.");
  EXPECT_EQ(fault_of(R"({"model":"m","options":{"top_k":"many"}})"),
            "options.top_k: options.top_k is no whole number.");
  EXPECT_EQ(
      fault_of(R"({"model":"m","messages":[{"role":"user","content":"x","images":["aGk="]}]})"),
      "messages[0].images: messages[0].images: models here read text alone, no images.");
  EXPECT_EQ(fault_of(R"({"model":"m","format":"xml"})"),
            "format: format is neither json nor a schema.");
  EXPECT_EQ(ollama_error(Fault(ErrorCode::kInvalidArgument, "A b.")).body, R"({"error":"A b."})");
}

TEST(OllamaWire, ReadsATextToGoOnFromWithAndWithoutAForm) {
  const auto raw = read_ollama_generate(R"({"model":"m","prompt":"Once","raw":true})").value();
  EXPECT_EQ(raw.ask.raw, "Once");
  const auto told = read_ollama_generate(R"({"model":"m","prompt":"Hi","system":"S"})").value();
  EXPECT_FALSE(told.ask.raw);
  EXPECT_EQ(told.ask.messages.size(), 2u);
  EXPECT_TRUE(read_ollama_generate(R"({"model":"m"})").value().is_empty);
  EXPECT_EQ(read_ollama_generate(R"({"model":"m","prompt":"a","suffix":"b"})").error().field,
            "suffix");
}

TEST(OllamaWire, PrintsTheLinesOfAStream) {
  const std::string head = R"({"model":"m","created_at":"2026-05-01T12:00:00.123Z",)";
  EXPECT_EQ(text::print_json(ollama_words(kChat, "Hi\n")),
            head + R"("message":{"role":"assistant","content":"Hi\n"},"done":false})");
  EXPECT_EQ(text::print_json(ollama_words(kGenerate, "Hi")),
            head + R"("response":"Hi","done":false})");
  lm::Completion made;
  made.why = lm::StopReason::kLength;
  made.prompt_tokens = 3;
  made.generated_tokens = 4;
  made.first_word = std::chrono::nanoseconds(5);
  made.total = std::chrono::nanoseconds(9);
  EXPECT_EQ(
      text::print_json(ollama_end(kChat, "", {}, made)),
      head +
          R"("message":{"role":"assistant","content":""},"done":true,"done_reason":"length","total_duration":9,"load_duration":0,"prompt_eval_count":3,"prompt_eval_duration":5,"eval_count":4,"eval_duration":4})");
  EXPECT_EQ(
      text::print_json(ollama_end(kGenerate, "Hi", {}, {})),
      head +
          R"("response":"Hi","done":true,"done_reason":"stop","context":[],"total_duration":0,"load_duration":0,"prompt_eval_count":0,"prompt_eval_duration":0,"eval_count":0,"eval_duration":0})");
  const ToolCall call{.name = "f", .arguments = text::JsonObject{{"a", 1}}};
  EXPECT_EQ(
      text::print_json(ollama_call(kChat, call)),
      head +
          R"("message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":{"a":1}}}]},"done":false})");
}

TEST(OllamaWire, ListsModelsAsItsClientsReadThem) {
  const text::Json tags = ollama_tags({{.name = "npc/a", .title = "A", .since = kChat.at}});
  const text::Json& tag = (*tags.find("models")->as_array())[0];
  EXPECT_EQ(*tag.find("name")->as_string(), "npc/a");
  EXPECT_EQ(*tag.find("modified_at")->as_string(), "2026-05-01T12:00:00.123Z");
  EXPECT_EQ(tag.find("digest")->as_string()->size(), 64u);
  EXPECT_EQ(*ollama_show({.name = "m"}, "", 77)
                 .find("model_info")
                 ->find("dramatis.context_length")
                 ->as_int(),
            77);
}

}  // namespace
}  // namespace dramatis::server
