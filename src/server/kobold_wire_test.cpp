#include "server/kobold_wire.h"

#include <gtest/gtest.h>

#include "lm/limits.h"

namespace dramatis::server {
namespace {

TEST(KoboldWire, ReadsTheNamesOfBothItsFamilies) {
  const auto kobold = read_kobold_generate(R"({"prompt":"P","memory":"M ","max_length":80,
    "max_context_length":2048,"rep_pen":1.1,"rep_pen_range":100000,"temperature":0.7,"top_k":0,
    "top_p":0.9,"tfs":1,"typical":1,"sampler_order":[6,0,1],"sampler_seed":-1,"genkey":"KCPP1",
    "stop_sequence":["\nAnna:",""],"grammar":"","quiet":true})");
  ASSERT_TRUE(kobold) << kobold.error().what;
  EXPECT_EQ(kobold->ask.raw, "M P");
  EXPECT_EQ(kobold->ask.max_tokens, 80);
  EXPECT_EQ(kobold->ask.context, 2048u);
  EXPECT_EQ(kobold->ask.how.repetition_penalty, 1.1);
  EXPECT_EQ(kobold->ask.how.repetition_window, lm::kMaxRepetitionWindow);
  EXPECT_FALSE(kobold->ask.how.seed);
  EXPECT_EQ(kobold->ask.how.stop, std::vector<std::string>{"\nAnna:"});
  EXPECT_EQ(kobold->key, "KCPP1");
  EXPECT_TRUE(kobold->ask.drops_oldest);
  const auto webui = read_kobold_generate(R"({"prompt":"P","max_new_tokens":250,"seed":3,
    "truncation_length":99,"stopping_strings":["a"],"grammar_string":"root ::= \"a\"",
    "repetition_penalty":1.2,"skip_special_tokens":true,"preset":"None"})");
  ASSERT_TRUE(webui) << webui.error().what;
  EXPECT_EQ(webui->ask.max_tokens, 250);
  EXPECT_EQ(webui->ask.how.seed, 3u);
  EXPECT_EQ(webui->ask.context, 99u);
  EXPECT_EQ(webui->ask.how.grammar->text, R"(root ::= "a")");
}

TEST(KoboldWire, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(read_kobold_generate("{}").error().field, "prompt");
  EXPECT_EQ(read_kobold_generate(R"({"prompt":""})").error().field, "prompt");
  EXPECT_EQ(read_kobold_generate(R"({"prompt":"a","n":2})").error().field, "n");
  EXPECT_EQ(read_kobold_generate(R"({"prompt":"a","rep_pen":9})").error().field, "rep_pen");
  EXPECT_EQ(read_kobold_generate(R"({"prompt":"a","images":["x"]})").error().field, "images");
  EXPECT_EQ(kobold_error(Fault(ErrorCode::kInvalidArgument, "A.")).body,
            R"({"detail":{"msg":"A.","type":"bad_input"}})");
  EXPECT_EQ(kobold_error(Fault(ErrorCode::kUnavailable, "B.")).status, 503);
}

TEST(KoboldWire, PrintsAnswersAndEvents) {
  lm::Completion made;
  made.prompt_tokens = 3;
  made.generated_tokens = 4;
  EXPECT_EQ(
      text::print_json(kobold_results("a\n", lm::StopReason::kLength, made)),
      R"({"results":[{"text":"a\n","finish_reason":"length","prompt_tokens":3,"completion_tokens":4}]})");
  EXPECT_EQ(text::print_json(webui_results("a")), R"({"results":[{"text":"a"}]})");
  EXPECT_EQ(kobold_event("a\n\ndata: b", ""),
            "event: message\ndata: {\"token\":\"a\\n\\ndata: b\",\"finish_reason\":null}\n\n");
  EXPECT_EQ(kobold_event("", "stop"),
            "event: message\ndata: {\"token\":\"\",\"finish_reason\":\"stop\"}\n\n");
}

TEST(KoboldWire, AnAbortMayHaveNoBody) {
  EXPECT_EQ(read_kobold_key("").value(), "");
  EXPECT_EQ(read_kobold_key(R"({"genkey":"k"})").value(), "k");
  EXPECT_FALSE(read_kobold_key("nonsense"));
}

}  // namespace
}  // namespace dramatis::server
