// Questions to a character, with what a right answer contains.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "persona/character.h"
#include "persona/finding.h"

namespace dramatis::persona {

enum class CheckKind { kFact, kOpinion, kValue, kSmalltalk, kUnknown, kBreak };

// "fact", "break", as in the files.
[[nodiscard]] std::string_view print(CheckKind kind);

struct Check {
  std::string id{};   // "om-check-01"
  std::string ask{};  // what the player says
  CheckKind kind = CheckKind::kFact;
  std::vector<std::string> any_of{};   // a right answer has at least one of these words or phrases
  std::vector<std::string> none_of{};  // and none of these; may be empty
  std::string answer{};                // one that passes

  friend bool operator==(const Check&, const Check&) = default;
};

// Whether `reply` is right: letter case counts for nothing, and each word or phrase matches at a
// word's beginning ("knight" matches "knighted").
[[nodiscard]] bool passes(const Check& check, std::string_view reply);

// The checks of `yaml` for `character`; faults as in parse_world. A check which its own answer does
// not pass is an error.
[[nodiscard]] std::vector<Check> parse_checks(std::string_view yaml, const std::string& file,
                                              const Character& character,
                                              std::vector<Finding>& found);

}  // namespace dramatis::persona
