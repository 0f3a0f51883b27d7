// Typed look-ups with ranges.
#include "model/internal/keys.h"

#include <fmt/format.h>

namespace dramatis::model::internal {

std::string shown(std::string_view text) {
  // Names of tensors in adapters have up to 75 letters.
  constexpr std::size_t kMostShown = 80;
  std::string out;
  for (const char letter : text.substr(0, kMostShown)) {
    const auto code = static_cast<unsigned char>(letter);
    if (code >= 0x20 && code < 0x7F) {
      out += letter;
    } else {
      out += fmt::format("\\x{:02X}", code);
    }
  }
  return out;
}

std::string Keys::name(std::string_view part) const {
  return fmt::format("{}.{}", architecture_, part);
}

Result<std::size_t> Keys::count(std::string_view part, std::size_t most) const {
  DRAMATIS_TRY(const auto value, file_.integer(name(part)));
  if (value < 1 || static_cast<std::uint64_t>(value) > most) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("{} is {}; it must lie between 1 and {}.", name(part), value, most));
  }
  return static_cast<std::size_t>(value);
}

Result<std::size_t> Keys::count_or(std::string_view part, std::size_t otherwise,
                                   std::size_t most) const {
  if (!has(part)) return otherwise;
  return count(part, most);
}

Result<double> Keys::number_or(std::string_view part, double otherwise, NumberRange range) const {
  if (!has(part)) return otherwise;
  DRAMATIS_TRY(const auto value, file_.number(name(part)));
  if (!(value >= range.least && value <= range.most)) {
    return fail(ErrorCode::kCorrupt, fmt::format("{} is {}; it must lie between {} and {}.",
                                                 name(part), value, range.least, range.most));
  }
  return value;
}

Result<std::string_view> Keys::text_or(std::string_view part, std::string_view otherwise) const {
  if (!has(part)) return otherwise;
  return file_.text(name(part));
}

}  // namespace dramatis::model::internal
