// Names from outside that may become part of a path.
#pragma once

#include <string_view>

namespace dramatis {

// Letters of ASCII, digits, '-', '_' and '.', not the last one first, at most 100: nothing that
// leads elsewhere, is hidden or has a meaning to a file system.
[[nodiscard]] bool is_plain_name(std::string_view name);

}  // namespace dramatis
