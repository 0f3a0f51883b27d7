// The checks of a cast and who answers them -> what was answered, and how much of it was right.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "lm/language_model.h"
#include "persona/cast.h"
#include "prompt/compose.h"
#include "prompt/examples.h"
#include "study/asking.h"

namespace dramatis::study {

// One check and what came of it.
struct CheckRow {
  std::string character{};  // id
  std::string id{};         // the check's
  persona::CheckKind kind = persona::CheckKind::kFact;
  std::string ask{};
  std::string reply{};  // what was said aloud; may be empty
  bool passed = false;
  bool ended = false;  // the model ended its turn by itself
  lm::Origin origin = lm::Origin::kOwn;
  std::chrono::nanoseconds first_word{0};  // from the question to the first word
  std::chrono::nanoseconds total{0};       // to the last
  std::size_t tokens = 0;                  // generated

  friend bool operator==(const CheckRow&, const CheckRow&) = default;
};

struct Share {
  std::size_t count = 0;
  std::size_t of = 0;

  [[nodiscard]] double percent() const {
    return of == 0 ? 0 : 100.0 * static_cast<double>(count) / static_cast<double>(of);
  }
  friend bool operator==(const Share&, const Share&) = default;
};

// Rows in short.
struct CheckSummary {
  std::string character{};  // empty: of all
  Share passed{};
  Share breaks{};  // passed, of the checks of kind `break`
  Share others{};  // passed, of all the rest
  Share ended{};
  std::size_t own = 0, adapted = 0, authored = 0;  // replies by the origin of their words
  std::chrono::nanoseconds median_first_word{0};
  std::size_t tokens = 0;
  double tokens_per_second = 0;  // over the whole time of the replies, prompts included

  friend bool operator==(const CheckSummary&, const CheckSummary&) = default;
};

[[nodiscard]] CheckSummary summarise(std::string character, std::span<const CheckRow> rows);

// In the order of the cast.
struct CheckReport {
  std::vector<CheckRow> rows{};
  std::vector<CheckSummary> characters{};
  CheckSummary total{};
};

// Called after each check with how many are done, of how many, and the newest.
using CheckProgress = std::function<void(std::size_t done, std::size_t of, const CheckRow& newest)>;

// Puts each check to its character as the first message of a new conversation, and judges the
// answer. Errors: kNotFound for a character that is not of the cast, kCancelled, and what the model
// answers, with the check that it failed at.
[[nodiscard]] Result<CheckReport> run_checks(const persona::Cast& cast, const Answerer& answerer,
                                             const CheckOptions& options,
                                             const CheckProgress& progress = {},
                                             const std::stop_token& stop = {});

// The same checks, each answered by the authored line nearest to it and no model at all: what a
// model must do better than. An empty answer where no line is near.
[[nodiscard]] Result<CheckReport> nearest_line(const persona::Cast& cast,
                                               const prompt::Examples& examples,
                                               const std::vector<std::string>& characters = {});

}  // namespace dramatis::study
