// Words of people who talk about a play instead of playing it.
#include <array>

#include "signs/rules.h"
#include "signs/words.h"

namespace dramatis::signs {
namespace {

constexpr auto kOutside = std::to_array<Phrase>({"in character",
                                                 "out of character",
                                                 "stay in character",
                                                 "break character",
                                                 "breaking character",
                                                 "my character would",
                                                 "the character i",
                                                 "as this character",
                                                 "this character would",
                                                 "fictional",
                                                 "a work of fiction",
                                                 "role play*",
                                                 "roleplay*",
                                                 "pretend to be a",
                                                 "in this scenario",
                                                 "this scenario",
                                                 "hypothetical scenario",
                                                 "in this context",
                                                 "the conversation history",
                                                 "this conversation",
                                                 "our conversation so far",
                                                 "the user",
                                                 "the prompt",
                                                 "system prompt",
                                                 "your prompt",
                                                 "the instructions above",
                                                 "previous instructions",
                                                 "the text above",
                                                 "the dialogue above",
                                                 "the simulation",
                                                 "this simulation",
                                                 "non player character",
                                                 "npc",
                                                 "video game",
                                                 "the game master",
                                                 "the storyline",
                                                 "the plot of",
                                                 "author note",
                                                 "end of scene",
                                                 "end of conversation",
                                                 "to be continued",
                                                 "as requested",
                                                 "stories and games"});

constexpr std::array kTables{PhraseTable{"speaks of the play from outside", kOutside}};

}  // namespace

Findings look_for_stepping_out(const Said& said) {
  return find_phrases(said.reply, "stepping-out", kTables);
}

}  // namespace dramatis::signs
