// Who speaks, what was said and what is said now -> a prompt inside a token budget, stable parts
// first.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lm/language_model.h"
#include "persona/character.h"
#include "persona/world.h"
#include "prompt/thoughts.h"

namespace dramatis::prompt {

// How the character is told to the model.
enum class Head {
  kFull,     // the whole sheet in prose, for larger models
  kCompact,  // at most kCompactHeadTokens, for small ones: name, title, place, a sentence, manner
};

// Where and when a conversation happens.
struct Scene {
  // Each may be empty, and then leaves no bytes.
  std::string place{};   // "Rain at the ferry house."
  std::string time{};    // "Dusk, the eve of the fair."
  std::string status{};  // what is the matter: "The bridge is out."
  // Told to larger models alone.
  std::string player{};        // the player's name
  std::string player_is{};     // who the player is: "a tinker from the south"
  std::string acquaintance{};  // how well the two know each other: "You have met once."

  friend bool operator==(const Scene&, const Scene&) = default;
};

// A line of the history.
struct Line {
  lm::Role who = lm::Role::kPlayer;
  std::string text;
  std::string
      thoughts{};  // the NPC's, before it spoke; shown to it again where thoughts are invited
};

// All of which a prompt is made. What it points to outlives the call.
struct Material {
  const persona::World& world;
  const persona::Character& character;
  Scene scene{};
  std::string_view note{};                       // the director's; may be empty
  std::span<const Line> history{};               // oldest first
  std::span<const lm::AuthoredLine> examples{};  // nearest first
  std::optional<std::string_view> message{};     // nothing: the NPC speaks first
  Head head = Head::kFull;
  Thoughts thoughts = Thoughts::kNone;
};

struct Budget {
  std::size_t tokens = 0;             // the whole prompt
  std::size_t history_messages = 10;  // of both speakers; whole exchanges alone are kept
  std::size_t examples = 3;           // shown before the message
};

// What `model` has left for a prompt whose reply may take `max_tokens`.
[[nodiscard]] std::size_t tokens_for_prompt(const lm::LanguageModel& model, int max_tokens);

// One part of a composed prompt, for whoever explains it.
struct Section {
  std::string name;  // "world", "character", "scene", "note", "history", "examples", "message"
  std::size_t tokens = 0;  // as the model counts them, without the template's marks
  std::size_t cut = 0;     // entries, messages or examples that did not fit

  friend bool operator==(const Section&, const Section&) = default;
};

struct Composed {
  lm::Prompt prompt;
  std::vector<Section>
      sections;  // in their order; absent ones are not listed unless something was cut
};

// The prompt of `material`. The system message holds world, character, scene and note; then the
// newest whole exchanges of the history (an NPC's line stands first only where it opened the
// conversation); the last message holds the examples and what the player says now. All the nearest
// lines also go into Prompt::authored. World and character are everybody's (Prompt::common_bytes);
// the scene and the note are not. The same material, budget and model give the same bytes. Errors:
// kOverBudget where the needful parts do not fit; whatever `model` answers to count_tokens.
[[nodiscard]] Result<Composed> compose(const Material& material, const Budget& budget,
                                       const lm::LanguageModel& model);

}  // namespace dramatis::prompt
