// Speech as it streams -> lines that break between words.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dramatis::app {

// Holds a word back until it is whole, because only then is it known where it stands. Each code
// point counts as one column. One thread at a time.
class WordWrap {
 public:
  // `width`: columns of the screen; 0: lines are never broken. `column`: where the first word
  // stands.
  WordWrap(std::size_t width, std::size_t column) : width_(width), column_(column) {}

  // What can be shown now.
  [[nodiscard]] std::string push(std::string_view piece);
  // The last word.
  [[nodiscard]] std::string finish();

 private:
  void place_word(std::string& out);

  std::size_t width_;
  std::size_t column_;
  std::string word_;         // not yet whole
  std::size_t letters_ = 0;  // code points of it
  std::size_t spaces_ = 0;   // before it
};

// `text` at once.
[[nodiscard]] std::string wrap_words(std::string_view text, std::size_t width, std::size_t column);

}  // namespace dramatis::app
