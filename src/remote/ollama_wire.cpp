// Source: Ollama's api/types.go, ChatRequest and ChatResponse, GenerateRequest and
// GenerateResponse.
#include "remote/ollama_wire.h"

#include "remote/internal/messages.h"
#include "remote/internal/wire_json.h"
#include "remote/raw_text.h"
#include "remote/transcript.h"

namespace dramatis::remote {
namespace {

using text::Json;
using text::JsonObject;

JsonObject options_of(const lm::Sampling& how, const RequestShape& shape) {
  JsonObject options{// Ollama cuts a longer prompt at its head, silently, where the character is
                     // told.
                     {"num_ctx", shape.context_size},
                     {"num_predict", how.max_tokens},
                     {"temperature", how.temperature},
                     {"top_k", how.top_k},
                     {"top_p", how.top_p},
                     {"min_p", how.min_p},
                     {"repeat_penalty", how.repetition_penalty},
                     {"repeat_last_n", how.repetition_window},
                     {"presence_penalty", how.presence_penalty},
                     {"frequency_penalty", how.frequency_penalty}};
  if (how.seed) options.emplace_back("seed", internal::small_seed(*how.seed));
  if (!how.stop.empty())
    options.emplace_back("stop", internal::stops_of(how.stop, how.stop.size()));
  return options;
}

// "stop" and "length" as they are. A model that was only loaded or unloaded has said nothing.
std::string finish_of(const Json& answer) {
  const Json* done = answer.find("done");
  if (done == nullptr || done->as_bool() == nullptr || !*done->as_bool()) return {};
  const std::string* why = internal::string_at(answer, "done_reason");
  if (why == nullptr || why->empty()) return "stop";
  return *why == "load" || *why == "unload" ? "error" : *why;
}

}  // namespace

std::string OllamaWire::print_request(const lm::Prompt& asked, const lm::Sampling& how,
                                      const RequestShape& shape) const {
  if (is_raw(asked)) {
    return text::print_json(JsonObject{{"model", shape.model},
                                       {"prompt", print_raw(asked.reply_start)},
                                       {"raw", true},
                                       {"stream", shape.stream == Streaming::kOn},
                                       {"options", options_of(how, shape)}});
  }
  return text::print_json(JsonObject{{"model", shape.model},
                                     {"messages", internal::messages_of(asked)},
                                     {"stream", shape.stream == Streaming::kOn},
                                     // The words alone: a player does not wait for reasoning that
                                     // nobody sees.
                                     {"think", false},
                                     {"options", options_of(how, shape)}});
}

Result<Delta> OllamaWire::parse_piece(std::string_view json, std::string_view key) const {
  DRAMATIS_TRY(const Json answer, internal::parse_object(json));
  Delta delta{.finish = finish_of(answer), .refusal = internal::refusal_of(answer, key)};
  if (const Json* message = answer.find("message")) {
    if (const std::string* content = internal::string_at(*message, "content"))
      delta.text = *content;
  }
  // Where a raw text was gone on from.
  if (const std::string* words = internal::string_at(answer, "response")) delta.text += *words;
  delta.last = !delta.finish.empty();
  if (delta.last) {
    delta.usage = {.prompt_tokens = internal::count_at(&answer, "prompt_eval_count"),
                   .generated_tokens = internal::count_at(&answer, "eval_count")};
  }
  return delta;
}

Result<Delta> OllamaWire::parse_answer(std::string_view json, std::string_view key) const {
  return parse_piece(json, key);
}

}  // namespace dramatis::remote
