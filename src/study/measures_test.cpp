#include "study/measures.h"

#include <gtest/gtest.h>

namespace dramatis::study {
namespace {

using std::chrono::milliseconds;

TEST(Measures, ATranscriptsFiguresAreWhatOneCountsByHand) {
  const Transcript transcript{
      .answers = {{.heard = "a", .reply = "One two.", .at = Instant(milliseconds(1000))},
                  {.heard = "b", .reply = "As an AI, \u00E9", .at = Instant(milliseconds(3500))}}};
  const Measures made = measure(transcript, {});
  EXPECT_EQ(made.turns, 2U);
  EXPECT_DOUBLE_EQ(made.mean_characters, (8 + 11) / 2.0);
  EXPECT_DOUBLE_EQ(made.mean_words, (2 + 4) / 2.0);
  EXPECT_DOUBLE_EQ(made.mean_reply_seconds, 2.5);
  EXPECT_DOUBLE_EQ(made.distinct_1, 1);
  EXPECT_EQ(made.clean, (Share{.count = 1, .of = 2}));
  EXPECT_EQ(made.signs.at("assistant"), 1U);
  EXPECT_EQ(made.signs.at("cut"), 1U);
  EXPECT_EQ(measure({}, {}).turns, 0U);
}

TEST(Measures, ATalksFiguresAreTheReferences) {
  arena::Talk talk{.participants = {{.name = "Ida"}, {.name = "Tom"}}};
  EXPECT_EQ(figures_of(talk), TalkFigures{});
  for (int n = 0; n < 3; ++n)
    talk.lines.push_back({.speaker = static_cast<std::size_t>(n % 2),
                          .text = std::string(static_cast<std::size_t>(10 * (n + 1)), 'a'),
                          .at = Instant(milliseconds(n * n * 1000))});
  // 10, 20 and 30 characters; said at 0, 1 and 4 seconds.
  EXPECT_EQ(figures_of(talk),
            (TalkFigures{.turns = 3, .mean_characters = 20, .mean_reply_seconds = 2}));
}

}  // namespace
}  // namespace dramatis::study
