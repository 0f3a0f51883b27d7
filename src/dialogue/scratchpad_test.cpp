#include "dialogue/scratchpad.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"

namespace dramatis::dialogue {
namespace {

using Expect = Scratchpad::Expect;

struct Told {
  std::string said, thought;
  friend bool operator==(const Told&, const Told&) = default;
};

Told read(std::string_view text, Expect expect, std::vector<std::size_t> cuts = {}) {
  Scratchpad scratchpad(expect);
  Told told;
  std::size_t from = 0;
  cuts.push_back(text.size());
  for (const std::size_t cut : cuts) {
    told.said += scratchpad.push(text.substr(from, cut - from));
    from = cut;
  }
  told.said += scratchpad.finish();
  told.thought = scratchpad.thoughts();
  return told;
}

struct Vector {
  const char* text;
  const char* said;
};

// Where the reference shows thoughts, nothing private is shown and the rest is.
class ScratchpadVectors : public testing::TestWithParam<Vector> {};

TEST_P(ScratchpadVectors, SaysWhatIsSpeech) {
  for (const auto expect : {Expect::kSpeech, Expect::kThoughts}) {
    EXPECT_EQ(read(GetParam().text, expect).said, GetParam().said) << static_cast<int>(expect);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Golden, ScratchpadVectors,
    testing::Values(
        Vector{"#SCRATCHPAD a #ANSWER b", "b"}, Vector{"#SCRATCHPAD: a\n#ANSWER:\n b ", "b"},
        Vector{"pre #SCRATCHPAD a #ANSWER b", "pre  b"}, Vector{"#SCRATCHPAD a", ""},
        Vector{"#ANSWER b", "b"}, Vector{"#SCRATCHPAD a #ANSWER b #SCRATCHPAD c #ANSWER d", "b  d"},
        Vector{"#scratchpad a #Answer b", "b"}, Vector{"#SCRATCHPAD a #ANSWER", ""},
        Vector{"#SCRATCHPAD a #ANSWER #ANSWER b", "b"}, Vector{"<scratchpad>a</scratchpad> b", "b"},
        Vector{"x <ScratchPad>a</SCRATCHPAD> b <scratchpad>c</scratchpad> d", "x  b  d"},
        Vector{"<scratchpad>a", ""}, Vector{"<think>a</think>b", "b"},
        Vector{"<think>a</scratchpad> b", ""}, Vector{"<think>a<think>b</think>c</think>d", "d"},
        Vector{"no marks at all", "no marks at all"},
        Vector{"a < b # c: <scratch", "a < b # c: <scratch"}, Vector{"", ""}, Vector{" \n", ""},
        Vector{"<scratchpad></scratchpad>", ""}));

TEST(Scratchpad, WhatStandsBeforeAnUnopenedEndWasPrivateWhereThoughtsWereAsked) {
  EXPECT_EQ(read("a lie </scratchpad> Good day.", Expect::kThoughts), (Told{"Good day.", "a lie"}));
  EXPECT_EQ(read("a lie #ANSWER: Good day.", Expect::kThoughts), (Told{"Good day.", "a lie"}));
  EXPECT_EQ(read("Well </think> Good day.", Expect::kSpeech), (Told{"Well  Good day.", ""}));
}

TEST(Scratchpad, KeepsEveryThought) {
  EXPECT_EQ(read("<think> a </think> b #SCRATCHPAD: c #ANSWER: d <scratchpad>e", Expect::kSpeech),
            (Told{"b  d", "a\nc\ne"}));
  EXPECT_EQ(read("<think> a <think> b", Expect::kSpeech), (Told{"", "a  b"}));
}

TEST(Scratchpad, SpeechIsShownAsSoonAsItCanBeNoMark) {
  Scratchpad scratchpad(Expect::kSpeech);
  EXPECT_EQ(scratchpad.push("Good"), "Good");
  EXPECT_EQ(scratchpad.push(" day <s"), " day");
  EXPECT_EQ(scratchpad.push("o> "), " <so>");
  EXPECT_EQ(scratchpad.push("<scratchpad"), "");
  EXPECT_EQ(scratchpad.push(">hm"), "");
  EXPECT_EQ(scratchpad.push("</scratchpad>x"), " x");
  EXPECT_EQ(scratchpad.finish(), "");
}

TEST(Scratchpad, AskedThoughtsStreamTheSpeechAfterThem) {
  Scratchpad scratchpad(Expect::kThoughts);
  EXPECT_EQ(scratchpad.push("<scratchpad>hm</scratchpad>Good"), "Good");
  EXPECT_EQ(scratchpad.push(" day"), " day");
}

std::string arrangement(Rng& random) {
  constexpr std::array<const char*, 16> kPieces{
      "#SCRATCHPAD", "#answer", "<scratchpad>", "</Scratchpad>", "<think>", "</think>",
      ":",           " ",       "\n",           "speech",        "<",       "#",
      "é",           "</",      "<thin",        "#SCRATCH"};
  std::string text;
  for (std::uint64_t n = random.below(12); n > 0; --n)
    text += kPieces[random.below(kPieces.size())];
  return text;
}

TEST(Scratchpad, AnySplitOfAnyArrangementSaysTheSame) {
  Rng random(20240611);
  for (int round = 0; round < 20'000; ++round) {
    const std::string text = arrangement(random);
    const Expect expect = round % 2 == 0 ? Expect::kSpeech : Expect::kThoughts;
    std::vector<std::size_t> cuts;
    for (std::size_t at = 1; at < text.size(); ++at) {
      if (random.below(3) == 0) cuts.push_back(at);
    }
    ASSERT_EQ(read(text, expect, cuts), read(text, expect)) << text;
  }
}

TEST(Scratchpad, NothingAfterAnOpenMarkIsSaidBeforeItsEnd) {
  Rng random(7);
  for (int round = 0; round < 5000; ++round) {
    for (const std::string mark : {"#ScratchPad", "<SCRATCHPAD>", "<Think>"}) {
      const std::string before = arrangement(random);
      const std::string open = read(before, Expect::kSpeech).said;
      // Whatever stood before, with no closing mark afterwards nothing more is said.
      const std::string after = read(before + mark + " private words", Expect::kSpeech).said;
      EXPECT_THAT(after, testing::Not(testing::HasSubstr("private"))) << before;
      EXPECT_LE(after.size(), open.size()) << before;
    }
  }
}

}  // namespace
}  // namespace dramatis::dialogue
