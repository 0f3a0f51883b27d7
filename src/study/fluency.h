// Replies and authored lines -> how many replies are as good English as the author's.
#pragma once

#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "lm/language_model.h"
#include "persona/cast.h"
#include "study/checks.h"

namespace dramatis::study {

// The share of authored lines that a fluent reply may be no worse than: the oddest of them are odd
// on purpose.
constexpr double kWorstAuthored = 0.05;

struct Fluency {
  // Natural log-likelihood per token below which only kWorstAuthored of the authored lines lie.
  double worst_authored = 0;
  std::size_t authored = 0;  // lines that were measured
  Share replies{};           // at or above it; an empty reply is not
};

// Lines of the cast's dialogues, at most `most`, evenly from all of them and in their order.
[[nodiscard]] std::vector<std::string> authored_lines(const persona::Cast& cast, std::size_t most);

// Judged by `english`, a model that knows the language and no character. Errors: kInvalidArgument
// without authored lines, kUnsupported for a model that gives no likelihoods, kCancelled.
[[nodiscard]] Result<Fluency> fluency(lm::LanguageModel& english,
                                      std::span<const std::string> replies,
                                      std::span<const std::string> authored,
                                      const std::stop_token& stop = {});

}  // namespace dramatis::study
