#include "server/job.h"

#include <gtest/gtest.h>

#include "server/limits.h"

namespace dramatis::server {
namespace {

struct Bench {
  explicit Bench(std::string body = "") {
    Head head;
    head.request.method = "POST";
    head.request.body = std::move(body);
    job = std::make_shared<Job>(std::move(head), "", clock, [this] { ++wakes; });
  }
  SystemClock clock;
  int wakes = 0;
  std::shared_ptr<Job> job;
};

TEST(Job, CountsBytesThatHaveNotLeftYet) {
  Bench bench;
  const std::string piece(kMaxQueuedBytes / 2 + 1, 'x');
  EXPECT_EQ(bench.job->send_piece("text/plain", piece), Reader::kThere);
  const auto taken = bench.job->take();
  EXPECT_GE(taken.bytes.size(), piece.size());
  EXPECT_EQ(bench.job->queued(), taken.bytes.size()) << "they may be on their way";
  EXPECT_EQ(bench.job->send_piece("text/plain", piece), Reader::kGone);
  EXPECT_TRUE(bench.job->stop().stop_requested());
}

TEST(Job, HasRoomAgainWhenItIsAskedForMore) {
  Bench bench;
  const std::string piece(kMaxQueuedBytes / 2 + 1, 'x');
  for (int n = 0; n < 5; ++n) {
    EXPECT_EQ(bench.job->send_piece("text/plain", piece), Reader::kThere);
    EXPECT_FALSE(bench.job->take().bytes.empty());
    EXPECT_TRUE(bench.job->take().bytes.empty()) << "who asks for more has sent the rest";
  }
}

TEST(Job, AnyPieceGoesWhereNothingElseWaits) {
  Bench bench;
  EXPECT_EQ(bench.job->send_event("started", "{}"), Reader::kThere);
  EXPECT_EQ(bench.job->send_event("done", std::string(2 * kMaxQueuedBytes, 'x')), Reader::kThere);
  EXPECT_EQ(bench.job->send_event("more", "x"), Reader::kGone);
}

TEST(Job, HoldsNoMoreRoomThanItsBytesNeed) {
  Bench bench;
  while (bench.job->queued() < kMaxQueuedBytes - 2048)
    ASSERT_EQ(bench.job->send_event("text", std::string(700, 'x')), Reader::kThere);
  EXPECT_LT(bench.job->take().bytes.capacity(), kMaxQueuedBytes + 4096);
}

TEST(Job, AWholeAnswerIsTheEndAndWakesOnce) {
  Bench bench("what was asked");
  bench.job->work([](const Request& request, Answer& answer) {
    EXPECT_EQ(request.body, "what was asked");
    answer.respond({.status = 200, .content_type = "text/plain", .body = "said"});
  });
  EXPECT_EQ(bench.wakes, 1);
  const auto ready = bench.job->take();
  EXPECT_TRUE(ready.ended);
  EXPECT_TRUE(ready.bytes.ends_with("said"));
  EXPECT_TRUE(bench.job->head().request.body.empty()) << "it is not kept for a slow reader";
}

}  // namespace
}  // namespace dramatis::server
