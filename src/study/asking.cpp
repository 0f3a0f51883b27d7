// A turn that nobody stores.
#include "study/asking.h"

#include "dialogue/account.h"

namespace dramatis::study {
namespace {

// Leaves what is said, and nothing that tells who says it.
void forget_the_sheet(lm::Prompt& prompt) {
  std::erase_if(prompt.messages,
                [](const lm::Message& message) { return message.role == lm::Role::kSystem; });
}

}  // namespace

Result<Replied> ask(const Asking& asking, const Answerer& answerer, const CheckOptions& options,
                    const std::stop_token& stop) {
  const bool thinks = options.scratchpad.value_or(asking.character.scratchpad);
  const dialogue::Speaker speaker{
      .world = asking.world,
      .character = asking.character,
      .scene = asking.scene,
      .head = answerer.head,
      .thoughts = thinks ? prompt::Thoughts::kInvited : prompt::Thoughts::kNone,
      .max_tokens = options.max_tokens};
  dialogue::Authored authored{.examples = answerer.examples};
  if (options.examples == Shown::kNothing) authored.shown = 0;
  DRAMATIS_TRY(auto composed,
               dialogue::compose(speaker, {.message = asking.message, .history = asking.history},
                                 authored, answerer.model));
  composed.prompt.asker = {.conversation = asking.conversation,
                           .urgency = lm::Urgency::kBackground};
  if (options.voice == Voice::kFree) {
    composed.prompt.authored.clear();
    composed.prompt.does_not_know.clear();
    composed.prompt.sayings.clear();
  }
  if (const auto own = options.adapters.find(asking.character.id); own != options.adapters.end())
    composed.prompt.adapters = {own->second};
  if (options.sheet == Sheet::kUntold) forget_the_sheet(composed.prompt);
  lm::Sampling how;
  how.temperature = options.temperature;
  how.max_tokens = options.max_tokens;
  how.seed = options.seed;
  DeafSink sink;
  DRAMATIS_TRY(auto spoken, dialogue::speak(composed.prompt, speaker.thoughts, how, answerer.model,
                                            {sink, stop}));
  auto account = dialogue::account_of(
      {.name = answerer.model.name(), .model = answerer.model, .head = answerer.head}, composed,
      how, spoken.made);
  return Replied{.spoken = std::move(spoken), .account = std::move(account)};
}

}  // namespace dramatis::study
