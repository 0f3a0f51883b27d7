// Models that judge: one dimension a prompt, reasons before the score, and what they say read with
// distrust.
#pragma once

#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lm/language_model.h"
#include "persona/character.h"
#include "study/statistics.h"
#include "study/transcript.h"

namespace dramatis::study {

enum class Dimension {
  kMemory,         // what it says of its past and its world is right, and not general
  kValues,         // it lives by its values
  kPersonality,    // it speaks and chooses as it would
  kHallucination,  // it claims nothing that it cannot know
  kStability,      // it stays the same to the end
};

constexpr int kMostPoints = 7;

// "memory", "values", ...
[[nodiscard]] std::string_view print(Dimension dimension);
[[nodiscard]] std::span<const Dimension> all_dimensions();

// The points in what a judge wrote, or nothing. The last line that is a score and nothing else
// counts ("6", "Score: 6", "**Score:** 6/7"); without one, the last "n/7", "score of n" or "score
// is n" in a sentence. A decimal, another scale or a number out of 1 to 7 in that place is no
// score, whatever stands before it.
[[nodiscard]] std::optional<int> parse_score(std::string_view text);

struct Verdict {
  Dimension dimension = Dimension::kMemory;
  std::optional<int> score{};  // nothing: the judge gave none that can be read
  std::string reasons{};       // all that it wrote
};

// Deterministic: temperature 0. Errors: what the model answers.
[[nodiscard]] Result<Verdict> judge(lm::LanguageModel& judge, Dimension dimension,
                                    const persona::Character& character,
                                    const Transcript& transcript, const std::stop_token& stop = {});

enum class Preferred { kFirst, kSecond, kTie };

// The last [[A]], [[B]] or [[C]] of what a judge wrote, or nothing.
[[nodiscard]] std::optional<Preferred> parse_preference(std::string_view text);

// Two transcripts shown in both orders. kFirst and kSecond mean `a` and `b` throughout.
struct Comparison {
  std::optional<Preferred> forwards{};   // a shown first
  std::optional<Preferred> backwards{};  // b shown first, and read back
  // What both orders say; a tie where they contradict each other; nothing where one is unreadable.
  [[nodiscard]] std::optional<Preferred> preferred() const;
};
[[nodiscard]] Result<Comparison> compare(lm::LanguageModel& judge, Dimension dimension,
                                         const persona::Character& character, const Transcript& a,
                                         const Transcript& b, const std::stop_token& stop = {});

// How a judge treats what it is shown first.
struct Bias {
  std::size_t comparisons = 0;
  std::size_t unreadable = 0;        // of them, with an order that gave no preference
  std::size_t consistent = 0;        // both orders alike
  std::size_t for_first_shown = 0;   // both orders preferred what was shown first
  std::size_t for_second_shown = 0;  // likewise second

  // Whether one place wins so often that chance would not do it once in a hundred times: a sign
  // test on the comparisons in which the order decided.
  [[nodiscard]] bool is_biased() const;
};
[[nodiscard]] Bias bias_of(std::span<const Comparison> comparisons);

// Several judges on the same items: scores[judge][item]. The mean weighted kappa of all pairs of
// judges, over the items that both could score; 1 for a single judge.
[[nodiscard]] double agreement(std::span<const std::vector<std::optional<int>>> scores);

}  // namespace dramatis::study
