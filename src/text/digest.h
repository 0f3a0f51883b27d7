// SHA-256, for saying which bytes something was made from.
#pragma once

#include <string>
#include <string_view>

namespace dramatis::text {

// The SHA-256 of `bytes` as 64 lower-case hexadecimal digits.
[[nodiscard]] std::string sha256(std::string_view bytes);

}  // namespace dramatis::text
