// Answers, chunks and errors in OpenAI's shapes.
#include "server/openai_wire.h"

#include <bit>
#include <cstring>

#include <fmt/format.h>

namespace dramatis::server {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

struct Words {
  int status;
  std::string_view type;
  std::string_view code;  // empty: null
};

Words words_for(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return {400, "invalid_request_error", ""};
    case ErrorCode::kUnsupported:
      return {400, "invalid_request_error", "unsupported"};
    case ErrorCode::kOverBudget:
      return {400, "invalid_request_error", "context_length_exceeded"};
    case ErrorCode::kNotFound:
    case ErrorCode::kNpcNotFound:
      return {404, "invalid_request_error", "model_not_found"};
    case ErrorCode::kUserNotFound:
      return {404, "invalid_request_error", "user_not_found"};
    case ErrorCode::kConversationNotFound:
    case ErrorCode::kTurnNotFound:
      return {404, "invalid_request_error", "session_not_found"};
    case ErrorCode::kRefused:
      return {403, "permission_error", "refused"};
    case ErrorCode::kConflict:
      return {409, "conflict_error", "conflict"};
    case ErrorCode::kUnavailable:
      return {503, "server_error", "unavailable"};
    case ErrorCode::kDeadline:
      return {504, "server_error", "deadline"};
    case ErrorCode::kCancelled:
      return {499, "server_error", "cancelled"};
    case ErrorCode::kCorrupt:
    case ErrorCode::kInternal:
      return {500, "server_error", "internal"};
  }
  return {500, "server_error", "internal"};
}

Json null_if_empty(std::string_view text) {
  return text.empty() ? Json() : Json(text);
}

std::string_view finish_of(const OpenAiChoice& choice) {
  if (choice.call) return "tool_calls";
  return choice.why == lm::StopReason::kLength ? "length" : "stop";
}

JsonObject call_json(const OpenAiChoice& choice) {
  return {{"id", choice.call_id},
          {"type", "function"},
          {"function", JsonObject{{"name", choice.call->name},
                                  {"arguments", text::print_json(choice.call->arguments)}}}};
}

JsonObject usage_json(const OpenAiUsage& usage) {
  return {{"prompt_tokens", usage.prompt},
          {"completion_tokens", usage.completion},
          {"total_tokens", usage.prompt + usage.completion},
          {"prompt_tokens_details", JsonObject{{"cached_tokens", usage.cached}}}};
}

// Little-endian f32, four bytes each, as OpenAI's clients decode them.
std::string base64_of(const std::vector<float>& numbers) {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<unsigned> bytes;
  for (const float number : numbers) {
    const auto bits = std::bit_cast<std::uint32_t>(number);
    for (unsigned shift = 0; shift < 32; shift += 8) bytes.push_back(bits >> shift & 0xFFu);
  }
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t left = bytes.size() - at;
    const unsigned three =
        bytes[at] << 16 | (left > 1 ? bytes[at + 1] << 8 : 0u) | (left > 2 ? bytes[at + 2] : 0u);
    out += kLetters[three >> 18];
    out += kLetters[three >> 12 & 63];
    out += left > 1 ? kLetters[three >> 6 & 63] : '=';
    out += left > 2 ? kLetters[three & 63] : '=';
  }
  return out;
}

Json vector_json(const std::vector<float>& numbers, VectorForm form) {
  if (form == VectorForm::kBase64) return base64_of(numbers);
  JsonArray list;
  for (const float number : numbers) list.push_back(static_cast<double>(number));
  return list;
}

std::string event_of(const Json& value) {
  return "data: " + text::print_json(value) + "\n\n";
}

}  // namespace

Json openai_error_json(const Fault& fault) {
  Words words = words_for(fault.code);
  if (fault.status == 429) words = {429, "rate_limit_error", "rate_limit_exceeded"};
  if (fault.status == 401) words = {401, "authentication_error", "invalid_api_key"};
  return JsonObject{{"error", JsonObject{{"message", fault.what},
                                         {"type", words.type},
                                         {"param", null_if_empty(fault.field)},
                                         {"code", null_if_empty(words.code)}}}};
}

Response openai_error(const Fault& fault) {
  return fault_response(fault, words_for(fault.code).status,
                        text::print_json(openai_error_json(fault)));
}

Json openai_chat(const OpenAiStamp& stamp, const std::vector<OpenAiChoice>& choices,
                 const OpenAiUsage& usage) {
  JsonArray list;
  for (std::size_t n = 0; n < choices.size(); ++n) {
    JsonObject message{{"role", "assistant"},
                       {"content", choices[n].call ? Json() : Json(choices[n].text)},
                       {"refusal", Json()}};
    if (choices[n].call) message.emplace_back("tool_calls", JsonArray{call_json(choices[n])});
    list.push_back(JsonObject{{"index", n},
                              {"message", std::move(message)},
                              {"logprobs", Json()},
                              {"finish_reason", finish_of(choices[n])}});
  }
  return JsonObject{{"id", stamp.id},
                    {"object", "chat.completion"},
                    {"created", stamp.created},
                    {"model", stamp.model},
                    {"choices", std::move(list)},
                    {"usage", usage_json(usage)},
                    {"system_fingerprint", Json()}};
}

Json openai_completion(const OpenAiStamp& stamp, const std::vector<OpenAiChoice>& choices,
                       const OpenAiUsage& usage, std::string_view results) {
  JsonArray list;
  for (std::size_t n = 0; n < choices.size(); ++n) {
    list.push_back(JsonObject{{"text", choices[n].text},
                              {"index", n},
                              {"logprobs", Json()},
                              {"finish_reason", finish_of(choices[n])}});
  }
  return JsonObject{{"id", stamp.id},
                    {"object", "text_completion"},
                    {"created", stamp.created},
                    {"model", stamp.model},
                    {"choices", std::move(list)},
                    {"usage", usage_json(usage)},
                    {"results", JsonArray{JsonObject{{"text", results}}}}};
}

Json openai_embeddings(std::string_view model, const std::vector<std::vector<float>>& vectors,
                       VectorForm form, std::size_t tokens) {
  JsonArray list;
  for (std::size_t n = 0; n < vectors.size(); ++n) {
    list.push_back(JsonObject{
        {"object", "embedding"}, {"index", n}, {"embedding", vector_json(vectors[n], form)}});
  }
  return JsonObject{{"object", "list"},
                    {"data", std::move(list)},
                    {"model", model},
                    {"usage", JsonObject{{"prompt_tokens", tokens}, {"total_tokens", tokens}}}};
}

Json openai_model(const Listed& model) {
  return JsonObject{{"id", model.name},
                    {"object", "model"},
                    {"created", model.since.time_since_epoch().count() / 1000},
                    {"owned_by", "dramatis"},
                    {"name", model.title}};
}

Json openai_models(const std::vector<Listed>& models) {
  JsonArray list;
  for (const auto& model : models) list.push_back(openai_model(model));
  return JsonObject{{"object", "list"}, {"data", std::move(list)}};
}

std::string OpenAiChunks::event(JsonArray choices, Json usage) const {
  JsonObject chunk{
      {"id", stamp_.id},
      {"object", shape_ == OpenAiShape::kChat ? "chat.completion.chunk" : "text_completion"},
      {"created", stamp_.created},
      {"model", stamp_.model},
      {"choices", std::move(choices)}};
  if (nulls_ == OpenAiNulls::kUsage) chunk.emplace_back("usage", std::move(usage));
  return event_of(chunk);
}

std::string OpenAiChunks::choice(int index, JsonObject more, Json finish) const {
  JsonObject one{{"index", index}};
  if (shape_ == OpenAiShape::kChat) {
    one.emplace_back("delta", std::move(more));
  } else {
    one.emplace_back("text", more.empty() ? Json("") : std::move(more.front().second));
  }
  one.emplace_back("logprobs", Json());
  one.emplace_back("finish_reason", std::move(finish));
  return event({std::move(one)}, Json());
}

std::string OpenAiChunks::role(int index) const {
  return choice(index, {{"role", "assistant"}, {"content", ""}}, Json());
}

std::string OpenAiChunks::words(int index, std::string_view text) const {
  return choice(index, {{"content", text}}, Json());
}

std::string OpenAiChunks::call(int index, const OpenAiChoice& made) const {
  JsonObject call = call_json(made);
  call.insert(call.begin(), {"index", 0});
  return choice(index, {{"tool_calls", JsonArray{std::move(call)}}}, Json());
}

std::string OpenAiChunks::end(int index, const OpenAiChoice& made) const {
  return choice(index, {}, Json(finish_of(made)));
}

std::string OpenAiChunks::usage(const OpenAiUsage& usage) const {
  return event({}, usage_json(usage));
}

std::string OpenAiChunks::error(const Fault& fault) {
  return event_of(openai_error_json(fault));
}

}  // namespace dramatis::server
