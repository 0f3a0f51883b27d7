#include "runtime/metrics.h"

#include <cmath>
#include <limits>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/limits.h"

namespace dramatis::runtime {
namespace {

using ::testing::HasSubstr;

constexpr MetricName kTurns{"dramatis_turns_total", "Turns that were taken."};
constexpr MetricName kWait{"dramatis_first_word_seconds", "Until the first word."};

TEST(Metrics, PrintsWhatPrometheusReads) {
  Metrics metrics;
  metrics.counter(kTurns, {{"model", "hearth"}, {"end", "stop"}}).add(3);
  metrics.counter(kTurns, {{"end", "cut"}, {"model", "hearth"}}).add();
  metrics.gauge({"dramatis_queue", "Who waits.\nNow \\ here."}).set(2.5);
  const std::array bounds{0.1, 1.0};
  auto& wait = metrics.histogram(kWait, bounds);
  for (const double seconds : {0.05, 0.1, 0.5, 7.0}) wait.observe(seconds);
  EXPECT_EQ(metrics.print(), R"(# HELP dramatis_first_word_seconds Until the first word.
# TYPE dramatis_first_word_seconds histogram
dramatis_first_word_seconds_bucket{le="0.1"} 2
dramatis_first_word_seconds_bucket{le="1"} 3
dramatis_first_word_seconds_bucket{le="+Inf"} 4
dramatis_first_word_seconds_sum 7.65
dramatis_first_word_seconds_count 4
# HELP dramatis_queue Who waits.\nNow \\ here.
# TYPE dramatis_queue gauge
dramatis_queue 2.5
# HELP dramatis_turns_total Turns that were taken.
# TYPE dramatis_turns_total counter
dramatis_turns_total{end="cut",model="hearth"} 1
dramatis_turns_total{end="stop",model="hearth"} 3
)");
}

TEST(Metrics, GivesTheSameOneForTheSameLabelsInAnyOrder) {
  Metrics metrics;
  EXPECT_EQ(&metrics.counter(kTurns, {{"a", "1"}, {"b", "2"}}),
            &metrics.counter(kTurns, {{"b", "2"}, {"a", "1"}}));
  EXPECT_NE(&metrics.counter(kTurns, {{"a", "1"}}), &metrics.counter(kTurns, {{"a", "2"}}));
}

TEST(Metrics, ALabelCanForgeNoLine) {
  Metrics metrics;
  metrics.counter(kTurns, {{"model", "a\"} 9\nforged 1 \\ \xFF\xC3\xA9\xED\xA0\x80"}}).add();
  EXPECT_THAT(metrics.print(), HasSubstr("{model=\"a\\\"} 9\\nforged 1 \\\\ ?\xC3\xA9???\"} 1\n"));
  metrics.counter(kTurns, {{"model", std::string(kMaxLabelBytes - 1, 'x') + "\xC3\xA9"}}).add();
  EXPECT_THAT(metrics.print(),
              HasSubstr("{model=\"" + std::string(kMaxLabelBytes - 1, 'x') + "\"} 1\n"));
}

TEST(Metrics, CountsTooManyLabelsTogether) {
  Metrics metrics;
  for (std::size_t n = 0; n < kMaxSeries + 10; ++n)
    metrics.counter(kTurns, {{"model", std::to_string(n)}}).add();
  metrics.counter(kTurns, {{"model", "0"}}).add();
  EXPECT_EQ(metrics.counter(kTurns, {{"model", "other"}}).value(), 10U);
  EXPECT_EQ(metrics.counter(kTurns, {{"model", "0"}}).value(), 2U);
}

TEST(Metrics, PrintsNumbersThatAreNone) {
  Metrics metrics;
  metrics.gauge({"a", "A."}).set(std::nan(""));
  metrics.gauge({"b", "B."}).set(-std::numeric_limits<double>::infinity());
  EXPECT_THAT(metrics.print(), HasSubstr("\na NaN\n"));
  EXPECT_THAT(metrics.print(), HasSubstr("\nb -Inf\n"));
  Histogram histogram(working_bounds());
  histogram.observe(std::nan(""));
  histogram.observe(std::numeric_limits<double>::infinity());
  EXPECT_EQ(histogram.counts().back(), 1U);
}

TEST(Metrics, RaisesAGaugeForAsLongAsSomethingLasts) {
  Gauge gauge;
  {
    const Raised one(gauge);
    const Raised two(gauge);
    EXPECT_EQ(gauge.value(), 2);
  }
  EXPECT_EQ(gauge.value(), 0);
}

TEST(MetricsDeathTest, ANameKeepsItsKind) {
  Metrics metrics;
  metrics.counter(kTurns);
  EXPECT_DEATH(metrics.gauge(kTurns), "kind");
  EXPECT_DEATH(metrics.counter({"9turns", "?"}), "is_name");
  EXPECT_DEATH(metrics.counter(kTurns, {{"le", "1"}}), "le");
}

TEST(Metrics, LosesNothingAmongThreadsWhileItIsPrinted) {
  Metrics metrics;
  constexpr int kThreads = 4;
  constexpr int kRounds = 2'000;
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&metrics, thread] {
        for (int n = 0; n < kRounds; ++n) {
          metrics.counter(kTurns, {{"model", std::to_string(n % 7)}}).add();
          metrics.histogram(kWait, waiting_bounds()).observe(0.5);
          metrics.gauge({"dramatis_queue", "Who waits."}).add(thread % 2 == 0 ? 1 : -1);
        }
      });
    }
    for (int n = 0; n < 20; ++n) EXPECT_LE(metrics.print().size(), 10'000U);
  }
  std::uint64_t turns = 0;
  for (int n = 0; n < 7; ++n)
    turns += metrics.counter(kTurns, {{"model", std::to_string(n)}}).value();
  EXPECT_EQ(turns, std::uint64_t{kThreads} * kRounds);
  EXPECT_EQ(metrics.histogram(kWait, waiting_bounds()).sum(), 0.5 * kThreads * kRounds);
  EXPECT_EQ(metrics.gauge({"dramatis_queue", "Who waits."}).value(), 0);
}

}  // namespace
}  // namespace dramatis::runtime
