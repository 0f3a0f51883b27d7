// Families of series under one lock; the numbers themselves are atomic.
#include "runtime/metrics.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/check.h"
#include "runtime/internal/clean_text.h"
#include "runtime/limits.h"

namespace dramatis::runtime {
namespace {

// First words come within a second from a small model and within half a minute from a busy one.
constexpr std::array kWaiting{0.01, 0.025, 0.05, 0.1,  0.25, 0.5,   1.0,   2.5,
                              5.0,  10.0,  20.0, 30.0, 60.0, 120.0, 300.0, 600.0};
constexpr std::array kWorking{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                              0.05,   0.1,     0.25,   0.5,   1.0,    2.5,   5.0,  10.0};

bool is_name(std::string_view name, std::string_view also) {
  const auto may_stand = [also](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           also.find(c) != std::string_view::npos;
  };
  return !name.empty() && !(name.front() >= '0' && name.front() <= '9') &&
         std::all_of(name.begin(), name.end(), may_stand);
}

// Backslash and newline, and in a label's value the quote.
std::string escape(std::string_view text, bool in_quotes) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || (in_quotes && c == '"')) out += '\\';
    out += c == '\n' ? std::string_view("\\n") : std::string_view(&c, 1);
  }
  return out;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

template <class OwnLabels>
std::string in_braces(const OwnLabels& labels, std::string_view bound = {}) {
  std::string out;
  for (const auto& [name, value] : labels)
    out += fmt::format("{}{}=\"{}\"", out.empty() ? "" : ",", name, escape(value, true));
  if (!bound.empty()) out += fmt::format("{}le=\"{}\"", out.empty() ? "" : ",", bound);
  return out.empty() ? out : "{" + out + "}";
}

}  // namespace

std::span<const double> waiting_bounds() {
  return kWaiting;
}

std::span<const double> working_bounds() {
  return kWorking;
}

Histogram::Histogram(std::span<const double> bounds)
    : bounds_(bounds.begin(), bounds.end()), counts_(bounds.size() + 1) {
  DRAMATIS_CHECK(!bounds_.empty() && bounds_.size() <= kMaxBuckets);
  DRAMATIS_CHECK(
      std::all_of(bounds_.begin(), bounds_.end(), [](double b) { return std::isfinite(b); }));
  DRAMATIS_CHECK(std::adjacent_find(bounds_.begin(), bounds_.end(), std::greater_equal<>()) ==
                 bounds_.end());
}

void Histogram::observe(double value) {
  if (std::isnan(value)) return;
  const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  counts_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

std::vector<std::uint64_t> Histogram::counts() const {
  std::vector<std::uint64_t> now;
  for (const auto& count : counts_) now.push_back(count.load(std::memory_order_relaxed));
  return now;
}

Metrics::Series& Metrics::find_or_make(const MetricName& metric, Kind kind,
                                       std::span<const double> bounds, Labels labels) {
  OwnLabels own;
  for (const auto& [name, value] : labels) {
    DRAMATIS_CHECK(is_name(name, "") && name != "le");
    DRAMATIS_CHECK(own.emplace(name, clean_text(value, kMaxLabelBytes)).second);
  }
  const Lock lock(mutex_);
  auto found = families_.find(metric.name);
  if (found == families_.end()) {
    DRAMATIS_CHECK(is_name(metric.name, ":"));
    found = families_
                .emplace(std::string(metric.name), Family{.kind = kind,
                                                          .help = std::string(metric.help),
                                                          .bounds = {bounds.begin(), bounds.end()}})
                .first;
  }
  Family& family = found->second;
  DRAMATIS_CHECK(family.kind == kind);
  DRAMATIS_CHECK(
      std::equal(bounds.begin(), bounds.end(), family.bounds.begin(), family.bounds.end()));
  if (family.series.size() >= kMaxSeries && !family.series.contains(own)) {
    for (auto& [name, value] : own) value = "other";
  }
  Series& series = family.series[own];
  if (kind == Kind::kCounter && !series.counter) series.counter = std::make_unique<Counter>();
  if (kind == Kind::kGauge && !series.gauge) series.gauge = std::make_unique<Gauge>();
  if (kind == Kind::kHistogram && !series.histogram)
    series.histogram = std::make_unique<Histogram>(bounds);
  return series;
}

Counter& Metrics::counter(const MetricName& metric, Labels labels) {
  return *find_or_make(metric, Kind::kCounter, {}, labels).counter;
}

Gauge& Metrics::gauge(const MetricName& metric, Labels labels) {
  return *find_or_make(metric, Kind::kGauge, {}, labels).gauge;
}

Histogram& Metrics::histogram(const MetricName& metric, std::span<const double> bounds,
                              Labels labels) {
  return *find_or_make(metric, Kind::kHistogram, bounds, labels).histogram;
}

void Metrics::print_series(std::string_view name, const OwnLabels& labels, const Series& series,
                           std::string& out) {
  const auto line = [&](std::string_view end, const std::string& braces, const std::string& value) {
    out += fmt::format("{}{}{} {}\n", name, end, braces, value);
  };
  if (series.counter) line("", in_braces(labels), fmt::format("{}", series.counter->value()));
  if (series.gauge) line("", in_braces(labels), number(series.gauge->value()));
  if (!series.histogram) return;
  const auto counts = series.histogram->counts();
  const auto& bounds = series.histogram->bounds();
  std::uint64_t so_far = 0;
  for (std::size_t n = 0; n < counts.size(); ++n) {
    so_far += counts[n];
    line("_bucket", in_braces(labels, n < bounds.size() ? number(bounds[n]) : "+Inf"),
         fmt::format("{}", so_far));
  }
  line("_sum", in_braces(labels), number(series.histogram->sum()));
  line("_count", in_braces(labels), fmt::format("{}", so_far));
}

std::string Metrics::print() const {
  static constexpr std::array kKinds{"counter", "gauge", "histogram"};
  std::string out;
  const Lock lock(mutex_);
  for (const auto& [name, family] : families_) {
    out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, escape(family.help, false), name,
                       kKinds.at(static_cast<std::size_t>(family.kind)));
    for (const auto& [labels, series] : family.series) print_series(name, labels, series, out);
  }
  return out;
}

}  // namespace dramatis::runtime
