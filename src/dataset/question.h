// An encounter -> what a model is asked to have its interlocutor say; what it wrote -> the line.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "dataset/encounter.h"
#include "dataset/paragraphs.h"
#include "lm/language_model.h"

namespace dramatis::dataset {

// A prompt that tells of the encounter and, of the character, a name and a title alone: who knows a
// life recites it.
[[nodiscard]] lm::Prompt question_prompt(const Encounter& met, const persona::World& world,
                                         const persona::Character& character);

// A line of direct speech, as far as there is one.
struct SpokenText {
  std::string words{};        // empty where all of it was dropped
  std::vector<Drop> drops{};  // what was left out, in the order of the text

  friend bool operator==(const SpokenText&, const SpokenText&) = default;
};

// The first paragraph of `written` as words said aloud by `speaker`: a name and a colon before
// them, quotation marks around them and gestures between stars or parentheses are taken off; where
// somebody else begins to speak, it ends. All that is left out is told.
[[nodiscard]] SpokenText read_spoken(std::string_view written, std::string_view speaker);

// The runs of some words that a text holds, in small letters without punctuation. Immutable.
class KnownRuns {
 public:
  KnownRuns(std::string_view text, std::size_t length);

  // The first run of `text` that is known; empty: none.
  [[nodiscard]] std::string find_in(std::string_view text) const;
  // How many of the runs of `text` are known, 0 to 1; 0 for a text shorter than a run.
  [[nodiscard]] double share_of(std::string_view text) const;

 private:
  std::size_t length_;
  std::set<std::string> runs_;
};

// All that the sheet says of the character's life, a text to a line.
[[nodiscard]] std::string life_of(const persona::Character& character);

// read_spoken of the interlocutor, but empty where the line is longer than kMostQuestionWords
// (kTooLong) or holds a run of `life` (kRecites).
[[nodiscard]] SpokenText read_question(std::string_view written, const Encounter& met,
                                       const KnownRuns& life);

constexpr std::size_t kMostQuestionWords = 60;
// Six words in a row are hardly ever chance: of the cast's own questions not one in five hundred
// holds such a run of its sheet.
constexpr std::size_t kRecitedRun = 6;

}  // namespace dramatis::dataset
