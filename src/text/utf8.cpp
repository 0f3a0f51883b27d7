// Decodes UTF-8 by the table of well-formed sequences.
#include "text/utf8.h"

#include <algorithm>

namespace dramatis::text {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

bool is_continuation(std::uint8_t byte) {
  return (byte & 0xC0) == 0x80;
}

// What the first byte promises: the sequence's length and the range of its second byte, which is
// where over-long forms, surrogates and values past U+10FFFF are told apart.
struct Lead {
  std::size_t length;
  std::uint8_t low, high;
};

Lead lead_of(std::uint8_t first) {
  if (first < 0x80) return {.length = 1, .low = 0x80, .high = 0xBF};
  if (first >= 0xC2 && first <= 0xDF) return {.length = 2, .low = 0x80, .high = 0xBF};
  if (first == 0xE0) return {.length = 3, .low = 0xA0, .high = 0xBF};
  if (first == 0xED) return {.length = 3, .low = 0x80, .high = 0x9F};
  if (first >= 0xE1 && first <= 0xEF) return {.length = 3, .low = 0x80, .high = 0xBF};
  if (first == 0xF0) return {.length = 4, .low = 0x90, .high = 0xBF};
  if (first >= 0xF1 && first <= 0xF3) return {.length = 4, .low = 0x80, .high = 0xBF};
  if (first == 0xF4) return {.length = 4, .low = 0x80, .high = 0x8F};
  return {.length = 0, .low = 0, .high = 0};
}

// How many bytes at the start of `bytes` agree with a well-formed sequence, and its full length.
struct Agreement {
  std::size_t agreeing, promised;
};

Agreement agreement(std::string_view bytes) {
  const Lead lead = lead_of(byte_at(bytes, 0));
  if (lead.length == 0) return {.agreeing = 0, .promised = 0};
  std::size_t n = 1;
  for (; n < lead.length && n < bytes.size(); ++n) {
    const std::uint8_t byte = byte_at(bytes, n);
    const bool fits = n == 1 ? byte >= lead.low && byte <= lead.high : is_continuation(byte);
    if (!fits) break;
  }
  return {.agreeing = n, .promised = lead.length};
}

}  // namespace

CodePoint first_code_point(std::string_view bytes) {
  if (bytes.empty()) return {.value = 0, .length = 0};
  const auto [agreeing, promised] = agreement(bytes);
  if (promised == 0 || agreeing < promised) return {.value = 0, .length = 0};
  static constexpr std::uint8_t kLeadBits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t value = byte_at(bytes, 0) & kLeadBits[promised];
  for (std::size_t n = 1; n < promised; ++n) value = (value << 6) | (byte_at(bytes, n) & 0x3F);
  return {.value = value, .length = promised};
}

bool is_valid_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const CodePoint point = first_code_point(bytes);
    if (point.length == 0) return false;
    bytes.remove_prefix(point.length);
  }
  return true;
}

std::size_t count_code_points(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    text.remove_prefix(std::max<std::size_t>(first_code_point(text).length, 1));
    ++count;
  }
  return count;
}

std::string repair_utf8(std::string_view bytes) {
  std::string repaired;
  repaired.reserve(bytes.size());
  while (!bytes.empty()) {
    const auto [agreeing, promised] = agreement(bytes);
    if (promised != 0 && agreeing == promised) {
      repaired += bytes.substr(0, promised);
      bytes.remove_prefix(promised);
    } else {
      repaired += kReplacement;
      bytes.remove_prefix(std::max<std::size_t>(agreeing, 1));
    }
  }
  return repaired;
}

void append_utf8(char32_t value, std::string& out) {
  const auto put = [&out](char32_t byte) { out += static_cast<char>(byte); };
  if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
    out += kReplacement;
  } else if (value < 0x80) {
    put(value);
  } else if (value < 0x800) {
    put(0xC0 | (value >> 6));
    put(0x80 | (value & 0x3F));
  } else if (value < 0x10000) {
    put(0xE0 | (value >> 12));
    put(0x80 | ((value >> 6) & 0x3F));
    put(0x80 | (value & 0x3F));
  } else {
    put(0xF0 | (value >> 18));
    put(0x80 | ((value >> 12) & 0x3F));
    put(0x80 | ((value >> 6) & 0x3F));
    put(0x80 | (value & 0x3F));
  }
}

std::size_t whole_prefix(std::string_view bytes) {
  for (std::size_t back = 1; back <= 3 && back <= bytes.size(); ++back) {
    const std::size_t at = bytes.size() - back;
    if (is_continuation(byte_at(bytes, at))) continue;
    const auto [agreeing, promised] = agreement(bytes.substr(at));
    const bool may_still_be_whole = promised > back && agreeing == back;
    return may_still_be_whole ? at : bytes.size();
  }
  return bytes.size();
}

std::string_view cut_at(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  std::size_t end = max_bytes;
  while (end > 0 && is_continuation(byte_at(text, end))) --end;
  return text.substr(0, end);
}

}  // namespace dramatis::text
