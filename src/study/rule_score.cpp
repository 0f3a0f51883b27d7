// Replies against rules and against the author's lines.
#include "study/rule_score.h"

#include <algorithm>

#include "base/check.h"
#include "text/overlap.h"

namespace dramatis::study {
namespace {

constexpr std::size_t kNearest = 6;
// What a reply shares with the question itself counts less: a good answer has words of its own.
constexpr double kSharedWithQuestion = 0.5;

Result<double> aptness_of(const Answered& answer, std::string_view said, const Part& part,
                          const prompt::Examples& examples, std::string_view except) {
  DRAMATIS_TRY(const auto lines,
               examples.nearest(part.character->id, {.message = answer.heard,
                                                     .count = kNearest,
                                                     .except_conversation = except,
                                                     .said = said}));
  double best = 0;
  for (const auto& line : lines) best = std::max(best, text::overlap(answer.reply, line.npc));
  return std::min(1.0, best + kSharedWithQuestion * text::overlap(answer.reply, answer.heard));
}

}  // namespace

Result<RuleScore> score_by_rules(const Transcript& transcript, const Part& part,
                                 const prompt::Examples& examples,
                                 std::span<const std::string> except) {
  DRAMATIS_CHECK(except.empty() || except.size() == transcript.answers.size());
  RuleScore made{.clean = measure(transcript, part).clean};
  if (part.character == nullptr || transcript.answers.empty()) return made;
  std::string_view said;
  double sum = 0;
  for (std::size_t n = 0; n < transcript.answers.size(); ++n) {
    const Answered& answer = transcript.answers[n];
    const auto source = except.empty() ? std::string_view() : std::string_view(except[n]);
    DRAMATIS_TRY(const double apt, aptness_of(answer, said, part, examples, source));
    sum += apt;
    said = answer.reply;
  }
  made.aptness = sum / static_cast<double>(transcript.answers.size());
  const double clean = static_cast<double>(made.clean.count) / static_cast<double>(made.clean.of);
  made.score = (clean + std::min(1.0, made.aptness / kApt)) / 2;
  return made;
}

}  // namespace dramatis::study
