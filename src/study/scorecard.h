// Interviews -> points from 1 to 7 in five dimensions, by rules alone, and what they rest on.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "persona/cast.h"
#include "prompt/examples.h"
#include "signs/sign.h"
#include "study/interview.h"
#include "study/judge.h"
#include "study/statistics.h"

namespace dramatis::study {

// The points of one interview in each dimension that it says something about.
struct Graded {
  std::string character{};  // id
  std::string question{};   // id
  Theme theme = Theme::kPast;
  std::vector<Answered> said{};
  std::map<Dimension, double> points{};        // 1 to 7
  signs::Findings findings{};                  // of all its replies
  lm::Origin origin = lm::Origin::kOwn;        // of the first answer's words
  std::chrono::nanoseconds total{0};           // of all replies
  std::optional<dialogue::Account> account{};  // how the first answer came about

  [[nodiscard]] double mean_points() const;
};

struct Panel;
struct Compared;

struct Scores {
  std::string character{};                     // empty: of all
  std::map<Dimension, Interval> dimensions{};  // absent: nothing was asked that tells
};

struct Scorecard {
  std::string answered_by{}, asked_by{};
  std::vector<Graded> graded{};      // as in the report
  std::vector<Scores> characters{};  // in the order of the cast
  Scores all{};
  std::chrono::nanoseconds total{0};  // of all replies, one after the other
  std::size_t tokens = 0;             // likewise
  std::size_t answers = 0;
};

// memory         questions of past, relations and knowledge: half for the right words, half for
//                what the first answer shares with the author's lines;
// values         the same of values and opinions;
// personality    7 where no reply sounds like an assistant, refuses, moralises, steps out of the
//                play or speaks for the other, else 1;
// hallucination  7 where no reply is anachronistic, uses names of other worlds or gives a secret
//                away, and a trap is not fallen into, else 1;
// stability      7 where no reply repeats, wears a saying out or breaks off, and a question asked
//                again gets a right answer again, else 1.
// Errors: kNotFound for a character that is not of the cast; those of the search.
[[nodiscard]] Result<Scorecard> grade(const persona::Cast& cast, const prompt::Examples& examples,
                                      const InterviewReport& report, std::uint64_t seed);

// Several runs as one: all their interviews, in the order of the characters. Checked: one at least.
[[nodiscard]] Scorecard together(std::vector<Scorecard> runs, std::uint64_t seed);

// "memory=5.5": a mean that a dimension must reach.
struct Threshold {
  Dimension dimension = Dimension::kMemory;
  double least = 1;
};
// Errors: kInvalidArgument naming what is wrong.
[[nodiscard]] Result<Threshold> parse_threshold(std::string_view text);

// The thresholds that the card does not reach. A dimension without points reaches none.
[[nodiscard]] std::vector<Threshold> missed(const Scorecard& card,
                                            const std::vector<Threshold>& thresholds);

[[nodiscard]] text::JsonObject json_of(const Scorecard& card);

[[nodiscard]] text::JsonObject json_of(const Interval& interval);

// As a suite of tests, one for each threshold, for machines that build.
[[nodiscard]] std::string junit_of(const Scorecard& card, const std::vector<Threshold>& thresholds);

// What a page shows beside the card; null: that part is left out. Outlives the call.
struct Beside {
  const Panel* panel = nullptr;        // judges
  const Compared* since = nullptr;     // the run before (first) and this one
  const Compared* compared = nullptr;  // candidates of one study
};

// A page that stands alone: no script, no request, charts drawn in it, readable in grey.
[[nodiscard]] std::string html_of(const Scorecard& card, std::string_view title,
                                  const Beside& beside = {});

// "<", "&" and their like as entities, for JUnit and HTML; control characters are dropped.
[[nodiscard]] std::string escaped(std::string_view text);

}  // namespace dramatis::study
