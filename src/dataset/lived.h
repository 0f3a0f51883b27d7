// A script as a model wrote it -> what of it the character lived through.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dataset/experience_text.h"
#include "dataset/paragraphs.h"
#include "persona/character.h"

namespace dramatis::dataset {

// Whether `speaker`, as a script has it, is the character: by its full name, its short one, or that
// with a title before it.
[[nodiscard]] bool is_called(const persona::Character& character, std::string_view speaker);

// What of a script the character lived through. Its own lines bear its short name. What others
// think is dropped: it cannot know it. Of its own thoughts at most kMostThoughts stand before its
// speech, and those that come to no speech are dropped. A Drop instead where too few lines are left
// (kTooShort) or the character never speaks (kSilent).
[[nodiscard]] std::variant<Experience, Drop> as_lived(Experience script,
                                                      const persona::Character& character);

// What was written up to the last blank line, where a text was cut; the rest as a drop.
[[nodiscard]] std::string without_torn_end(std::string text, std::vector<Drop>& drops);

}  // namespace dramatis::dataset
