// Bytes of a player -> Utterance.
#include "text/utterance.h"

#include <fmt/format.h>

#include "text/limits.h"
#include "text/utf8.h"

namespace dramatis::text {
namespace {

bool is_control(char32_t value) {
  if (value == U'\n' || value == U'\t') return false;
  return value < 0x20 || (value >= 0x7F && value < 0xA0);
}

std::string_view trim(std::string_view words) {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto first = words.find_first_not_of(kBlank);
  if (first == words.npos) return {};
  return words.substr(first, words.find_last_not_of(kBlank) - first + 1);
}

std::string without_controls(std::string_view words) {
  std::string kept;
  kept.reserve(words.size());
  while (!words.empty()) {
    const CodePoint point = first_code_point(words);
    if (!is_control(point.value)) kept += words.substr(0, point.length);
    words.remove_prefix(point.length);
  }
  return kept;
}

}  // namespace

Result<Utterance> hear(std::string_view bytes) {
  if (bytes.size() > kMaxUtteranceBytes) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("The message has {} bytes; at most {} are read.", bytes.size(),
                            kMaxUtteranceBytes));
  }
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const CodePoint point = first_code_point(rest);
    if (point.length == 0) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("The message is not UTF-8 at byte {}.", bytes.size() - rest.size()));
    }
    rest.remove_prefix(point.length);
  }
  const std::string clean = without_controls(bytes);
  return Utterance{.words = std::string(trim(clean))};
}

std::string printable(std::string_view bytes) {
  return without_controls(repair_utf8(bytes));
}

}  // namespace dramatis::text
