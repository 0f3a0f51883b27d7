// A talk and the sheets of its speakers -> who brought up, furthered or hindered whose objective.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "arena/talk.h"
#include "persona/character.h"
#include "text/json.h"

namespace dramatis::study {

enum class Moved {
  kRaised,     // spoken of
  kFurthered,  // a promise, a gift, consent
  kHindered,   // a refusal
};

// "raised", "furthered", "hindered".
[[nodiscard]] std::string_view print(Moved moved);

// One line's effect on one objective of somebody else.
struct Move {
  std::size_t line = 0;     // its place in the talk
  std::size_t mover = 0;    // who said it, among the participants
  std::size_t owner = 0;    // whose objective it is
  std::string objective{};  // the name in the sheet; "success": what the owner wants of a talk
  Moved moved = Moved::kRaised;

  friend bool operator==(const Move&, const Move&) = default;
};

// By rules alone. A line speaks of an objective with two of its words that no other objective of
// the sheet has, or with one word of its name; it may take up what its owner said in the line
// before. It furthers what it speaks of with words of consent, and hinders it with words of
// refusal. `sheets`: one for each participant; null: nothing is known of it. Checked: as many as
// participants.
[[nodiscard]] std::vector<Move> moves_in(const arena::Talk& talk,
                                         std::span<const persona::Character* const> sheets);

[[nodiscard]] text::JsonObject json_of(const Move& move, const arena::Talk& talk);

}  // namespace dramatis::study
