// A chunk and a whole answer have one shape here: choices with `text`.
#include "remote/completion_wire.h"

#include "remote/internal/wire_json.h"
#include "remote/limits.h"
#include "remote/raw_text.h"

namespace dramatis::remote {

using text::Json;
using text::JsonObject;

std::string CompletionWire::print_request(const lm::Prompt& asked, const lm::Sampling& how,
                                          const RequestShape& shape) const {
  JsonObject request{{"model", shape.model},
                     {"prompt", print_prompt(asked, shape.form)},
                     {shape.max_tokens_field, how.max_tokens},
                     {"stream", shape.stream == Streaming::kOn}};
  if (shape.stream == Streaming::kOn) {
    request.emplace_back("stream_options", JsonObject{{"include_usage", true}});
  }
  // The form's own come first: without them the model speaks for the player, too.
  std::vector<std::string> stops;
  if (!is_raw(asked)) stops = transcript_ends(shape.form);
  stops.insert(stops.end(), how.stop.begin(), how.stop.end());
  if (!stops.empty()) request.emplace_back("stop", internal::stops_of(stops, kMaxStopStringsSent));
  internal::add_samplers(how, shape, request);
  return text::print_json(std::move(request));
}

Result<Delta> CompletionWire::parse_piece(std::string_view json, std::string_view key) const {
  DRAMATIS_TRY(const Json answer, internal::parse_object(json));
  Delta delta{.usage = internal::usage_of(answer), .refusal = internal::refusal_of(answer, key)};
  const Json* choice = internal::first_choice(answer);
  if (choice == nullptr) return delta;
  if (const std::string* words = internal::string_at(*choice, "text")) delta.text = *words;
  delta.finish = internal::finish_of(*choice);
  return delta;
}

Result<Delta> CompletionWire::parse_answer(std::string_view json, std::string_view key) const {
  return parse_piece(json, key);
}

}  // namespace dramatis::remote
