// Letter by letter.
#include "base/plain_name.h"

#include <algorithm>

namespace dramatis {

bool is_plain_name(std::string_view name) {
  constexpr std::size_t kMost = 100;
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  return !name.empty() && name.size() <= kMost && name.front() != '.' &&
         std::ranges::all_of(name, fits);
}

}  // namespace dramatis
