// The newest whole exchanges of a history.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "lm/language_model.h"
#include "prompt/compose.h"

namespace dramatis::prompt::internal {

struct Remembered {
  std::vector<lm::Message> messages;
  std::size_t tokens = 0;  // of the texts, without the template's marks
  std::size_t cut = 0;     // messages left out
};

// As much of the end of `history` as has at most `max_messages` messages and fits `tokens` (marks
// of the template included), beginning with a player's line, or with the NPC's where that opened it
// all.
[[nodiscard]] Result<Remembered> remember_newest(std::span<const Line> history,
                                                 std::size_t max_messages, std::size_t tokens,
                                                 Thoughts thoughts, const lm::LanguageModel& model);

}  // namespace dramatis::prompt::internal
