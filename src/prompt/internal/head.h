// World and character -> the stable beginning of a prompt.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "lm/language_model.h"
#include "prompt/compose.h"

namespace dramatis::prompt::internal {

struct Told {
  std::string text;
  std::size_t tokens = 0;
  std::size_t cut = 0;  // entries left out
};

struct WorldAndCharacter {
  Told world;  // empty where the form of the head has no such section
  Told character;
};

// The full form; entries are left out from the least important list's end until it fits `tokens`.
// What cannot be left out is told even then. An NPC in plain words is told as it was described.
[[nodiscard]] Result<WorldAndCharacter> tell_full(const Material& material, std::size_t tokens,
                                                  const lm::LanguageModel& model);

// The compact form; sentences are shortened until it fits kCompactHeadTokens.
[[nodiscard]] Result<WorldAndCharacter> tell_compact(const Material& material,
                                                     const lm::LanguageModel& model);

}  // namespace dramatis::prompt::internal
