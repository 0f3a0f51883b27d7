// Counts each message once, then drops from the oldest on.
#include "remote/refit.h"

#include <algorithm>

#include <fmt/format.h>

#include "remote/limits.h"
#include "text/utf8.h"

namespace dramatis::remote {
namespace {

// Bytes of the messages before the talk: what everybody's prompts have in common never reaches
// further once lines of it are gone.
std::size_t head_bytes(const lm::Prompt& asked, std::size_t head) {
  std::size_t bytes = 0;
  for (std::size_t n = 0; n < head; ++n) bytes += asked.messages[n].text.size();
  return bytes;
}

// The beginning of `text` that ends with a line, or with a word, and has about `share` of its
// bytes.
std::string beginning(const std::string& text, double share) {
  const auto most = static_cast<std::size_t>(static_cast<double>(text.size()) * share);
  const std::string_view cut = text::cut_at(text, most);
  std::size_t end = cut.rfind('\n');
  if (end == cut.npos || end < cut.size() / 2) end = cut.rfind(' ');
  return std::string(cut.substr(0, end));
}

// Shortens what is told of the character from its end until `room` tokens hold it. Its beginning
// says who he is.
Status shorten(std::string& text, std::size_t room, const lm::LanguageModel& model) {
  DRAMATIS_TRY(std::size_t tokens, model.count_tokens(text));
  for (int cuts = 0; tokens > room && cuts < kMaxCuts; ++cuts) {
    text = beginning(text, 0.95 * static_cast<double>(room) / static_cast<double>(tokens));
    DRAMATIS_TRY(tokens, model.count_tokens(text));
  }
  if (tokens <= room && text.size() >= kLeastHead) return {};
  return fail(ErrorCode::kOverBudget,
              fmt::format("{} holds {} tokens: too few for this character and what was said.",
                          model.name(), model.context_size()));
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
  lm::Prompt fitted = asked;
  fitted.messages.erase(fitted.messages.begin() + static_cast<std::ptrdiff_t>(first),
                        fitted.messages.begin() + static_cast<std::ptrdiff_t>(kept));
  if (total > model.context_size()) {
    if (first == 0 || sizes.front() <= total - model.context_size()) {
      return fail(ErrorCode::kOverBudget,
                  fmt::format("{} holds {} tokens: too few for this prompt.", model.name(),
                              model.context_size()));
    }
    const std::size_t room = sizes.front() - (total - model.context_size());
    DRAMATIS_DO(shorten(fitted.messages.front().text, room, model));
  }
  fitted.common_bytes = std::min(asked.common_bytes, head_bytes(fitted, first));
  return fitted;
}

}  // namespace dramatis::remote
