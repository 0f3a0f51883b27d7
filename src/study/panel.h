// Interviews and judges -> scores in each dimension, how far the judges agree, and with the rules.
#pragma once

#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "persona/cast.h"
#include "study/interview.h"
#include "study/judge.h"
#include "study/scorecard.h"
#include "study/statistics.h"
#include "text/journal.h"
#include "text/json.h"

namespace dramatis::study {

// What one judge said of all interviews.
struct JudgeScores {
  std::string judge{};  // the model's name
  // For each dimension, one entry for each interview in their order; nothing where the judge gave
  // no score that can be read.
  std::map<Dimension, std::vector<std::optional<int>>> scores{};
  std::size_t unreadable = 0;  // of all scores
  std::size_t of = 0;

  [[nodiscard]] std::map<Dimension, Interval> means(std::uint64_t seed) const;
};

struct Panel {
  std::vector<JudgeScores> judges{};
  std::map<Dimension, double> agreement{};   // among the judges: mean weighted kappa of all pairs
  std::map<Dimension, double> with_rules{};  // of all judges together, with the rules' points
};

struct PanelOptions {
  std::size_t at_once = 1;           // questions to one judge at the same time
  text::Journal* journal = nullptr;  // keeps each score, and knows those given before; may be null
};

using PanelProgress = std::function<void(std::size_t done, std::size_t of)>;

// Each judge on each interview in each dimension. `card` is of the same interviews. Errors: those
// of the models, and of the journal.
[[nodiscard]] Result<Panel> judge_all(std::span<lm::LanguageModel* const> judges,
                                      const persona::Cast& cast, const Scorecard& card,
                                      const PanelOptions& options,
                                      const PanelProgress& progress = {},
                                      const std::stop_token& stop = {});

[[nodiscard]] text::JsonObject json_of(const Panel& panel, std::uint64_t seed);

}  // namespace dramatis::study
