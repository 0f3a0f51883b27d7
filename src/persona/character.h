// A character: everything that its author wrote down.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "persona/finding.h"
#include "persona/world.h"

namespace dramatis::persona {

// What a character must not say.
struct Secret {
  std::string id{};                  // kebab-case
  std::string text{};                // the whole of it; in no prompt until a rule releases it
  std::vector<std::string> words{};  // each of them alone gives it away

  friend bool operator==(const Secret&, const Secret&) = default;
};

// One line of a player and what the character answered.
struct Exchange {
  std::string player{};
  std::string npc{};
  std::string topic{};     // the question behind the question; empty where nobody named it
  std::string thoughts{};  // private, before the answer; usually empty
  bool follows = false;    // the player's line means nothing without the lines before it

  friend bool operator==(const Exchange&, const Exchange&) = default;
};

struct Character {
  std::string id{};               // its file's name, kebab-case
  std::string name{};             // "Orlando Marlo"
  std::string short_name{};       // "Orlando"
  std::string title{};            // "knight of Luminaria"
  std::string world{};            // the id of its world
  std::string summary{};          // a paragraph in the third person: who, where, when, what matters
  std::string look{};             // one to three sentences
  std::string speech{};           // the manner of speaking, one to three sentences
  std::string alignment{};        // one of the nine, "lawful good"
  std::vector<Note> backstory{};  // episodes in order, told in the first person
  std::vector<Note> values{};     // what it lives by, in the first person
  std::vector<Note> objectives{};        // what it wants, in the first person
  std::vector<Note> opinions{};          // of people, institutions and things, in the first person
  std::vector<Note> knowledge{};         // of trade, places and people, in the first person
  std::vector<std::string> unknown{};    // what it cannot know
  std::vector<std::string> sayings{};    // of its own
  std::vector<Secret> secrets{};         // may be empty
  std::vector<std::string> greetings{};  // lines that may open a conversation
  bool speaks_first = false;             // true: a conversation begins with a greeting
  std::vector<std::string> farewells{};
  std::vector<std::string> puzzled{};        // for a thing of which its world has never heard
  std::vector<std::string> does_not_know{};  // for any question that it cannot answer
  std::string success{};                     // what it wants of a talk
  bool scratchpad = false;                   // true: it has private thoughts
  std::vector<Exchange> examples{};          // may be empty where there is a dialogues file
  std::string description{};  // instead of all the above, for an NPC registered in plain words

  friend bool operator==(const Character&, const Character&) = default;
};

// The character that `yaml` describes; faults as in parse_world. A secret's word anywhere outside
// its secret is an error.
[[nodiscard]] Character parse_character(std::string_view yaml, const std::string& file,
                                        std::vector<Finding>& found);

// A world and a character of it.
struct Sheets {
  World world{};
  Character character{};
};

// Sheets for an NPC that is described in plain words, both kept as they are (trimmed, without
// control characters). Errors: kInvalidArgument for invalid UTF-8 or a blank character, kOverBudget
// past kMaxDescriptionBytes.
[[nodiscard]] Result<Sheets> character_from_text(std::string_view world_description,
                                                 std::string_view character_description);

}  // namespace dramatis::persona
