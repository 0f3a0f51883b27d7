// A reply and what is known of its speaker -> what shows that the speaker fell out of the part, and
// where.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "persona/character.h"
#include "persona/world.h"

namespace dramatis::signs {

class Strangers;

// One place of a reply at which a rule took offence.
struct Finding {
  std::string sign{};      // the rule's name
  std::size_t first = 0;   // bytes of the reply
  std::size_t length = 0;  // 0: nothing stands there, and something should
  std::string reason{};    // a sentence

  friend bool operator==(const Finding&, const Finding&) = default;
};
using Findings = std::vector<Finding>;

// What a rule may look at. What is not known is empty or null; a rule that needs it finds nothing.
// All of it outlives the call.
struct Said {
  std::string_view reply{};
  std::string_view heard{};                // what the reply answers
  std::span<const std::string> earlier{};  // the same speaker's replies before it, oldest first
  std::string_view other{};                // the name of whoever is spoken to
  const persona::Character* character = nullptr;
  const persona::World* world = nullptr;
  const Strangers* strangers = nullptr;  // names that the character cannot know
};

// A rule. Looking is pure: the same reply gives the same findings, in the order of their places.
struct Sign {
  std::string_view name;     // "assistant"
  std::string_view meaning;  // for people: "speaks like a program that helps"
  Findings (*look)(const Said& said);
};

// All rules, in the order in which reports name them.
[[nodiscard]] std::span<const Sign> all_signs();

// Null where no rule has this name.
[[nodiscard]] const Sign* find_sign(std::string_view name);

// What all the rules find.
[[nodiscard]] Findings look(const Said& said);
// What one of them finds. Checked: there is such a rule.
[[nodiscard]] Findings look(std::string_view sign, const Said& said);

}  // namespace dramatis::signs
