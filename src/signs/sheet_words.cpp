// Fields -> one text -> words.
#include "signs/sheet_words.h"

#include <initializer_list>
#include <string>

namespace dramatis::signs {
namespace {

void tell(const std::vector<persona::Note>& notes, std::string& text) {
  for (const auto& note : notes)
    text.append(note.name).append(".\n").append(note.text).append("\n");
}

void tell(const std::vector<std::string>& lines, std::string& text) {
  for (const auto& line : lines) text.append(line).append("\n");
}

void tell_character(const persona::Character& character, std::string& text) {
  for (const auto* field :
       {&character.name, &character.short_name, &character.title, &character.summary,
        &character.look, &character.speech, &character.success, &character.description}) {
    text.append(*field).append("\n");
  }
  for (const auto* notes : {&character.backstory, &character.values, &character.objectives,
                            &character.opinions, &character.knowledge}) {
    tell(*notes, text);
  }
  for (const auto* lines :
       {&character.sayings, &character.greetings, &character.farewells, &character.does_not_know}) {
    tell(*lines, text);
  }
  for (const auto& example : character.examples) text.append(example.npc).append("\n");
}

void tell_world(const persona::World& world, std::string& text) {
  for (const auto* field : {&world.name, &world.description, &world.political_organisation})
    text.append(*field).append("\n");
  for (const auto* notes : {&world.powers, &world.people, &world.marginalised_groups,
                            &world.marginalised_people, &world.locations, &world.lore}) {
    tell(*notes, text);
  }
}

}  // namespace

std::string told(const persona::Character& character, const persona::World* world) {
  std::string text;
  tell_character(character, text);
  if (world != nullptr) tell_world(*world, text);
  return text;
}

std::vector<Word> known_words(const persona::Character& character, const persona::World* world) {
  return words_of(told(character, world));
}

}  // namespace dramatis::signs
