// Bytes of anybody -> UTF-8 of a bounded length, for a label or a line of the log.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dramatis::runtime {

// The first `most` bytes of `bytes` at most, ended between two code points; each byte that begins
// no code point becomes '?'.
[[nodiscard]] std::string clean_text(std::string_view bytes, std::size_t most);

}  // namespace dramatis::runtime
