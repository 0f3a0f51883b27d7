// "200M" -> bytes.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace dramatis::app {

// A whole number with K, M or G for 10^3, 10^6 or 10^9 bytes; without, bytes. `place` is for the
// error: kInvalidArgument naming place, text and form.
[[nodiscard]] Result<std::size_t> parse_memory_size(std::string_view place, std::string_view text);

// Of each thread under a promise of memory. Turns, the database's and the engine's threads recurse
// little: none needs a fifth of this.
constexpr std::size_t kSmallStackBytes = 256 * 1024;

// What the C library takes for itself: one arena instead of one for each thread, and small stacks,
// so that a promise of memory holds under a limit of the address space, too. Before any other
// thread is made.
void keep_memory_small();

}  // namespace dramatis::app
