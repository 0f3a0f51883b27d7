// Little-endian numbers in foreign bytes, read without alignment.
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

#include "base/check.h"

namespace dramatis {

// The number at `bytes[at]`. Checked: it lies inside.
template <class T>
requires std::is_arithmetic_v<T>
[[nodiscard]] T load_le(std::span<const std::byte> bytes, std::size_t at = 0) {
  DRAMATIS_CHECK(at <= bytes.size() && sizeof(T) <= bytes.size() - at);
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof(T));
  return value;
}

[[nodiscard]] inline std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

[[nodiscard]] inline std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace dramatis
