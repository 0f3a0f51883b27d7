#include "remote/reply.h"

#include <gtest/gtest.h>

#include "lm/testing/scripted_model.h"
#include "remote/limits.h"

namespace dramatis::remote {
namespace {

TEST(StopFilter, NeverShowsAPartOfAStopString) {
  const std::string_view whole = "one\nPlayer two\nPlayer: three";
  for (std::size_t size = 1; size <= whole.size(); ++size) {
    StopFilter filter({"\nPlayer:", "###"});
    std::string shown;
    for (std::size_t at = 0; at < whole.size(); at += size)
      shown += filter.push(whole.substr(at, size));
    EXPECT_EQ(shown, "one\nPlayer two") << size;
    EXPECT_TRUE(filter.stopped());
  }
}

TEST(StopFilter, GivesWhatItHeldBackWhenNoMoreComes) {
  StopFilter filter({"END"});
  EXPECT_EQ(filter.push("the EN"), "the ");
  EXPECT_EQ(filter.finish(), "EN");
  EXPECT_FALSE(filter.stopped());
}

TEST(Reply, IsCutWhereNoSuchNumberOfTokensCanReach) {
  lm::testing::GatheringSink sink;
  const SystemClock clock;
  lm::Sampling how;
  how.max_tokens = 1;
  Reply reply(how, sink, clock);
  Heard heard = Heard::kMore;
  while (heard == Heard::kMore) heard = reply.take("\xC3\xA9\xC3\xA9\xC3\xA9 ");
  EXPECT_EQ(heard, Heard::kEnough);
  EXPECT_TRUE(reply.too_long());
  EXPECT_LE(sink.text().size(), kMinReplyBytes);
  EXPECT_EQ(sink.text(), reply.text());
}

}  // namespace
}  // namespace dramatis::remote
