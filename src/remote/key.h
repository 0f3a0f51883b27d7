// Where a service's key is kept -> the key.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace dramatis::remote {

// At most one of both; neither: no key.
struct KeySource {
  std::string variable;        // of the environment
  std::filesystem::path file;  // of which the first line counts
};

// One line of visible ASCII. No error ever holds a part of it.
// Errors: kInvalidArgument, kNotFound, kOverBudget, kUnavailable.
[[nodiscard]] Result<std::string> read_key(const KeySource& source);

// Whether `key` may stand in a header.
[[nodiscard]] bool is_plain_key(std::string_view key);

}  // namespace dramatis::remote
