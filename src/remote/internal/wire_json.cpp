// Read leniently: a field of another type than it should be is as good as absent.
#include "remote/internal/wire_json.h"

#include <algorithm>

#include <fmt/format.h>

#include "remote/limits.h"
#include "text/utf8.h"
#include "text/utterance.h"

namespace dramatis::remote {
namespace {

using text::Json;

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

}  // namespace

namespace internal {

std::uint64_t small_seed(std::uint64_t seed) {
  return seed & 0x7FFF'FFFF;
}

text::JsonArray stops_of(const std::vector<std::string>& stops, std::size_t most) {
  const auto sent = static_cast<std::ptrdiff_t>(std::min(stops.size(), most));
  return text::JsonArray(stops.begin(), stops.begin() + sent);
}

void add_samplers(const lm::Sampling& how, const RequestShape& shape, text::JsonObject& request) {
  request.emplace_back("temperature", how.temperature);
  request.emplace_back("top_p", how.top_p);
  if (how.presence_penalty != 0) request.emplace_back("presence_penalty", how.presence_penalty);
  if (how.frequency_penalty != 0) request.emplace_back("frequency_penalty", how.frequency_penalty);
  if (how.seed) request.emplace_back("seed", small_seed(*how.seed));
  if (shape.samplers == Samplers::kStandard) return;
  request.emplace_back("top_k", how.top_k);
  request.emplace_back("min_p", how.min_p);
  request.emplace_back("repeat_penalty", how.repetition_penalty);
}

Result<Json> parse_object(std::string_view json) {
  auto answer = text::parse_json(json);
  if (answer && answer->as_object() != nullptr) return answer;
  return fail(ErrorCode::kCorrupt,
              answer ? "The service sent JSON that is no object."
                     : fmt::format("The service sent broken JSON. {}", answer.error().what));
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

const Json* first_choice(const Json& answer) {
  const Json* choices = answer.find("choices");
  const text::JsonArray* list = choices == nullptr ? nullptr : choices->as_array();
  if (list == nullptr) return nullptr;
  for (const auto& choice : *list) {
    const Json* index = choice.find("index");
    if (index == nullptr || (index->as_int() != nullptr && *index->as_int() == 0)) return &choice;
  }
  return nullptr;
}

std::string finish_of(const Json& choice) {
  const std::string* finish = string_at(choice, "finish_reason");
  return finish == nullptr || *finish == "null" ? std::string() : *finish;
}

std::optional<Refusal> refusal_of(const Json& answer, std::string_view key) {
  const Json* error = answer.find("error");
  if (error == nullptr || error->is_null()) error = answer.find("detail");
  if (error == nullptr || error->is_null()) return std::nullopt;
  const Json& holder = error->as_object() == nullptr ? answer : *error;
  const std::string* words = error->as_string();
  if (words == nullptr) words = string_at(holder, "message");
  if (words == nullptr) words = string_at(holder, "msg");
  const std::string* code = string_at(holder, "code");
  const std::string* type = string_at(holder, "type");
  const auto says_too_long = [](const std::string* name) {
    return name != nullptr &&
           (*name == "context_length_exceeded" || *name == "exceed_context_size_error");
  };
  return Refusal{.words = words == nullptr ? std::string() : fit_to_show(*words, key),
                 .too_long = says_too_long(code) || says_too_long(type)};
}

}  // namespace internal

Refusal parse_refusal(std::string_view body, std::string_view key) {
  const auto answer = text::parse_json(body);
  if (!answer) return {};
  if (auto refusal = internal::refusal_of(*answer, key)) return *std::move(refusal);
  const std::string* words = internal::string_at(*answer, "message");
  return {.words = words == nullptr ? std::string() : fit_to_show(*words, key)};
}

}  // namespace dramatis::remote
