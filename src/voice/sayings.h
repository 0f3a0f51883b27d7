// A character's sayings: one ends a reply now and then.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lm/language_model.h"

namespace dramatis::voice {

// The one of the character's sayings that is to end `text`; mostly none, which is empty. One reply
// in kSayingEvery gets one, drawn by `seed` and the text: of those that do not stand in the
// conversation yet the one that shares most words with what is said, else any. A reply that asks,
// is long or has a saying already gets none.
[[nodiscard]] std::string saying_after(std::string_view text, const lm::Prompt& asked,
                                       std::uint64_t seed);

// `text` and a saying after it, if any.
[[nodiscard]] std::string with_saying(std::string_view text, std::string_view saying);

// Whether `reply` is `line`, or `line` with one of `sayings` after it.
[[nodiscard]] bool is_line(std::string_view reply, std::string_view line,
                           std::span<const std::string> sayings);

}  // namespace dramatis::voice
