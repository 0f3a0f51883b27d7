// Source: KoboldAI's and KoboldCpp's API documentation.
#include "remote/kobold_wire.h"

#include "remote/internal/wire_json.h"
#include "remote/raw_text.h"

namespace dramatis::remote {

using text::Json;
using text::JsonArray;
using text::JsonObject;

std::string KoboldWire::print_request(const lm::Prompt& asked, const lm::Sampling& how,
                                      const RequestShape& shape) const {
  std::vector<std::string> stops;
  if (!is_raw(asked)) stops = transcript_ends(shape.form);
  stops.insert(stops.end(), how.stop.begin(), how.stop.end());
  JsonObject request{{"prompt", print_prompt(asked, shape.form)},
                     {"max_context_length", shape.context_size},
                     {"max_length", how.max_tokens},
                     {"temperature", how.temperature},
                     {"top_k", how.top_k},
                     {"top_p", how.top_p},
                     {"min_p", how.min_p},
                     {"rep_pen", how.repetition_penalty},
                     {"rep_pen_range", how.repetition_window},
                     {"stop_sequence", internal::stops_of(stops, stops.size())},
                     {"trim_stop", true},
                     {"quiet", true}};
  if (how.presence_penalty != 0) request.emplace_back("presence_penalty", how.presence_penalty);
  if (how.dry_multiplier > 0) {
    request.emplace_back("dry_multiplier", how.dry_multiplier);
    request.emplace_back("dry_base", how.dry_base);
    request.emplace_back("dry_allowed_length", how.dry_allowed_length);
    request.emplace_back("dry_penalty_last_n", how.dry_range);
    request.emplace_back("dry_sequence_breakers",
                         internal::stops_of(how.dry_breakers, how.dry_breakers.size()));
  }
  if (how.seed) request.emplace_back("sampler_seed", internal::small_seed(*how.seed));
  if (!shape.name.empty()) request.emplace_back("genkey", shape.name);
  return text::print_json(std::move(request));
}

Result<Delta> KoboldWire::parse_piece(std::string_view json, std::string_view key) const {
  DRAMATIS_TRY(const Json answer, internal::parse_object(json));
  Delta delta{.finish = internal::finish_of(answer), .refusal = internal::refusal_of(answer, key)};
  if (const std::string* words = internal::string_at(answer, "token")) delta.text = *words;
  delta.last = !delta.finish.empty();
  return delta;
}

Result<Delta> KoboldWire::parse_answer(std::string_view json, std::string_view key) const {
  DRAMATIS_TRY(const Json answer, internal::parse_object(json));
  Delta delta{.refusal = internal::refusal_of(answer, key), .last = true};
  const Json* results = answer.find("results");
  const JsonArray* list = results == nullptr ? nullptr : results->as_array();
  if (list == nullptr || list->empty()) return delta;
  const std::string* words = internal::string_at(list->front(), "text");
  if (words == nullptr) return delta;
  delta.text = *words;
  // KoboldAI does not say how it ended; that the answer came whole says that it did.
  delta.finish = internal::finish_of(list->front());
  if (delta.finish.empty()) delta.finish = "stop";
  delta.usage = {.prompt_tokens = internal::count_at(&list->front(), "prompt_tokens"),
                 .generated_tokens = internal::count_at(&list->front(), "completion_tokens")};
  return delta;
}

}  // namespace dramatis::remote
