// For tests: where the reference tokenizer files stand, and their texts.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace dramatis::tokens::testing {

// DRAMATIS_TEST_DATA, or the folder `shared` beside the source.
inline std::filesystem::path test_data() {
  const char* set = std::getenv("DRAMATIS_TEST_DATA");
  return set != nullptr ? std::filesystem::path(set)
                        : std::filesystem::path(DRAMATIS_SOURCE_DIR).parent_path() / "shared";
}

// The parts of `text` between `separator`.
inline std::vector<std::string> parts_of(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  while (true) {
    const auto end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + separator.size());
  }
}

}  // namespace dramatis::tokens::testing
