// The OpenAI embeddings shapes.
#include "remote/embed_wire.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "remote/limits.h"
#include "remote/wire.h"
#include "text/json.h"

namespace dramatis::remote {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

tl::unexpected<Error> corrupt(std::string_view what) {
  return fail(ErrorCode::kCorrupt, fmt::format("The service sent {}.", what));
}

// Its place among the texts; `otherwise` where the service does not say.
Result<std::size_t> place_of(const Json& entry, std::size_t otherwise, std::size_t count) {
  const Json* index = entry.find("index");
  if (index == nullptr || index->is_null()) return otherwise;
  const std::int64_t* place = index->as_int();
  if (place == nullptr || *place < 0 || *place >= static_cast<std::int64_t>(count)) {
    return corrupt(fmt::format("a vector for none of the {} texts", count));
  }
  return static_cast<std::size_t>(*place);
}

Result<std::vector<float>> unit_vector(const Json& entry, std::size_t n) {
  const Json* embedding = entry.find("embedding");
  const JsonArray* numbers = embedding == nullptr ? nullptr : embedding->as_array();
  if (numbers == nullptr || numbers->empty() || numbers->size() > kMaxVectorWidth) {
    return corrupt(fmt::format("no list of 1 to {} numbers as vector {}", kMaxVectorWidth, n));
  }
  std::vector<double> exact;
  double largest = 0;
  for (const Json& number : *numbers) {
    const auto value = number.as_number();
    if (!value) return corrupt(fmt::format("something else than numbers in vector {}", n));
    exact.push_back(*value);
    largest = std::max(largest, std::abs(*value));
  }
  if (!std::isnormal(largest)) return corrupt(fmt::format("vector {} without a length", n));
  // Divided by the largest first, so that no square overflows or vanishes.
  double squares = 0;
  for (const double value : exact) squares += value / largest * (value / largest);
  const double length = std::sqrt(squares);
  std::vector<float> unit;
  for (const double value : exact) unit.push_back(static_cast<float>(value / largest / length));
  return unit;
}

}  // namespace

std::string print_embed_request(const std::string& model, std::span<const std::string> texts) {
  JsonArray input;
  for (const auto& text : texts) input.emplace_back(text.empty() ? std::string(" ") : text);
  return text::print_json(
      JsonObject{{"model", model}, {"input", std::move(input)}, {"encoding_format", "float"}});
}

Result<std::vector<std::vector<float>>> parse_vectors(std::string_view json, std::size_t count,
                                                      std::string_view key) {
  const auto answer = text::parse_json(json);
  if (!answer) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("The service sent broken JSON. {}", answer.error().what));
  }
  const Json* data = answer->find("data");
  const JsonArray* entries = data == nullptr ? nullptr : data->as_array();
  if (entries == nullptr) {
    const Refusal refusal = parse_refusal(json, key);
    if (refusal.words.empty() && !refusal.too_long) return corrupt("an answer without vectors");
    return fail(refusal.too_long ? ErrorCode::kOverBudget : ErrorCode::kUnavailable,
                fmt::format("The service reported a failure. {}", refusal.words));
  }
  if (entries->size() != count) {
    return corrupt(fmt::format("{} vectors for {} texts", entries->size(), count));
  }
  std::vector<std::vector<float>> vectors(count);
  for (std::size_t n = 0; n < count; ++n) {
    DRAMATIS_TRY(const std::size_t place, place_of((*entries)[n], n, count));
    if (!vectors[place].empty()) return corrupt(fmt::format("two vectors for text {}", place));
    DRAMATIS_TRY(vectors[place], unit_vector((*entries)[n], n));
  }
  for (const auto& vector : vectors) {
    if (vector.size() != vectors.front().size()) {
      return corrupt(
          fmt::format("vectors of {} and of {} numbers", vectors.front().size(), vector.size()));
    }
  }
  return vectors;
}

}  // namespace dramatis::remote
