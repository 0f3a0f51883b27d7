#include "dataset/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dramatis::dataset {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Words, AreLettersAndDigitsInSmallLetters) {
  EXPECT_THAT(words_of("Don't! The 3rd stra\u00DFe,"),
              ElementsAre("dont", "the", "3rd", "stra\u00DFe"));
  EXPECT_THAT(words_of(" ... "), IsEmpty());
  EXPECT_EQ(count_words("one two-three"), 3U);
}

TEST(Words, LoseTheQuotationMarksAroundAllOfThem) {
  EXPECT_EQ(without_quotes("\"Aye.\""), "Aye.");
  EXPECT_EQ(without_quotes("\u201CAye.\u201D"), "Aye.");
  EXPECT_EQ(without_quotes("\"Aye,\" and \"no\""), "\"Aye,\" and \"no\"");
  EXPECT_EQ(without_quotes("\u201CAye.\""), "\u201CAye.\"");
  EXPECT_EQ(without_quotes("\""), "\"");
  EXPECT_EQ(without_quotes(""), "");
}

}  // namespace
}  // namespace dramatis::dataset
