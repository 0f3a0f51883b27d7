#include "runtime/log.h"

#include <array>
#include <atomic>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "runtime/limits.h"
#include "runtime/testing/gathering_log_sink.h"

namespace dramatis::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

// Stands still until it is moved.
class StageClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return Instant(std::chrono::milliseconds(passed_)); }
  [[nodiscard]] SteadyTime steady() const override {
    return SteadyTime(std::chrono::milliseconds(passed_));
  }
  void pass(std::chrono::milliseconds time) { passed_ += time.count(); }

 private:
  std::atomic<std::int64_t> passed_ = 1'763'748'017'123;
};

class LogTest : public ::testing::Test {
 protected:
  StageClock clock_;
  testing::GatheringLogSink sink_;
  Log log_{sink_, clock_};
};

TEST_F(LogTest, WritesALineOfJson) {
  log_.write(Level::kInfo, "request",
             {{"route", LogName{"/v1/turns"}},
              {"status", whole(200U)},
              {"seconds", 0.25},
              {"first", true},
              {"way", Literal("stream")},
              {"error", ErrorCode::kDeadline},
              {"took_ms", std::chrono::milliseconds(7)}});
  EXPECT_THAT(
      sink_.lines(),
      ElementsAre(R"({"time":"2025-11-21T18:00:17.123Z","level":"info","event":"request",)"
                  R"("route":"/v1/turns","status":200,"seconds":0.25,"first":true,"way":"stream",)"
                  R"("error":"deadline","took_ms":7})"
                  "\n"));
}

TEST_F(LogTest, KeepsANameWithinItsField) {
  log_.write(Level::kInfo, "x", {{"model", LogName{"a\"\\\n\x1B]52;\x7F\xFF\xC3\xA9\xC2\x9B"}}});
  EXPECT_THAT(sink_.lines().at(0),
              HasSubstr("\"model\":\"a\\\"\\\\\\u000a\\u001b]52;\\u007f?\xC3\xA9??\"}"));
  const std::string long_name(9'999, 'x');
  log_.write(Level::kInfo, "x", {{"model", LogName{long_name}}});
  EXPECT_THAT(sink_.lines().at(1), EndsWith("\"" + std::string(kMaxLogNameBytes, 'x') + "\"}\n"));
}

TEST_F(LogTest, KeepsALineWithinOneWrite) {
  const std::string name(kMaxLogNameBytes, '\x01');
  const LogField wide{"name", LogName{name}};
  log_.write(Level::kInfo, "x", {wide, wide, wide, wide, wide, wide, wide, wide});
  const std::string line = sink_.lines().at(0);
  EXPECT_LE(line.size(), kMaxLogLineBytes);
  EXPECT_THAT(line, EndsWith(",\"cut\":true}\n"));
}

TEST_F(LogTest, LeavesOutWhatIsBelowItsLevel) {
  Log quiet(sink_, clock_, Level::kError);
  quiet.write(Level::kWarn, "x");
  log_.write(Level::kDebug, "x");
  EXPECT_TRUE(sink_.lines().empty());
  EXPECT_EQ(parse_level("warn").value(), Level::kWarn);
  EXPECT_THAT(parse_level("loud").error().what, HasSubstr("debug, info, warn or error"));
}

TEST_F(LogTest, SaysARepeatingErrorAFewTimesAndCountsTheRest) {
  for (int n = 0; n < kMaxRepeats + 7; ++n) log_.write(Level::kError, "model failed");
  log_.write(Level::kError, "disk failed");
  for (int n = 0; n < kMaxRepeats + 7; ++n) log_.write(Level::kInfo, "request");
  EXPECT_EQ(sink_.lines().size(), static_cast<std::size_t>(2 * kMaxRepeats + 7 + 1));
  clock_.pass(kRepeatWindow);
  log_.write(Level::kError, "model failed");
  EXPECT_THAT(sink_.lines().back(), HasSubstr(R"("event":"model failed","suppressed":7})"));
  clock_.pass(kRepeatWindow);
  log_.write(Level::kError, "model failed");
  EXPECT_THAT(sink_.lines().back(), HasSubstr(R"("event":"model failed"})"));
}

TEST_F(LogTest, SharesARepeatingErrorAmongThreads) {
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([this] {
        for (int n = 0; n < 100; ++n) log_.write(Level::kWarn, "model failed");
      });
    }
  }
  EXPECT_EQ(sink_.lines().size(), static_cast<std::size_t>(kMaxRepeats));
  clock_.pass(kRepeatWindow);
  log_.write(Level::kWarn, "model failed");
  EXPECT_THAT(sink_.lines().back(),
              HasSubstr(fmt::format("\"suppressed\":{}}}", 400 - kMaxRepeats)));
}

TEST(DescriptorSink, WritesToADescriptorAndSurvivesABrokenOne) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  DescriptorSink(ends[1]).write("line\n");
  std::array<char, 16> read{};
  EXPECT_EQ(::read(ends[0], read.data(), read.size()), 5);
  ::close(ends[0]);
  ::close(ends[1]);
  DescriptorSink(-1).write("lost\n");
}

}  // namespace
}  // namespace dramatis::runtime
