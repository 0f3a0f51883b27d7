// The first byte says which reader; the rest is the body. What is read must be fit to be asked, and
// what is refused must be told in JSON.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "lm/language_model.h"
#include "server/dialect_tools.h"
#include "server/kobold_wire.h"
#include "server/ollama_wire.h"
#include "server/openai_wire.h"
#include "text/utf8.h"

namespace {

using namespace dramatis;  // NOLINT: a program of its own

void judge(const server::Ask& ask) {
  DRAMATIS_CHECK(lm::validate(ask.how).has_value() || ask.how.grammar);
  DRAMATIS_CHECK(!ask.max_tokens || *ask.max_tokens > 0);
  DRAMATIS_CHECK(ask.count >= 1);
  for (std::size_t n = 0; n < ask.messages.size(); ++n) {
    DRAMATIS_CHECK(text::is_valid_utf8(ask.messages[n].text));
    DRAMATIS_CHECK(n == 0 || ask.messages[n].role != lm::Role::kSystem);
    DRAMATIS_CHECK(n == 0 || ask.messages[n].role != ask.messages[n - 1].role);
  }
  if (ask.tools.list.empty()) return;
  DRAMATIS_CHECK(text::parse_json(server::call_grammar(ask.tools).text).has_value());
}

void judge(const server::Response& told) {
  DRAMATIS_CHECK(told.status >= 400 && told.status <= 599);
  DRAMATIS_CHECK(text::parse_json(told.body).has_value());
}

template <class T, class Judge>
void judge(const server::Judged<T>& read, server::Response (*error)(const server::Fault&),
           const Judge& judge_one) {
  if (read) {
    judge_one(*read);
  } else {
    judge(error(read.error()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto ask = [](const server::Ask& read) { judge(read); };
  const auto nothing = [](const auto&) {};
  switch (data[0] % 7) {
    case 0:
      judge(server::read_openai_chat(body), server::openai_error, ask);
      break;
    case 1:
      judge(server::read_openai_completion(body), server::openai_error, ask);
      break;
    case 2:
      judge(server::read_openai_embeddings(body), server::openai_error, nothing);
      break;
    case 3:
      judge(server::read_ollama_chat(body), server::ollama_error,
            [](const server::OllamaAsk& read) { judge(read.ask); });
      break;
    case 4:
      judge(server::read_ollama_generate(body), server::ollama_error,
            [](const server::OllamaAsk& read) { judge(read.ask); });
      break;
    case 5:
      judge(server::read_ollama_embed(body), server::ollama_error, nothing);
      break;
    default:
      judge(server::read_kobold_generate(body), server::kobold_error,
            [](const server::KoboldAsk& read) { judge(read.ask); });
  }
  return 0;
}
