// A variable or a file; the value is trimmed and must be fit for a header.
#include "remote/key.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "base/files.h"
#include "remote/limits.h"

namespace dramatis::remote {
namespace {

Result<std::string> read_source(const KeySource& source) {
  if (!source.file.empty()) return read_text_file(source.file, kMaxKeyBytes);
  const char* value = std::getenv(source.variable.c_str());
  if (value == nullptr) {
    return fail(
        ErrorCode::kNotFound,
        fmt::format("The variable {} is not set; put the service's key there.", source.variable));
  }
  return std::string(value);
}

}  // namespace

bool is_plain_key(std::string_view key) {
  return key.size() <= kMaxKeyBytes &&
         std::ranges::all_of(key, [](char c) { return c > ' ' && c < '\x7F'; });
}

Result<std::string> read_key(const KeySource& source) {
  if (source.variable.empty() && source.file.empty()) return std::string();
  if (!source.variable.empty() && !source.file.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "The key is said to be both in a variable and in a file; name one.");
  }
  DRAMATIS_TRY(const std::string text, read_source(source));
  const std::string place =
      source.file.empty() ? "variable " + source.variable : "file " + source.file.string();
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("The {} holds no key.", place));
  }
  const std::size_t last = text.find_last_not_of(" \t\r\n");
  std::string key = text.substr(first, last - first + 1);
  if (!is_plain_key(key)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("The {} holds more than one line of visible letters.", place));
  }
  return key;
}

}  // namespace dramatis::remote
