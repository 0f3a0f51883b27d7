// A transcript -> a score that needs no judge: how clean its replies are, and how near to what the
// author has the character answer.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "prompt/examples.h"
#include "study/measures.h"

namespace dramatis::study {

struct RuleScore {
  Share clean{};       // replies that offend no rule of signs/
  double aptness = 0;  // how much replies share with the author's nearest lines, and with what they
                       // answer; mean over replies, 0 to 1
  double score = 0;    // 0 to 1: half of it clean replies, half aptness as a share of kApt
};

// The aptness of an author's own lines, about: a line of another conversation on the same question
// shares a third of its words. More is no better.
constexpr double kApt = 0.3;

// `except`: for each answer, the conversation of the author's whose lines are no measure of it,
// because it was taken from there; empty: none is. Checked: empty, or one for each answer. Errors:
// those of the search.
[[nodiscard]] Result<RuleScore> score_by_rules(const Transcript& transcript, const Part& part,
                                               const prompt::Examples& examples,
                                               std::span<const std::string> except = {});

}  // namespace dramatis::study
