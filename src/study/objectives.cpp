// Words that an objective alone has, and words of consent and refusal.
#include "study/objectives.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "base/check.h"
#include "signs/words.h"
#include "study/subject_words.h"

namespace dramatis::study {
namespace {

// A line that has so many words of an objective speaks of it; one may be chance.
constexpr std::size_t kKeysOfSubject = 2;

// Told before consent: "I will not" begins like "I will".
constexpr std::array<signs::Phrase, 19> kRefusing{
    "i will not",   "i shall not", "i can not",   "i cannot",        "i refuse",
    "i forbid",     "not while i", "you ask too", "never will i",    "that will never",
    "out of my",    "i would not", "not for all", "you shall not",   "you will not have",
    "nobody wants", "a fool's",    "no one will", "i do not believe"};
constexpr std::array<signs::Phrase, 33> kConsenting{
    "i will help",  "i shall help",  "i can help",   "i promise",      "i swear",
    "i agree",      "agreed",        "you have my",  "you shall have", "i give you",
    "i will give",  "i shall give",  "it is yours",  "a bargain",      "gladly",
    "i will speak", "i shall speak", "i will bring", "i shall bring",  "i will buy",
    "i will take",  "i shall take",  "i will come",  "i will see",     "i shall see",
    "count on me",  "i stand with",  "i will stand", "i believe you",  "i will pay",
    "i shall pay",  "here is",       "take this"};

struct Objective {
  std::string name{};
  std::set<std::string> of_name{};  // one of these alone is enough
  std::set<std::string> keys{};
};

std::vector<Objective> objectives_of(const persona::Character& sheet) {
  std::vector<Objective> all;
  for (const auto& note : sheet.objectives)
    all.push_back(
        {note.name, subject_words(note.name), subject_words(note.name + " " + note.text)});
  if (!sheet.success.empty()) all.push_back({"success", {}, subject_words(sheet.success)});
  std::map<std::string, std::size_t> spread;
  for (const auto& one : all) {
    for (const auto& word : one.keys) ++spread[word];
  }
  const auto shared = [&spread](const std::string& word) { return spread.at(word) > 1; };
  for (auto& one : all) {
    std::erase_if(one.keys, shared);
    std::erase_if(one.of_name, shared);
  }
  return all;
}

bool speaks_of(const Objective& objective, const std::set<std::string>& said) {
  const auto in = [&said](const std::set<std::string>& words) {
    return static_cast<std::size_t>(
        std::ranges::count_if(words, [&said](const auto& word) { return said.contains(word); }));
  };
  return in(objective.of_name) > 0 || in(objective.keys) >= kKeysOfSubject;
}

bool has_phrase(std::span<const signs::Word> words, std::span<const signs::Phrase> phrases) {
  return std::ranges::any_of(phrases, [words](const signs::Phrase phrase) {
    return signs::find_phrase(words, phrase).has_value();
  });
}

Moved tone_of(std::string_view text) {
  const auto words = signs::written_out(text);
  if (has_phrase(words, kRefusing)) return Moved::kHindered;
  return has_phrase(words, kConsenting) ? Moved::kFurthered : Moved::kRaised;
}

// What one line does to the objectives of one other. `before`: the owner's words in the line before
// it, where it was the owner's.
void moves_of(const arena::Line& line, const std::vector<Objective>& objectives,
              const std::set<std::string>& before, Move move, std::vector<Move>& out) {
  const auto said = subject_words(line.text);
  move.moved = tone_of(line.text);
  for (const auto& objective : objectives) {
    const bool takes_up = move.moved != Moved::kRaised && speaks_of(objective, before);
    if (!takes_up && !speaks_of(objective, said)) continue;
    move.objective = objective.name;
    out.push_back(move);
  }
}

}  // namespace

std::string_view print(Moved moved) {
  switch (moved) {
    case Moved::kRaised:
      return "raised";
    case Moved::kFurthered:
      return "furthered";
    case Moved::kHindered:
      return "hindered";
  }
  return "raised";
}

std::vector<Move> moves_in(const arena::Talk& talk,
                           std::span<const persona::Character* const> sheets) {
  DRAMATIS_CHECK(sheets.size() == talk.participants.size());
  std::vector<std::vector<Objective>> objectives;
  for (const auto* const sheet : sheets)
    objectives.push_back(sheet == nullptr ? std::vector<Objective>{} : objectives_of(*sheet));
  std::vector<Move> moves;
  for (std::size_t n = 0; n < talk.lines.size(); ++n) {
    const arena::Line& line = talk.lines[n];
    for (std::size_t owner = 0; owner < sheets.size(); ++owner) {
      if (owner == line.speaker) continue;
      const bool answers = n > 0 && talk.lines[n - 1].speaker == owner;
      const auto before = answers ? subject_words(talk.lines[n - 1].text) : std::set<std::string>{};
      moves_of(line, objectives[owner], before, {.line = n, .mover = line.speaker, .owner = owner},
               moves);
    }
  }
  return moves;
}

text::JsonObject json_of(const Move& move, const arena::Talk& talk) {
  return {{"line", move.line},
          {"mover", talk.participants[move.mover].name},
          {"owner", talk.participants[move.owner].name},
          {"objective", move.objective},
          {"moved", print(move.moved)}};
}

}  // namespace dramatis::study
