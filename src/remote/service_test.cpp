#include "remote/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dramatis::remote {
namespace {

using ::testing::HasSubstr;

TEST(Service, IsAProtocolAnAddressAndAModel) {
  EXPECT_EQ(parse_service("http://localhost:8080/v1").value(),
            (Service{.protocol = Protocol::kOpenAi, .url = "http://localhost:8080/v1"}));
  EXPECT_EQ(
      parse_service("openai:https://api.example/v1#gpt/4-x").value(),
      (Service{
          .protocol = Protocol::kOpenAi, .url = "https://api.example/v1", .model = "gpt/4-x"}));
  EXPECT_EQ(
      parse_service("completions:http://[::1]:8000/v1#base").value(),
      (Service{
          .protocol = Protocol::kCompletions, .url = "http://[::1]:8000/v1", .model = "base"}));
  EXPECT_EQ(
      parse_service("ollama:http://localhost:11434#llama3.2:3b").value(),
      (Service{
          .protocol = Protocol::kOllama, .url = "http://localhost:11434", .model = "llama3.2:3b"}));
  EXPECT_EQ(parse_service("kobold:http://localhost:5001").value(),
            (Service{.protocol = Protocol::kKobold, .url = "http://localhost:5001"}));
  for (const auto protocol :
       {Protocol::kOpenAi, Protocol::kCompletions, Protocol::kOllama, Protocol::kKobold}) {
    const auto text = std::string(protocol_name(protocol)) + ":http://a";
    EXPECT_EQ(parse_service(text)->protocol, protocol);
  }
}

TEST(Service, IsToldFromAFile) {
  for (const char* service : {"http://a", "https://a", "ollama:http://a", "what:https://a"})
    EXPECT_TRUE(is_service(service)) << service;
  for (const char* file : {"", "a.gguf", "http:", "/models/ollama:http", "C:\\m.gguf", "hf:a/b"})
    EXPECT_FALSE(is_service(file)) << file;
}

// B16: an address that two readers could read differently is none.
TEST(Service, RefusesWhatIsNoPlainAddress) {
  EXPECT_THAT(parse_service("olama:http://a").error().what,
              HasSubstr("openai, completions, ollama and kobold"));
  for (const char* wrong :
       {"a.gguf", "ollama:a", "http://a@b", "http://user:pass@host/v1", "http://a\\b", "http://",
        "http://a:0", "http://a:99999", "http://a/v1?x=1", "http://a#", "http://a#b c",
        "http://a#b\x7F", "http://a#\xFF", "http://a b#c", "http://a\r\nX: y#c", "http://[::1#m"}) {
    const bool empty_name = std::string_view(wrong) == "http://a#";
    EXPECT_EQ(parse_service(wrong).has_value(), empty_name) << wrong;
  }
  EXPECT_FALSE(parse_service("http://a#" + std::string(9'999, 'm')));
}

}  // namespace
}  // namespace dramatis::remote
