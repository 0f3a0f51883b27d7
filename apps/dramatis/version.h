// Which Dramatis this is.
#pragma once

#include <string_view>

namespace dramatis::app {

// "0.1.0"
[[nodiscard]] std::string_view version();

}  // namespace dramatis::app
