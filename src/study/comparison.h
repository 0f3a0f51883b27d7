// Candidates that answered the same questions -> who is better in what, by how much, how surely.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "study/scorecard.h"
#include "study/statistics.h"
#include "text/json.h"

namespace dramatis::study {

// A model, an adapter, a prompt or a build, and its points for each question.
struct Candidate {
  std::string name{};
  std::map<std::string, std::map<Dimension, double>> points{};  // by "character/question"
  double seconds_per_answer = 0;                                // 0: not known
  double tokens_per_answer = 0;
};

[[nodiscard]] Candidate candidate_of(const Scorecard& card, std::string name);
// Of several runs, the mean points of each question. Checked: one at least.
[[nodiscard]] Candidate candidate_of(std::span<const Scorecard> runs, std::string name);
// What json_of(Scorecard) printed. Errors: kCorrupt naming `place` and the field.
[[nodiscard]] Result<Candidate> read_candidate(const text::Json& json, std::string_view place);

// Two candidates on the questions that both answered.
struct Pair {
  std::size_t a = 0, b = 0;                    // places among the candidates
  std::size_t common = 0;                      // questions
  std::map<Dimension, Interval> difference{};  // of b to a: above 0, b is better
  Interval all{};                              // of their mean points
};

struct Compared {
  std::vector<Candidate> candidates{};
  std::vector<Pair> pairs{};       // each with each later one
  std::vector<Interval> league{};  // strengths, their sum 1; empty for fewer than three
};

// Paired: each question is asked of both. A question's mean points decide a game of the league.
// Errors: kInvalidArgument for fewer than two, two of one name, or two that share no question.
[[nodiscard]] Result<Compared> compare_candidates(std::vector<Candidate> candidates,
                                                  std::uint64_t seed);

[[nodiscard]] text::JsonObject json_of(const Compared& compared);

}  // namespace dramatis::study
