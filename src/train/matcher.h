// Wordings of questions, topic by topic -> the matcher that search/ reads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"

namespace dramatis::train {

// What players say when they mean one topic of one character.
struct TopicLines {
  std::string character, topic;
  std::vector<std::string> lines;
};

struct MatcherPlan {
  std::size_t buckets = 32768;  // hashed features
  std::size_t width = 128;      // of the vectors
  std::size_t steps = 4000;     // each of one character, two lines of each of its topics
  double rate = 0.004;          // Adam's, falling to nothing
  double dropped = 0.15;  // share of features hidden from each line, so that none is relied upon
  std::uint64_t seed = 1;
};

// What was measured on lines held out of the first of the two trainings.
struct MatcherReport {
  std::size_t lines = 0;  // held out
  double by_words = 0;    // share whose topic BM25 alone finds
  double by_matcher = 0;  // the matcher alone
  double together = 0;    // both
};

// Trains once without a tenth of the lines, to choose the weight of words and the calibration, and
// once with all; writes `out`. The same groups, plan and libtorch give the same file.
[[nodiscard]] Result<MatcherReport> train_matcher(
    const std::vector<TopicLines>& groups, const MatcherPlan& plan,
    const std::filesystem::path& out,
    const std::function<void(std::size_t step, double loss)>& report, std::stop_token stop);

}  // namespace dramatis::train
