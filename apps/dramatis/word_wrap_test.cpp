#include "word_wrap.h"

#include <gtest/gtest.h>

namespace dramatis::app {
namespace {

TEST(WordWrap, LinesBreakBetweenWords) {
  EXPECT_EQ(wrap_words("one two three", 8, 0), "one two\nthree");
  EXPECT_EQ(wrap_words("one two three", 7, 4), "one\ntwo\nthree");
  EXPECT_EQ(wrap_words("one two three", 0, 0), "one two three");
  EXPECT_EQ(wrap_words("one\ntwo three", 9, 8), "one\ntwo three");
  EXPECT_EQ(wrap_words("  kept  spaces ", 80, 0), "  kept  spaces");
}

TEST(WordWrap, LettersAreCountedNotBytes) {
  EXPECT_EQ(wrap_words("çédille éàü", 11, 0), "çédille éàü");
  EXPECT_EQ(wrap_words("çédille éàü", 10, 0), "çédille\néàü");
}

TEST(WordWrap, AWordLongerThanTheScreenIsNotCut) {
  const std::string word(300, 'x');
  EXPECT_EQ(wrap_words("a " + word + " b", 10, 0), "a\n" + word + "\nb");
}

TEST(WordWrap, HoweverTheTextIsSplitTheLinesAreTheSame) {
  const std::string text = "The ferry bell rings twice — and then, as ever, nobody comes.";
  const std::string whole = wrap_words(text, 20, 5);
  for (std::size_t step = 1; step < text.size(); ++step) {
    WordWrap wrap(20, 5);
    std::string shown;
    for (std::size_t from = 0; from < text.size(); from += step) {
      shown += wrap.push(std::string_view(text).substr(from, step));
    }
    shown += wrap.finish();
    EXPECT_EQ(shown, whole) << step;
  }
}

}  // namespace
}  // namespace dramatis::app
