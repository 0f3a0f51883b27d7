// A sheet and its world -> the words of what the character knows, in their order.
#pragma once

#include <string>
#include <vector>

#include "persona/character.h"
#include "persona/world.h"
#include "signs/words.h"

namespace dramatis::signs {

// The text that known_words() takes its words from.
[[nodiscard]] std::string told(const persona::Character& character, const persona::World* world);

// All that the author wrote of the world, and of the character but for `unknown`, `puzzled` and the
// secrets. `world` may be null.
[[nodiscard]] std::vector<Word> known_words(const persona::Character& character,
                                            const persona::World* world);

}  // namespace dramatis::signs
