// The tokens of a reply past what it shares with the prompt, each given all before it, then the
// end.
#include "engine/score_work.h"

#include <algorithm>

#include "base/check.h"
#include "engine/page_tree.h"
#include "sampling/pick.h"

namespace dramatis::engine {

ScoreWork::ScoreWork(ScoreTask task) : task_(std::move(task)), scores_(task_.wholes.size()) {
  DRAMATIS_CHECK(!task_.wholes.empty());
  for (std::size_t n = 0; n < task_.wholes.size(); ++n) {
    DRAMATIS_CHECK(prompt_part(n) > 0);
    capacity_ = std::max(capacity_, task_.wholes[n].size());
  }
  go_to(0);
}

std::size_t ScoreWork::prompt_part(std::size_t n) const {
  return shared_prefix(task_.prompt, task_.wholes[n]);
}

void ScoreWork::go_to(std::size_t n) {
  const auto& whole = task_.wholes[n];
  wanted_ = prompt_part(n) - 1;
  valid_ = n == 0 ? whole.size() : std::min(wanted_, shared_prefix(task_.wholes[at_], whole));
  at_ = n;
}

Result<Next> ScoreWork::take(std::span<float> logits, std::string& /*say*/) {
  const auto& whole = task_.wholes[at_];
  const auto following = std::span(whole).subspan(wanted_ + 1);
  const auto next = following.empty() ? std::span(task_.ends) : following.first(1);
  if (!next.empty()) {
    DRAMATIS_TRY(const auto log_probability, sampling::log_probability(logits, next));
    scores_[at_].log_likelihood += log_probability;
  }
  ++scores_[at_].tokens;
  ++wanted_;
  valid_ = whole.size();
  if (!following.empty()) return Next::kMore;
  if (at_ + 1 == task_.wholes.size()) {
    wanted_ = whole.size() - 1;
    return Next::kEnd;
  }
  go_to(at_ + 1);
  return Next::kMore;
}

}  // namespace dramatis::engine
