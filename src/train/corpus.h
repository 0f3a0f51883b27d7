// The books of a recipe -> plain paragraphs.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "train/recipe.h"

namespace dramatis::train {

// One book, its paragraphs in order, each cleaned.
struct Text {
  std::string title;
  std::vector<std::string> paragraphs;
};

// `paragraph` in the characters a player types: straight quotes, hyphens for dashes, three dots, no
// marks of emphasis, single spaces. Letters with accents stay.
[[nodiscard]] std::string plain(std::string_view paragraph);

// Reads every book. kNotFound names the file and DRAMATIS_CORPUS.
[[nodiscard]] Result<std::vector<Text>> read_corpus(const std::filesystem::path& folder,
                                                    const std::vector<Book>& books);

}  // namespace dramatis::train
