// Prompt -> body of a chat completion request; chunks and answers -> what they say. Knows no
// socket.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "lm/language_model.h"

namespace dramatis::remote {

enum class Streaming { kOn, kOff };
// kExtended adds top_k, min_p and repeat_penalty, which llama.cpp, Ollama, vLLM and KoboldCpp know
// and OpenAI refuses.
enum class Samplers { kStandard, kExtended };

// What a request says beside the prompt.
struct RequestShape {
  std::string model;
  Streaming stream = Streaming::kOn;
  Samplers samplers = Samplers::kStandard;
  std::string max_tokens_field = "max_tokens";
};

// The JSON of a request. A prompt's reply_start becomes a last message of the assistant.
[[nodiscard]] std::string print_request(const lm::Prompt& asked, const lm::Sampling& how,
                                        const RequestShape& shape);

// What a service said about the cost; absurd numbers are left out.
struct Usage {
  std::optional<std::size_t> prompt_tokens{};
  std::optional<std::size_t> cached_tokens{};
  std::optional<std::size_t> generated_tokens{};
};

// A failure in the service's own words, fit to be shown: one line, no markup, no key.
struct Refusal {
  std::string words;
  bool too_long = false;  // the prompt does not fit into the model's context
};

// What a chunk of a stream, or a whole answer, adds to the reply.
struct Delta {
  std::string text{};
  std::string finish{};  // empty: not yet
  Usage usage{};
  std::optional<Refusal> refusal{};
};

// Of the first choice alone; unknown fields are ignored, among them the thoughts that some services
// send beside the content. Errors: kCorrupt.
[[nodiscard]] Result<Delta> parse_chunk(std::string_view json, std::string_view key);
[[nodiscard]] Result<Delta> parse_answer(std::string_view json, std::string_view key);

// The words of an error body; empty words where it holds none in a known shape.
[[nodiscard]] Refusal parse_refusal(std::string_view body, std::string_view key);

}  // namespace dramatis::remote
