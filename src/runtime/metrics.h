// What happened, counted and measured -> Prometheus text, for whoever watches the service.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/mutex.h"

namespace dramatis::runtime {

// Goes up alone. Thread-safe, without a lock.
class Counter {
 public:
  void add(std::uint64_t more = 1) { value_.fetch_add(more, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Goes up and down. Thread-safe, without a lock.
class Gauge {
 public:
  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  void add(double more) { value_.fetch_add(more, std::memory_order_relaxed); }
  [[nodiscard]] double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

// Holds a gauge one higher for as long as it lives: requests under way, for one.
class Raised {
 public:
  // `gauge` outlives it.
  explicit Raised(Gauge& gauge) : gauge_(gauge) { gauge_.add(1); }
  Raised(const Raised&) = delete;
  Raised& operator=(const Raised&) = delete;
  ~Raised() { gauge_.add(-1); }

 private:
  Gauge& gauge_;
};

// How often values fell below each bound. Thread-safe, without a lock; a printed one may lack a
// value that is being observed meanwhile, and its count always agrees with its buckets.
class Histogram {
 public:
  // Checked: `bounds` rise, all finite, 1 to kMaxBuckets of them.
  explicit Histogram(std::span<const double> bounds);

  // A value that is no number is left out.
  void observe(double value);

  [[nodiscard]] const std::vector<double>& bounds() const& { return bounds_; }
  const std::vector<double>& bounds() && = delete;
  // How many values fell at or below bounds()[n] and above the one before it; the last entry:
  // those above all of them.
  [[nodiscard]] std::vector<std::uint64_t> counts() const;
  [[nodiscard]] double sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  const std::vector<double> bounds_;
  std::deque<std::atomic<std::uint64_t>> counts_;
  std::atomic<double> sum_{0};
};

// Seconds from a hundredth to ten minutes, for what a player waits for.
[[nodiscard]] std::span<const double> waiting_bounds();
// Seconds from a tenth of a millisecond to ten seconds, for what we do ourselves.
[[nodiscard]] std::span<const double> working_bounds();

// A name such as "dramatis_turns_total" and a sentence that says what is counted.
struct MetricName {
  std::string_view name;
  std::string_view help;
};

// What tells one series of a name from the others. The value is a model's name, a route, a code:
// never anything of a player. Both are read during the call alone.
struct Label {
  std::string_view name;
  std::string_view value;
};
using Labels = std::initializer_list<Label>;

// Thread-safe. What it gives out lives as long as it does; who counts often keeps the reference.
class Metrics {
 public:
  Metrics() = default;
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The one with this name and these labels in any order, made at the first call. A name has at
  // most kMaxSeries sets of labels: any further one is counted together with its like, under the
  // value "other" for every label. Checked, since names are written in code: names are
  // Prometheus's, a name keeps its kind and, for histograms, its bounds; labels differ in name, and
  // none is "le".
  Counter& counter(const MetricName& metric, Labels labels = {});
  Gauge& gauge(const MetricName& metric, Labels labels = {});
  Histogram& histogram(const MetricName& metric, std::span<const double> bounds,
                       Labels labels = {});

  // Names in the order of the alphabet, each with HELP and TYPE.
  // Source: Prometheus text exposition format 0.0.4.
  [[nodiscard]] std::string print() const;

 private:
  enum class Kind { kCounter, kGauge, kHistogram };
  using OwnLabels = std::map<std::string, std::string>;
  // One of the three, by the family's kind.
  struct Series {
    std::unique_ptr<Counter> counter{};
    std::unique_ptr<Gauge> gauge{};
    std::unique_ptr<Histogram> histogram{};
  };
  // All that has one name.
  struct Family {
    Kind kind = Kind::kCounter;
    std::string help{};
    std::vector<double> bounds{};  // of a histogram
    std::map<OwnLabels, Series> series{};
  };

  Series& find_or_make(const MetricName& metric, Kind kind, std::span<const double> bounds,
                       Labels labels) DRAMATIS_EXCLUDES(mutex_);
  static void print_series(std::string_view name, const OwnLabels& labels, const Series& series,
                           std::string& out);

  mutable Mutex mutex_;
  // Nodes of maps stay where they are, so references into them last.
  std::map<std::string, Family, std::less<>> families_ DRAMATIS_GUARDED_BY(mutex_);
};

// The value of Content-Type for print().
inline constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace dramatis::runtime
