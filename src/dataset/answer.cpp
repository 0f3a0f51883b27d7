// A question -> the prompt of its answer.
#include "dataset/answer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace dramatis::dataset {
namespace {

constexpr std::string_view kStyle =
    "Answer in one to three sentences, in words said aloud and nothing else: no gestures, no name "
    "before them, no quotation marks. Answer what was asked first, and with what {0} knows - "
    "names, "
    "places, numbers - rather than with general remarks. {0} is not introducing anybody, least of "
    "all {0}. One of {0}'s sayings is welcome where it fits, and not every time.";

}  // namespace

prompt::Scene scene_of(const Encounter& met) {
  return {.place = met.place,
          .status = fmt::format("{} {}.", met.who.name, met.reason),
          .player = met.who.name,
          .player_is = fmt::format("{}, {}", met.who.role, fmt::join(met.who.manner, " and ")),
          .acquaintance = met.acquaintance};
}

Result<lm::Prompt> answer_prompt(const Encounter& met, std::string_view question,
                                 const persona::World& world, const persona::Character& character,
                                 std::span<const lm::AuthoredLine> examples,
                                 const lm::LanguageModel& model) {
  const std::string note = fmt::format(kStyle, character.short_name);
  DRAMATIS_TRY(auto composed,
               prompt::compose({.world = world,
                                .character = character,
                                .scene = scene_of(met),
                                .note = note,
                                .examples = examples,
                                .message = question,
                                .head = prompt::Head::kFull},
                               {.tokens = prompt::tokens_for_prompt(model, kAnswerTokens)}, model));
  return std::move(composed.prompt);
}

}  // namespace dramatis::dataset
