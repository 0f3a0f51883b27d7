#include "signs/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dramatis::signs {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> plain(const std::vector<Word>& words) {
  std::vector<std::string> all;
  for (const auto& word : words) all.push_back(word.plain);
  return all;
}

TEST(Words, AreSmallLettersWithTheirPlaces) {
  const auto words = words_of("A Cat\u2019s \u201CM\u00FCnze\u201D, well-fed\u2014two.");
  EXPECT_THAT(plain(words), ElementsAre("a", "cat's", "m\u00FCnze", "well", "fed", "two"));
  EXPECT_EQ(words[1].first, 2U);
  EXPECT_EQ(words[1].length, 7U);
  EXPECT_THAT(plain(words_of("'tis the dogs' 'yes'")), ElementsAre("tis", "the", "dogs", "yes"));
  EXPECT_TRUE(words_of("").empty());
  EXPECT_TRUE(words_of("... \xFF --").empty());
}

TEST(Words, ContractionsAreWrittenOut) {
  EXPECT_THAT(plain(written_out("I'm sure it\u2019s John's. We can't, cannot, won't, shan't.")),
              ElementsAre("i", "am", "sure", "it", "is", "john", "we", "can", "not", "can", "not",
                          "will", "not", "shall", "not"));
  EXPECT_THAT(plain(written_out("They'd've don't I'll you're")),
              ElementsAre("they'd", "have", "do", "not", "i", "will", "you", "are"));
}

TEST(Words, PhrasesMatchWholeWordsAndStarsTheirBeginnings) {
  const auto words = words_of("The computers compute, and a computer too.");
  EXPECT_EQ(find_phrase(words, "a computer")->word, 4U);
  EXPECT_EQ(find_phrase(words, "computer")->word, 5U);
  EXPECT_EQ(find_phrase(words, "comput*")->word, 1U);
  EXPECT_EQ(find_phrase(words, "comput*", 2)->word, 2U);
  EXPECT_FALSE(find_phrase(words, "too late"));
  EXPECT_FALSE(find_phrase(words, ""));
}

TEST(Words, SentencesEndAtMarksAndLines) {
  EXPECT_THAT(sentences_of("One. Two!\nThree 3.5 feet? ... Four"),
              ElementsAre("One.", " Two!", "Three 3.5 feet?", " Four"));
  EXPECT_TRUE(sentences_of(" ...\n").empty());
}

}  // namespace
}  // namespace dramatis::signs
