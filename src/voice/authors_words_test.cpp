#include "voice/authors_words.h"

#include <gtest/gtest.h>

namespace dramatis::voice {
namespace {

using Sentences = std::vector<std::string_view>;

TEST(SentencesOf, EndAtTheirMarks) {
  EXPECT_EQ(sentences_of("Two. \"Are there?\" Yes!  Four-oh-1.5 is no end"),
            (Sentences{"Two.", "\"Are there?\"", "Yes!", "Four-oh-1.5 is no end"}));
  EXPECT_EQ(sentences_of("Well... no."), (Sentences{"Well...", "no."}));
  EXPECT_EQ(sentences_of(" \n"), Sentences{});
  EXPECT_EQ(sentences_of("..."), Sentences{"..."});
}

const std::vector<lm::AuthoredLine> kLines{
    {.player = "", .npc = "I rode to Acre and came back thinner. Ask my horse.", .topic = ""},
    {.player = "", .npc = "My squire Thomas loses at chess. So do I!", .topic = ""}};

TEST(InAuthorsWords, WhatWasRememberedWronglyIsMended) {
  EXPECT_EQ(in_authors_words("I rode to Bishop and came back thinner.", kLines),
            "I rode to Acre and came back thinner.");
}

TEST(InAuthorsWords, WhatWasJoinedStaysJoined) {
  EXPECT_EQ(in_authors_words("My squire Thomas loses at chess. Ask my horse.", kLines),
            "My squire Thomas loses at chess. Ask my horse.");
}

TEST(InAuthorsWords, ASentenceIsNotSaidTwice) {
  EXPECT_EQ(in_authors_words("Ask my horse. Ask my horse. So do I!", kLines),
            "Ask my horse. So do I!");
}

TEST(InAuthorsWords, WordsOfNobodyAreNotTheAuthors) {
  EXPECT_EQ(in_authors_words("Ask my horse. The moon is a moon of bread.", kLines), std::nullopt);
  EXPECT_EQ(in_authors_words("", kLines), std::nullopt);
  EXPECT_EQ(in_authors_words("Ask my horse.", {}), std::nullopt);
}

}  // namespace
}  // namespace dramatis::voice
