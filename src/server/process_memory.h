// How much memory this process has at hand.
#pragma once

#include <cstddef>
#include <string_view>

namespace dramatis::server {

// In bytes; 0 where the system does not tell.
[[nodiscard]] std::size_t resident_bytes();

// The resident pages in what /proc/self/statm says; 0 where it says something else.
// Source: proc(5): "size resident shared ...", in pages.
[[nodiscard]] std::size_t resident_pages(std::string_view statm);

}  // namespace dramatis::server
