// The OpenAI chat completion shapes, read leniently and written strictly.
#include "remote/chat_wire.h"

#include <algorithm>

#include <fmt/format.h>

#include "lm/role_name.h"
#include "remote/limits.h"
#include "text/json.h"
#include "text/utf8.h"
#include "text/utterance.h"

namespace dramatis::remote {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

// Some services read a seed as a signed 32-bit number.
constexpr std::uint64_t kSeedMask = 0x7FFF'FFFF;

JsonArray messages_of(const lm::Prompt& asked) {
  JsonArray messages;
  for (const auto& message : asked.messages) {
    messages.push_back(
        JsonObject{{"role", lm::role_name(message.role)}, {"content", message.text}});
  }
  if (!asked.reply_start.empty()) {
    messages.push_back(JsonObject{{"role", "assistant"}, {"content", asked.reply_start}});
  }
  return messages;
}

const std::string* string_at(const Json& object, std::string_view key) {
  const Json* value = object.find(key);
  return value == nullptr ? nullptr : value->as_string();
}

std::optional<std::size_t> count_at(const Json* object, std::string_view key) {
  const Json* value = object == nullptr ? nullptr : object->find(key);
  const std::int64_t* count = value == nullptr ? nullptr : value->as_int();
  if (count == nullptr || *count < 0 || *count > static_cast<std::int64_t>(kMaxReportedTokens)) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(*count);
}

Usage usage_of(const Json& answer) {
  const Json* usage = answer.find("usage");
  const Json* details = usage == nullptr ? nullptr : usage->find("prompt_tokens_details");
  return {.prompt_tokens = count_at(usage, "prompt_tokens"),
          .cached_tokens = count_at(details, "cached_tokens"),
          .generated_tokens = count_at(usage, "completion_tokens")};
}

// A service may echo the request, with our key in it, or a page of a proxy. The key is looked for
// last: control characters between its letters would hide it, and go.
std::string fit_to_show(std::string words, std::string_view key) {
  words = text::printable(words);
  std::ranges::replace(words, '\n', ' ');
  std::ranges::replace(words, '\t', ' ');
  if (!key.empty()) {
    for (std::size_t at = words.find(key); at != words.npos; at = words.find(key, at)) {
      words.replace(at, key.size(), "[key]");
    }
  }
  if (words.find('<') != words.npos) return {};
  return std::string(text::cut_at(words, kMaxRefusalWords));
}

// {"error":{"message","code"}}, {"error":"..."} or {"message":...}.
std::optional<Refusal> refusal_of(const Json& answer, std::string_view key) {
  const Json* error = answer.find("error");
  if (error == nullptr || error->is_null()) return std::nullopt;
  const Json& holder = error->as_object() == nullptr ? answer : *error;
  const std::string* words = error->as_string();
  if (words == nullptr) words = string_at(holder, "message");
  const std::string* code = string_at(holder, "code");
  const std::string* type = string_at(holder, "type");
  const auto says_too_long = [](const std::string* name) {
    return name != nullptr &&
           (*name == "context_length_exceeded" || *name == "exceed_context_size_error");
  };
  return Refusal{.words = words == nullptr ? std::string() : fit_to_show(*words, key),
                 .too_long = says_too_long(code) || says_too_long(type)};
}

// The choice with index 0; a choice without an index is taken as that.
const Json* first_choice(const Json& answer) {
  const Json* choices = answer.find("choices");
  const JsonArray* list = choices == nullptr ? nullptr : choices->as_array();
  if (list == nullptr) return nullptr;
  for (const auto& choice : *list) {
    const Json* index = choice.find("index");
    if (index == nullptr || (index->as_int() != nullptr && *index->as_int() == 0)) return &choice;
  }
  return nullptr;
}

Result<Delta> parse_delta(std::string_view json, std::string_view key, std::string_view holder) {
  const auto answer = text::parse_json(json);
  if (!answer || answer->as_object() == nullptr) {
    return fail(ErrorCode::kCorrupt,
                answer ? "The service sent JSON that is no object."
                       : fmt::format("The service sent broken JSON. {}", answer.error().what));
  }
  Delta delta{.usage = usage_of(*answer), .refusal = refusal_of(*answer, key)};
  const Json* choice = first_choice(*answer);
  if (choice == nullptr) return delta;
  if (const Json* message = choice->find(holder)) {
    if (const std::string* content = string_at(*message, "content")) delta.text = *content;
  }
  // KoboldCpp has sent "null" as a string.
  const std::string* finish = string_at(*choice, "finish_reason");
  if (finish != nullptr && *finish != "null") delta.finish = *finish;
  return delta;
}

}  // namespace

std::string print_request(const lm::Prompt& asked, const lm::Sampling& how,
                          const RequestShape& shape) {
  JsonObject request{{"model", shape.model},
                     {"messages", messages_of(asked)},
                     {"temperature", how.temperature},
                     {"top_p", how.top_p},
                     {shape.max_tokens_field, how.max_tokens},
                     {"stream", shape.stream == Streaming::kOn}};
  if (shape.stream == Streaming::kOn) {
    request.emplace_back("stream_options", JsonObject{{"include_usage", true}});
  }
  if (how.seed) request.emplace_back("seed", *how.seed & kSeedMask);
  if (!how.stop.empty()) {
    const std::size_t sent = std::min(how.stop.size(), kMaxStopStringsSent);
    request.emplace_back(
        "stop", JsonArray(how.stop.begin(), how.stop.begin() + static_cast<std::ptrdiff_t>(sent)));
  }
  if (shape.samplers == Samplers::kExtended) {
    request.emplace_back("top_k", how.top_k);
    request.emplace_back("min_p", how.min_p);
    request.emplace_back("repeat_penalty", how.repetition_penalty);
  }
  return text::print_json(std::move(request));
}

Result<Delta> parse_chunk(std::string_view json, std::string_view key) {
  return parse_delta(json, key, "delta");
}

Result<Delta> parse_answer(std::string_view json, std::string_view key) {
  return parse_delta(json, key, "message");
}

Refusal parse_refusal(std::string_view body, std::string_view key) {
  const auto answer = text::parse_json(body);
  if (!answer) return {};
  if (auto refusal = refusal_of(*answer, key)) return *std::move(refusal);
  const std::string* words = string_at(*answer, "message");
  if (words == nullptr) words = string_at(*answer, "detail");
  return {.words = words == nullptr ? std::string() : fit_to_show(*words, key)};
}

}  // namespace dramatis::remote
