// Numbers are copied, texts shortened to what explains.
#include "dialogue/account.h"

#include <algorithm>

#include <fmt/format.h>

#include "dialogue/limits.h"
#include "lm/role_name.h"
#include "text/digest.h"

namespace dramatis::dialogue {

std::string digest_of(const lm::Prompt& prompt) {
  std::string told;
  const auto add = [&told](std::string_view what, std::string_view text) {
    told += fmt::format("{} {}\n", what, text.size());
    told += text;
  };
  for (const auto& message : prompt.messages) add(lm::role_name(message.role), message.text);
  add("start", prompt.reply_start);
  for (const auto& line : prompt.authored) {
    add("said", line.player);
    add("answered", line.npc);
  }
  for (const auto& reply : prompt.passed_over) add("passed over", reply);
  for (const auto& adapter : prompt.adapters)
    add("adapter", fmt::format("{} {}", adapter.name, adapter.scale));
  return text::sha256(told);
}

Account account_of(const ServingModel& serving, const prompt::Composed& asked,
                   const lm::Sampling& how, const lm::Completion& made) {
  Account account{.model = serving.name,
                  .adapters = made.adapters,
                  .how = how,
                  .why = made.why,
                  .origin = made.origin,
                  .prompt_tokens = made.prompt_tokens,
                  .cached_tokens = made.cached_tokens,
                  .computed_tokens = made.computed_tokens,
                  .generated_tokens = made.generated_tokens,
                  .first_word = made.first_word,
                  .total = made.total,
                  .sections = asked.sections,
                  .prompt_digest = digest_of(asked.prompt)};
  // A model that does not tell was asked for these all the same.
  if (account.adapters.empty()) {
    for (const auto& chosen : asked.prompt.adapters)
      account.adapters.push_back({.name = chosen.name, .scale = chosen.scale});
  }
  account.how.seed = made.seed;
  account.how.deadline.reset();
  const auto& lines = asked.prompt.authored;
  for (std::size_t n = 0; n < std::min(lines.size(), kMaxExamplesKept); ++n) {
    account.examples.push_back({.topic = lines[n].topic,
                                .player = lines[n].player,
                                .npc = lines[n].npc,
                                .relevance = lines[n].relevance});
  }
  return account;
}

}  // namespace dramatis::dialogue
