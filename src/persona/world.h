// A world: the setting in which characters live.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "persona/finding.h"

namespace dramatis::persona {

// A text under a heading: a person, a value, an opinion, a custom.
struct Note {
  std::string name{};  // the heading
  std::string text{};

  friend bool operator==(const Note&, const Note&) = default;
};

struct World {
  std::string id{};                         // its folder's name, kebab-case
  std::string name{};                       // "The Sacred Kingdom of Luminaria"
  std::string description{};                // a paragraph: what sort of place it is
  std::string political_organisation{};     // a paragraph: who rules, and how
  std::vector<Note> powers{};               // who or what holds power
  std::vector<Note> people{};               // important people
  std::vector<Note> marginalised_groups{};  // who is kept at the edge
  std::vector<Note> marginalised_people{};  // single people of those groups
  std::vector<Note> locations{};            // places
  std::vector<Note> lore{};                 // customs, history, stories, prices, law

  friend bool operator==(const World&, const World&) = default;
};

// The world that `yaml` describes. What is wrong is appended to `found` under the name `file`; a
// world with errors comes back as far as it could be read.
[[nodiscard]] World parse_world(std::string_view yaml, const std::string& file,
                                std::vector<Finding>& found);

}  // namespace dramatis::persona
