// Looks the author's lines up, composes, listens.
#include "dialogue/reply.h"

#include <algorithm>

#include <fmt/format.h>

#include "dialogue/internal/listener.h"
#include "dialogue/limits.h"

namespace dramatis::dialogue {
namespace {

std::string_view last_said(std::span<const prompt::Line> history) {
  const auto said = std::find_if(history.rbegin(), history.rend(), [](const prompt::Line& line) {
    return line.who == lm::Role::kNpc;
  });
  return said == history.rend() ? std::string_view() : std::string_view(said->text);
}

}  // namespace

Result<prompt::Composed> compose(const Speaker& speaker, const Moment& moment,
                                 const Authored& authored, const lm::LanguageModel& model) {
  std::vector<lm::AuthoredLine> lines;
  if (moment.message && authored.found > 0) {
    DRAMATIS_TRY(lines,
                 authored.examples.nearest(speaker.character.id,
                                           {.message = *moment.message,
                                            .count = authored.found,
                                            .except_conversation = authored.except_conversation,
                                            .said = last_said(moment.history)}));
  }
  return compose(speaker, moment, lines, authored.shown, model);
}

Result<prompt::Composed> compose(const Speaker& speaker, const Moment& moment,
                                 std::span<const lm::AuthoredLine> lines, std::size_t shown,
                                 const lm::LanguageModel& model) {
  const prompt::Material material{.world = speaker.world,
                                  .character = speaker.character,
                                  .scene = speaker.scene,
                                  .note = speaker.note,
                                  .history = moment.history,
                                  .examples = lines,
                                  .message = moment.message,
                                  .head = speaker.head,
                                  .thoughts = speaker.thoughts};
  const prompt::Budget budget{.tokens = prompt::tokens_for_prompt(model, speaker.max_tokens),
                              .history_messages = speaker.history_size,
                              .examples = shown};
  return prompt::compose(material, budget, model);
}

Result<Spoken> speak(const lm::Prompt& asked, prompt::Thoughts thoughts, const lm::Sampling& how,
                     lm::LanguageModel& model, const Audience& audience) {
  internal::Listener listener(audience.sink,
                              thoughts == prompt::Thoughts::kInvited ? Scratchpad::Expect::kThoughts
                                                                     : Scratchpad::Expect::kSpeech,
                              audience.thinks);
  auto made = model.generate(asked, how, listener, audience.stop);
  if (listener.overflowed()) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("The reply has more than {} bytes.", kMaxReplyBytes));
  }
  if (!made) return tl::unexpected(std::move(made).error());
  if (listener.finish() == lm::Go::kStop)
    return fail(ErrorCode::kCancelled, "The player left before the last word.");
  return Spoken{
      .aloud = listener.said(), .thoughts = listener.thoughts(), .made = *std::move(made)};
}

}  // namespace dramatis::dialogue
