// "200M" -> bytes.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace dramatis::app {

// A whole number with K, M or G for 10^3, 10^6 or 10^9 bytes; without, bytes. `place` is for the
// error: kInvalidArgument naming place, text and form.
[[nodiscard]] Result<std::size_t> parse_memory_size(std::string_view place, std::string_view text);

}  // namespace dramatis::app
