// Texts -> log-likelihoods per token -> those that are not among the worst.
#include "study/fluency.h"

#include <algorithm>

namespace dramatis::study {
namespace {

// Blank texts have no likelihood and are left out.
Result<std::vector<double>> per_token(lm::LanguageModel& english,
                                      std::span<const std::string> texts,
                                      const std::stop_token& stop) {
  std::vector<double> likelihoods;
  for (std::size_t n = 0; n < texts.size(); ++n) {
    if (texts[n].empty()) continue;
    DRAMATIS_TRY(const auto scores, english.score({}, texts.subspan(n, 1), stop));
    const auto tokens = static_cast<double>(std::max<std::size_t>(1, scores.front().tokens));
    likelihoods.push_back(scores.front().log_likelihood / tokens);
  }
  return likelihoods;
}

}  // namespace

std::vector<std::string> authored_lines(const persona::Cast& cast, std::size_t most) {
  std::vector<const std::string*> all;
  for (const auto& member : cast.members) {
    for (const auto& dialogue : member.dialogues) {
      for (const auto& exchange : dialogue.exchanges) all.push_back(&exchange.npc);
    }
  }
  std::vector<std::string> lines;
  const std::size_t count = std::min(most, all.size());
  for (std::size_t n = 0; n < count; ++n) lines.push_back(*all[n * all.size() / count]);
  return lines;
}

Result<Fluency> fluency(lm::LanguageModel& english, std::span<const std::string> replies,
                        std::span<const std::string> authored, const std::stop_token& stop) {
  DRAMATIS_TRY(auto lines, per_token(english, authored, stop));
  if (lines.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "There are no authored lines to measure replies by; a cast with dialogues has "
                "them.");
  }
  DRAMATIS_TRY(const auto said, per_token(english, replies, stop));
  std::ranges::sort(lines);
  const auto rank = static_cast<std::size_t>(kWorstAuthored * static_cast<double>(lines.size()));
  const double worst = lines[rank];
  const auto fluent = std::ranges::count_if(said, [worst](double one) { return one >= worst; });
  return Fluency{.worst_authored = worst,
                 .authored = lines.size(),
                 .replies = {.count = static_cast<std::size_t>(fluent), .of = replies.size()}};
}

}  // namespace dramatis::study
