// A graded study -> tables, files, a report on the shelf, and the exit code.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "commands.h"
#include "study/comparison.h"
#include "study/panel.h"
#include "study/scorecard.h"

namespace dramatis::app {

// What came of a study. What it points to outlives the call.
struct Outcome {
  std::string title{};
  const study::Scorecard& card;
  const study::Panel* panel = nullptr;        // null: no judges were asked
  const study::Compared* since = nullptr;     // null: there is no run before
  const study::Compared* compared = nullptr;  // null: one candidate
  std::vector<study::Threshold> thresholds{};
  std::chrono::seconds took{0};
};

struct Delivery {
  std::filesystem::path out{}, html{}, junit{};  // empty: not written
  Output output = Output::kText;
  Instant made{};
};

// Errors: kInvalidArgument naming the threshold that is none.
[[nodiscard]] Result<std::vector<study::Threshold>> thresholds_of(
    const std::vector<std::string>& typed);

// Prints, writes and keeps it. 0, or kUnderThreshold where a threshold is missed.
[[nodiscard]] Result<int> deliver(const Outcome& outcome, const Delivery& where);

// The exit code of a study that ran well and whose subject is not good enough.
constexpr int kUnderThreshold = 1;

}  // namespace dramatis::app
