// What differs between the services that hold a conversation: where they are asked, in which words,
// and how their answers are read. Knows no socket.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lm/language_model.h"
#include "remote/transcript.h"

namespace dramatis::remote {

enum class Protocol {
  kOpenAi,       // chat completions
  kCompletions,  // OpenAI's older text completions
  kOllama,       // Ollama's own
  kKobold,       // KoboldAI's and KoboldCpp's
};

enum class Streaming { kOn, kOff };
// What is gone on from: a conversation, or a text as it stands.
enum class Asking { kTalk, kRawText };
// kExtended adds top_k, min_p and repeat_penalty, which llama.cpp, Ollama, vLLM and KoboldCpp know
// and OpenAI refuses.
enum class Samplers { kStandard, kExtended };

// What a request says beside the prompt.
struct RequestShape {
  std::string model;
  Streaming stream = Streaming::kOn;
  Samplers samplers = Samplers::kStandard;
  std::string max_tokens_field = "max_tokens";
  // The conversation as text, for a service that has no messages.
  TextForm form = TextForm::kPlain;
  std::size_t context_size = 8192;  // for a service that would otherwise cut the prompt at its own
  std::string name{};               // of this request, for a service that stops one by name
};

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

// What a piece of a stream, or a whole answer, adds to the reply.
struct Delta {
  std::string text{};
  std::string finish{};  // "stop", "length", "content_filter", "error"; empty: not yet
  Usage usage{};
  std::optional<Refusal> refusal{};
  bool last = false;  // nothing follows that anybody needs
};

// How the pieces of a stream are told apart.
enum class Framing {
  kEvents,  // text/event-stream
  kLines,   // application/x-ndjson: a JSON text on each line
};

// One way of asking. Implementations are immutable and live as long as the program.
class Wire {
 public:
  Wire() = default;
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  virtual ~Wire() = default;

  // Below the service's address: "/chat/completions".
  [[nodiscard]] virtual std::string_view resource(Streaming stream,
                                                  Asking asking = Asking::kTalk) const = 0;
  // Whether it is asked for raw text, too: a prompt without messages (raw_text.h).
  [[nodiscard]] virtual bool goes_on_from_text() const { return true; }
  [[nodiscard]] virtual Framing framing() const { return Framing::kEvents; }

  // The JSON of a request.
  [[nodiscard]] virtual std::string print_request(const lm::Prompt& asked, const lm::Sampling& how,
                                                  const RequestShape& shape) const = 0;
  // Of the first choice alone; unknown fields are ignored, among them the thoughts that some
  // services send beside the content. Errors: kCorrupt.
  [[nodiscard]] virtual Result<Delta> parse_piece(std::string_view json,
                                                  std::string_view key) const = 0;
  [[nodiscard]] virtual Result<Delta> parse_answer(std::string_view json,
                                                   std::string_view key) const = 0;

  // Whether the conversation is told as text, whose marks end a reply.
  [[nodiscard]] virtual bool tells_text() const { return false; }
  // Whether a service of this kind may be unable to stream, and answers 404, 405 or 501 then.
  [[nodiscard]] virtual bool may_lack_streams() const { return false; }
  // A GET that costs the service nothing: whoever answers it is there.
  [[nodiscard]] virtual std::string_view pulse() const = 0;
  // Where a request that nobody waits for any more is stopped; empty: hanging up does it.
  [[nodiscard]] virtual std::string_view abort_resource() const { return {}; }
};

[[nodiscard]] const Wire& wire_of(Protocol protocol);

// The words of an error body; empty words where it holds none in a known shape.
[[nodiscard]] Refusal parse_refusal(std::string_view body, std::string_view key);

}  // namespace dramatis::remote
