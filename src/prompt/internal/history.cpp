// Cuts a history at the beginning of an exchange.
#include "prompt/internal/history.h"

#include <algorithm>

#include "lm/thoughts.h"
#include "prompt/limits.h"

namespace dramatis::prompt::internal {
namespace {

// Where the exchange begins whose last line is before `end`: at a player's line, or at the very
// start.
std::size_t beginning_of(std::span<const Line> history, std::size_t end) {
  std::size_t first = end - 1;
  while (first > 0 && history[first].who != lm::Role::kPlayer) --first;
  return first;
}

lm::Message message_of(const Line& line, Thoughts thoughts) {
  if (thoughts == Thoughts::kNone || line.thoughts.empty() || line.who != lm::Role::kNpc) {
    return {.role = line.who, .text = line.text};
  }
  return {.role = line.who, .text = lm::with_thoughts(line.thoughts, line.text)};
}

}  // namespace

Result<Remembered> remember_newest(std::span<const Line> history, std::size_t max_messages,
                                   std::size_t tokens, Thoughts thoughts,
                                   const lm::LanguageModel& model) {
  Remembered kept;
  std::size_t first = history.size();  // of what is kept
  std::size_t cost = 0;
  while (first > 0) {
    const std::size_t from = beginning_of(history, first);
    if (history.size() - from > max_messages) break;
    std::size_t texts = 0;
    std::vector<lm::Message> exchange;
    for (std::size_t n = from; n < first; ++n) {
      exchange.push_back(message_of(history[n], thoughts));
      DRAMATIS_TRY(const std::size_t more, model.count_tokens(exchange.back().text));
      texts += more;
    }
    const std::size_t more = texts + exchange.size() * kTokensPerMessage;
    if (cost + more > tokens) break;
    cost += more;
    kept.tokens += texts;
    kept.messages.insert(kept.messages.begin(), exchange.begin(), exchange.end());
    first = from;
  }
  kept.cut = first;
  return kept;
}

}  // namespace dramatis::prompt::internal
