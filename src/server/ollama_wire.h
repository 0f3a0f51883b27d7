// Ollama's requests -> what is asked; replies -> its answers, one JSON text a line. Knows no
// socket.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "lm/language_model.h"
#include "server/dialect_ask.h"
#include "server/dialect_models.h"
#include "server/dialect_tools.h"

namespace dramatis::server {

constexpr std::string_view kOllamaLines = "application/x-ndjson";

// /api/chat says words in messages, /api/generate in `response`.
enum class OllamaShape { kChat, kGenerate };

struct OllamaAsk {
  Ask ask{};
  bool is_empty = false;  // true: no words; the client has the model loaded or let go
  bool lets_go = false;   // true: keep_alive is 0
};

[[nodiscard]] Judged<OllamaAsk> read_ollama_chat(std::string_view body);
[[nodiscard]] Judged<OllamaAsk> read_ollama_generate(std::string_view body);

struct OllamaEmbedAsk {
  std::string model{};
  std::vector<std::string> texts{};
};
[[nodiscard]] Judged<OllamaEmbedAsk> read_ollama_embed(std::string_view body);
// The model that a request names, in `model` or, as it was, in `name`.
[[nodiscard]] Judged<std::string> read_ollama_name(std::string_view body);

[[nodiscard]] Response ollama_error(const Fault& fault);

// What all lines of one answer share.
struct OllamaStamp {
  std::string model{};  // as the client named it
  Instant at{};
  OllamaShape shape = OllamaShape::kChat;
};

[[nodiscard]] text::Json ollama_words(const OllamaStamp& stamp, std::string_view text);
[[nodiscard]] text::Json ollama_call(const OllamaStamp& stamp, const ToolCall& call);
// The last line; `text` is empty but in an answer that does not stream.
[[nodiscard]] text::Json ollama_end(const OllamaStamp& stamp, std::string_view text,
                                    const std::optional<ToolCall>& call,
                                    const lm::Completion& made);
// The answer to a request without words.
[[nodiscard]] text::Json ollama_loaded(const OllamaStamp& stamp, bool lets_go);
[[nodiscard]] text::Json ollama_embeddings(std::string_view model,
                                           const std::vector<std::vector<float>>& vectors,
                                           std::size_t tokens);
// /api/tags and, for what is in memory, /api/ps.
[[nodiscard]] text::Json ollama_tags(const std::vector<Listed>& models);
[[nodiscard]] text::Json ollama_running(const std::vector<Listed>& models, std::size_t context);
[[nodiscard]] text::Json ollama_show(const Listed& model, std::string_view system,
                                     std::size_t context);

}  // namespace dramatis::server
