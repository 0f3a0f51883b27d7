// UTF-8: what is whole and valid, and where a cut may fall.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace dramatis::text {

// A decoded code point and the bytes it took; `length` 0 at the end or where the bytes are invalid.
struct CodePoint {
  char32_t value;
  std::size_t length;
};

// The code point at the start of `bytes` (shortest form, no surrogates, at most U+10FFFF).
// Source: Unicode 15, table 3-7.
[[nodiscard]] CodePoint first_code_point(std::string_view bytes);

[[nodiscard]] bool is_valid_utf8(std::string_view bytes);

// `bytes` with every maximal invalid run replaced by U+FFFD.
[[nodiscard]] std::string repair_utf8(std::string_view bytes);

// How many code points `text` holds; each invalid byte counts as one.
[[nodiscard]] std::size_t count_code_points(std::string_view text);

// Appends `value` to `out`; surrogates and values past U+10FFFF become U+FFFD.
void append_utf8(char32_t value, std::string& out);

// The length of the longest prefix that ends with no half code point: a stream sends that much and
// holds the rest (at most three bytes) back. Invalid bytes that no later byte can mend are not
// held.
[[nodiscard]] std::size_t whole_prefix(std::string_view bytes);

// The longest prefix of at most `max_bytes` that splits no code point.
[[nodiscard]] std::string_view cut_at(std::string_view text, std::size_t max_bytes);

}  // namespace dramatis::text
