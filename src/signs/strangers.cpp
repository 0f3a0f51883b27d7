// Capitals within sentences are names; what is ever written small is none.
#include "signs/strangers.h"

#include "signs/limits.h"
#include "signs/sheet_words.h"
#include "signs/words.h"

namespace dramatis::signs {
namespace {

bool is_capital(char c) {
  return c >= 'A' && c <= 'Z';
}

// All that an author wrote for a character, as one text.
std::string written_for(const persona::Member& member, const persona::World* world) {
  std::string text = told(member.sheet, world);
  for (const auto& dialogue : member.dialogues) {
    text.append(dialogue.scene).append("\n");
    for (const auto& exchange : dialogue.exchanges)
      text.append(exchange.player).append("\n").append(exchange.npc).append("\n");
  }
  return text;
}

void gather(std::string_view text, std::set<std::string>& names, std::set<std::string>& small) {
  for (const auto& word : written_out(text)) {
    if (!is_capital(text[word.first])) {
      small.insert(word.plain);
    } else if (word.plain.size() >= kShortestStranger) {
      names.insert(word.plain);
    }
  }
}

}  // namespace

Strangers Strangers::of(const persona::Cast& cast, std::string_view character) {
  Strangers strangers;
  const persona::Member* const self = cast.find_member(character);
  if (self == nullptr) return strangers;
  std::set<std::string> own, small;
  for (const auto& member : cast.members) {
    const persona::World* const world = cast.find_world(member.sheet.world);
    const bool kin = member.sheet.world == self->sheet.world;
    gather(written_for(member, world), kin ? own : strangers.names_, small);
  }
  for (const auto& name : own) strangers.names_.erase(name);
  for (const auto& word : small) strangers.names_.erase(word);
  return strangers;
}

}  // namespace dramatis::signs
