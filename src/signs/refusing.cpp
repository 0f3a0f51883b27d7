// Refusals as policies word them. "I will not tell you" is a character's good right.
#include <array>

#include "signs/rules.h"
#include "signs/words.h"

namespace dramatis::signs {
namespace {

constexpr auto kRefusals = std::to_array<Phrase>({"i can not assist",
                                                  "i can not help with that",
                                                  "i can not help you with that",
                                                  "i can not help with this",
                                                  "i can not provide",
                                                  "i can not discuss",
                                                  "i can not engage",
                                                  "i can not fulfil*",
                                                  "i can not comply",
                                                  "i can not share that information",
                                                  "i can not participate",
                                                  "i can not support",
                                                  "i can not condone",
                                                  "i can not encourage",
                                                  "i can not promote",
                                                  "i can not generate",
                                                  "i can not create content",
                                                  "i can not ignore my",
                                                  "i am unable to",
                                                  "i am not able to",
                                                  "unable to assist",
                                                  "unable to provide",
                                                  "i am not comfortable",
                                                  "i do not feel comfortable",
                                                  "i would prefer not to discuss",
                                                  "i would rather not discuss",
                                                  "i must decline",
                                                  "i have to decline",
                                                  "i must refuse to answer",
                                                  "not appropriate for me",
                                                  "would not be appropriate",
                                                  "is not appropriate",
                                                  "is not an appropriate",
                                                  "an inappropriate",
                                                  "is inappropriate",
                                                  "against my guidelines",
                                                  "ignore my guidelines",
                                                  "content policy",
                                                  "usage policy",
                                                  "ethical guidelines",
                                                  "safety guidelines",
                                                  "let us talk about something else",
                                                  "let us change the subject to something",
                                                  "i am sorry but i can not",
                                                  "i apologize but i",
                                                  "i apologise but i",
                                                  "can we talk about something else",
                                                  "such a sensitive",
                                                  "a sensitive topic",
                                                  "sensitive subject"});

constexpr std::array kTables{PhraseTable{"refuses as a policy does", kRefusals}};

}  // namespace

Findings look_for_refusal(const Said& said) {
  return find_phrases(said.reply, "refusing", kTables);
}

}  // namespace dramatis::signs
