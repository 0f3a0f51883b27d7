// Counts each message once, then drops from the oldest on.
#include "remote/refit.h"

#include <algorithm>

#include <fmt/format.h>

#include "remote/limits.h"

namespace dramatis::remote {
namespace {

// Bytes of the messages before the talk: what everybody's prompts have in common never reaches
// further once lines of it are gone.
std::size_t head_bytes(const lm::Prompt& asked, std::size_t head) {
  std::size_t bytes = 0;
  for (std::size_t n = 0; n < head; ++n) bytes += asked.messages[n].text.size();
  return bytes;
}

}  // namespace

Result<lm::Prompt> refit(const lm::Prompt& asked, const lm::Sampling& how,
                         const lm::LanguageModel& model) {
  std::vector<std::size_t> sizes;
  DRAMATIS_TRY(std::size_t total, model.count_tokens(asked.reply_start));
  total += static_cast<std::size_t>(how.max_tokens) + kMarksOfMessage;
  for (const auto& message : asked.messages) {
    DRAMATIS_TRY(const std::size_t tokens, model.count_tokens(message.text));
    sizes.push_back(tokens + kMarksOfMessage);
    total += sizes.back();
  }
  if (total <= model.context_size()) return asked;
  const auto is_talk = [](const lm::Message& one) { return one.role != lm::Role::kSystem; };
  const auto& messages = asked.messages;
  const auto first = static_cast<std::size_t>(
      std::find_if(messages.begin(), messages.end(), is_talk) - messages.begin());
  // The talk begins with a player's line afterwards, too, as chat templates want it.
  std::size_t kept = first;
  while (kept + 1 < messages.size() &&
         (total > model.context_size() || messages[kept].role == lm::Role::kNpc)) {
    total -= sizes[kept++];
  }
  if (total > model.context_size()) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("The prompt has {} tokens with its reply even without the talk so far; "
                            "{} holds {}.",
                            total, model.name(), model.context_size()));
  }
  lm::Prompt fitted = asked;
  fitted.messages.erase(fitted.messages.begin() + static_cast<std::ptrdiff_t>(first),
                        fitted.messages.begin() + static_cast<std::ptrdiff_t>(kept));
  fitted.common_bytes = std::min(asked.common_bytes, head_bytes(asked, first));
  return fitted;
}

}  // namespace dramatis::remote
