// A troupe and a world -> who comes to a character, where, why and in which mood.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "persona/character.h"
#include "persona/troupe.h"
#include "persona/world.h"

namespace dramatis::dataset {

// One meeting, of which a question and its answer are made.
struct Encounter {
  persona::Interlocutor who{};
  std::string emotion{};       // how the one who asks feels: "impatient"
  std::string place{};         // a location of the world: "The Gilded Lark"
  std::string reason{};        // what brings them: "wants to settle a bet"
  std::string acquaintance{};  // how well they know each other: "They have met once before."
  std::string about{};         // what the character is to be drawn out on; mostly empty

  friend bool operator==(const Encounter&, const Encounter&) = default;
};

// Encounter number `n` of a run: every interlocutor comes equally often, in another order each
// round; all else is drawn. The same arguments give the same encounter, and what one draws depends
// on no other. One in kOneIsAbout is about an opinion of the character. Errors: kNotFound where
// the troupe or the world's locations are empty.
[[nodiscard]] Result<Encounter> draw_encounter(const persona::Troupe& troupe,
                                               const persona::World& world,
                                               const persona::Character& character,
                                               std::uint64_t seed, std::uint64_t n);

constexpr std::uint64_t kOneIsAbout = 4;

}  // namespace dramatis::dataset
