// What the wires share: JSON of a stranger -> the few things that are believed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "remote/wire.h"
#include "text/json.h"

namespace dramatis::remote::internal {

// A seed as every service reads it: some hold it in a signed 32-bit number.
[[nodiscard]] std::uint64_t small_seed(std::uint64_t seed);

// The first `most` of `stops`.
[[nodiscard]] text::JsonArray stops_of(const std::vector<std::string>& stops, std::size_t most);

// Adds the samplers under the names that OpenAI's and llama.cpp's services share.
void add_samplers(const lm::Sampling& how, const RequestShape& shape, text::JsonObject& request);

// A whole JSON object. Errors: kCorrupt.
[[nodiscard]] Result<text::Json> parse_object(std::string_view json);

// The string at `key`, or null.
[[nodiscard]] const std::string* string_at(const text::Json& object, std::string_view key);
// A number of tokens at `key`; nothing where there is none or it is absurd.
[[nodiscard]] std::optional<std::size_t> count_at(const text::Json* object, std::string_view key);
// OpenAI's "usage".
[[nodiscard]] Usage usage_of(const text::Json& answer);
// OpenAI's choice with index 0, or null; a choice without an index is taken as that.
[[nodiscard]] const text::Json* first_choice(const text::Json& answer);
// How it says that it ended; empty: not yet. KoboldCpp has sent "null" as a string.
[[nodiscard]] std::string finish_of(const text::Json& choice);

// {"error":{"message","code"}}, {"error":"..."}, {"detail":{"msg","type"}}; nothing: no failure.
[[nodiscard]] std::optional<Refusal> refusal_of(const text::Json& answer, std::string_view key);

}  // namespace dramatis::remote::internal
