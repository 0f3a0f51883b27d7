// Walks from code point to code point. Source: Unicode 15, table 3-7 (this room does not know
// text/).
#include "runtime/internal/clean_text.h"

#include <algorithm>

namespace dramatis::runtime {
namespace {

// The length of the code point that `bytes` begins with; 0 where it begins with none, or with a C1
// control, which would move the cursor of whoever reads the log.
std::size_t whole_code_point(std::string_view bytes) {
  const auto at = [bytes](std::size_t n) { return static_cast<unsigned char>(bytes[n]); };
  const unsigned char first = at(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || length > bytes.size()) return 0;
  const unsigned char least = first == 0xE0 || first == 0xC2 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned char most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (at(1) < least || at(1) > most) return 0;
  for (std::size_t n = 2; n < length; ++n) {
    if ((at(n) & 0xC0) != 0x80) return 0;
  }
  return length;
}

}  // namespace

std::string clean_text(std::string_view bytes, std::size_t most) {
  std::string clean;
  while (!bytes.empty()) {
    const std::size_t length = whole_code_point(bytes);
    const std::size_t taken = std::max<std::size_t>(length, 1);
    if (clean.size() + taken > most) break;
    if (length == 0) {
      clean += '?';
    } else {
      clean += bytes.substr(0, length);
    }
    bytes.remove_prefix(taken);
  }
  return clean;
}

}  // namespace dramatis::runtime
