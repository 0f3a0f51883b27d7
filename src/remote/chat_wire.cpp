// The OpenAI chat completion shapes, read leniently and written strictly.
#include "remote/chat_wire.h"

#include "remote/internal/messages.h"
#include "remote/internal/wire_json.h"
#include "remote/limits.h"

namespace dramatis::remote {
namespace {

using text::Json;
using text::JsonObject;

Result<Delta> parse_delta(std::string_view json, std::string_view key, std::string_view holder) {
  DRAMATIS_TRY(const Json answer, internal::parse_object(json));
  Delta delta{.usage = internal::usage_of(answer), .refusal = internal::refusal_of(answer, key)};
  const Json* choice = internal::first_choice(answer);
  if (choice == nullptr) return delta;
  if (const Json* message = choice->find(holder)) {
    if (const std::string* content = internal::string_at(*message, "content"))
      delta.text = *content;
  }
  delta.finish = internal::finish_of(*choice);
  return delta;
}

}  // namespace

std::string ChatWire::print_request(const lm::Prompt& asked, const lm::Sampling& how,
                                    const RequestShape& shape) const {
  JsonObject request{{"model", shape.model},
                     {"messages", internal::messages_of(asked)},
                     {shape.max_tokens_field, how.max_tokens},
                     {"stream", shape.stream == Streaming::kOn}};
  if (shape.stream == Streaming::kOn) {
    request.emplace_back("stream_options", JsonObject{{"include_usage", true}});
  }
  if (!how.stop.empty())
    request.emplace_back("stop", internal::stops_of(how.stop, kMaxStopStringsSent));
  internal::add_samplers(how, shape, request);
  return text::print_json(std::move(request));
}

Result<Delta> ChatWire::parse_piece(std::string_view json, std::string_view key) const {
  return parse_delta(json, key, "delta");
}

Result<Delta> ChatWire::parse_answer(std::string_view json, std::string_view key) const {
  return parse_delta(json, key, "message");
}

}  // namespace dramatis::remote
