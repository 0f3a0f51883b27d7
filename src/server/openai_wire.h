// OpenAI's requests -> what is asked; replies -> its answers and the chunks of its streams. Knows
// no socket.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lm/language_model.h"
#include "server/dialect_ask.h"
#include "server/dialect_models.h"
#include "server/dialect_tools.h"

namespace dramatis::server {

// A chat; without messages, one whose `prompt` is left in Ask::raw.
[[nodiscard]] Judged<Ask> read_openai_chat(std::string_view body);
// A text to go on from.
[[nodiscard]] Judged<Ask> read_openai_completion(std::string_view body);

enum class VectorForm { kNumbers, kBase64 };

struct EmbedAsk {
  std::string model{};
  std::vector<std::string> texts{};
  VectorForm form = VectorForm::kNumbers;
  std::size_t width = 0;  // that the client wants; 0: the model's own
};
[[nodiscard]] Judged<EmbedAsk> read_openai_embeddings(std::string_view body);

[[nodiscard]] Response openai_error(const Fault& fault);
[[nodiscard]] text::Json openai_error_json(const Fault& fault);

// What all pieces of one answer share.
struct OpenAiStamp {
  std::string id{};
  std::int64_t created = 0;  // seconds of 1970
  std::string model{};       // as the client named it
};

struct OpenAiUsage {
  std::size_t prompt = 0, cached = 0, completion = 0;  // tokens
};

// One reply of an answer.
struct OpenAiChoice {
  std::string text{};
  std::optional<ToolCall> call{};  // instead of words
  std::string call_id{};           // of the call
  lm::StopReason why = lm::StopReason::kEndOfTurn;
};

[[nodiscard]] text::Json openai_chat(const OpenAiStamp& stamp,
                                     const std::vector<OpenAiChoice>& choices,
                                     const OpenAiUsage& usage);
// `results` holds the same once more as Evennia's contrib reads it.
[[nodiscard]] text::Json openai_completion(const OpenAiStamp& stamp,
                                           const std::vector<OpenAiChoice>& choices,
                                           const OpenAiUsage& usage, std::string_view results);
[[nodiscard]] text::Json openai_embeddings(std::string_view model,
                                           const std::vector<std::vector<float>>& vectors,
                                           VectorForm form, std::size_t tokens);
[[nodiscard]] text::Json openai_model(const Listed& model);
[[nodiscard]] text::Json openai_models(const std::vector<Listed>& models);

// What a chunk of a stream adds.
enum class OpenAiShape { kChat, kCompletion };
// Whether chunks say `usage: null`, as they do where the last one tells the usage.
enum class OpenAiNulls { kNone, kUsage };

// The chunks of one stream, each as a whole event.
class OpenAiChunks {
 public:
  OpenAiChunks(OpenAiStamp stamp, OpenAiShape shape, OpenAiNulls nulls)
      : stamp_(std::move(stamp)), shape_(shape), nulls_(nulls) {}

  // The first of a choice of a chat: whose words they are.
  [[nodiscard]] std::string role(int index) const;
  [[nodiscard]] std::string words(int index, std::string_view text) const;
  [[nodiscard]] std::string call(int index, const OpenAiChoice& choice) const;
  // The last of a choice: why it has ended.
  [[nodiscard]] std::string end(int index, const OpenAiChoice& choice) const;
  [[nodiscard]] std::string usage(const OpenAiUsage& usage) const;
  [[nodiscard]] static std::string error(const Fault& fault);
  [[nodiscard]] static std::string_view done() { return "data: [DONE]\n\n"; }

 private:
  [[nodiscard]] std::string event(text::JsonArray choices, text::Json usage) const;
  [[nodiscard]] std::string choice(int index, text::JsonObject more, text::Json finish) const;

  OpenAiStamp stamp_;
  OpenAiShape shape_;
  OpenAiNulls nulls_;
};

}  // namespace dramatis::server
