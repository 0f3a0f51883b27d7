// Word by word.
#include "word_wrap.h"

namespace dramatis::app {
namespace {

// A word past this is no word, and is shown as it comes.
constexpr std::size_t kLongestWord = 128;

bool begins_code_point(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

}  // namespace

std::string WordWrap::push(std::string_view piece) {
  std::string out;
  for (const char c : piece) {
    if (c == ' ' || c == '\n') {
      place_word(out);
      if (c == ' ') {
        ++spaces_;
        continue;
      }
      out += '\n';
      column_ = 0;
      spaces_ = 0;
      continue;
    }
    if (begins_code_point(c)) {
      if (letters_ == kLongestWord) place_word(out);
      ++letters_;
    }
    word_ += c;
  }
  return out;
}

std::string WordWrap::finish() {
  std::string out;
  place_word(out);
  return out;
}

void WordWrap::place_word(std::string& out) {
  if (word_.empty()) return;
  if (width_ > 0 && spaces_ > 0 && column_ + spaces_ + letters_ > width_) {
    out += '\n';
    column_ = 0;
  } else {
    out.append(spaces_, ' ');
    column_ += spaces_;
  }
  out += word_;
  column_ += letters_;
  word_.clear();
  letters_ = 0;
  spaces_ = 0;
}

std::string wrap_words(std::string_view text, std::size_t width, std::size_t column) {
  WordWrap wrap(width, column);
  std::string wrapped = wrap.push(text);
  return wrapped += wrap.finish();
}

}  // namespace dramatis::app
