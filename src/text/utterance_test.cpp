#include "text/utterance.h"

#include <gtest/gtest.h>

#include "text/limits.h"

namespace dramatis::text {
namespace {

TEST(Utterance, IsTrimmedAndKeepsItsLines) {
  EXPECT_EQ(hear("  Good day,\nsir.\t \r\n").value().words, "Good day,\nsir.");
  EXPECT_TRUE(hear(" \n\t ").value().blank());
}

TEST(Utterance, LosesControlCharacters) {
  EXPECT_EQ(hear("a\x1b]52;c;x\x07"
                 "b\xC2\x9B"
                 "c")
                .value()
                .words,
            "a]52;c;xbc");
}

TEST(Utterance, NamesTheByteThatIsNotUtf8) {
  const auto heard = hear("ab\xFF");
  EXPECT_EQ(heard.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(heard.error().what.find("byte 2"), std::string::npos);
}

TEST(Utterance, HasALimit) {
  EXPECT_TRUE(hear(std::string(kMaxUtteranceBytes, 'x')));
  EXPECT_EQ(hear(std::string(kMaxUtteranceBytes + 1, 'x')).error().code, ErrorCode::kOverBudget);
}

TEST(Printable, CannotSteerATerminal) {
  EXPECT_EQ(printable("\x1b[2Jhi\xFF"), "[2Jhi\xEF\xBF\xBD");
}

}  // namespace
}  // namespace dramatis::text
