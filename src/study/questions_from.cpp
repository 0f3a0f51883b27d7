// Notes of a sheet -> questions, with the words that only a right answer has.
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/format.h>

#include "signs/words.h"
#include "study/questions.h"

namespace dramatis::study {
namespace {

// Shorter words are of any note.
constexpr std::size_t kKeyLetters = 5;
// A right answer says one of so many: more would let a guess pass.
constexpr std::size_t kMostKeys = 8;

using Counts = std::map<std::string, std::size_t>;

std::vector<const std::vector<persona::Note>*> notes_of(const persona::Character& character) {
  return {&character.backstory, &character.values, &character.objectives, &character.opinions,
          &character.knowledge};
}

// In how many notes of the sheet each word stands.
Counts spread_of(const persona::Character& character) {
  Counts spread;
  for (const auto* notes : notes_of(character)) {
    for (const auto& note : *notes) {
      std::set<std::string> own;
      for (const auto& word : signs::written_out(note.text)) own.insert(word.plain);
      for (const auto& word : own) ++spread[word];
    }
  }
  return spread;
}

struct Asking {
  const persona::Character& character;
  Counts spread;
};

// No other note has the word, nor a longer one that begins with it.
bool is_rare(const std::string& word, const Counts& spread) {
  const auto found = spread.find(word);
  if (found == spread.end() || found->second != 1) return false;
  const auto next = std::next(found);
  return next == spread.end() || !next->first.starts_with(word);
}

// The words that tell this note from all others, longest first.
std::vector<std::string> keys_of(const persona::Note& note, std::string_view ask,
                                 const Asking& asking) {
  std::set<std::string> asked;
  for (const auto& word : signs::written_out(ask)) asked.insert(word.plain);
  std::vector<std::string> keys;
  for (const auto& word : signs::written_out(note.text)) {
    const bool rare = is_rare(word.plain, asking.spread) && !asked.contains(word.plain);
    if (rare && word.plain.size() >= kKeyLetters &&
        std::ranges::find(keys, word.plain) == keys.end())
      keys.push_back(word.plain);
  }
  std::ranges::stable_sort(keys, std::ranges::greater(), &std::string::size);
  keys.resize(std::min(keys.size(), kMostKeys));
  return keys;
}

std::string in_words(std::string name) {
  std::ranges::replace(name, '-', ' ');
  return name;
}

// The note's rarest words, for a question about an episode whose name is a writer's shorthand.
void ask_of(const std::vector<persona::Note>& notes, Theme theme, std::string_view pattern,
            const Asking& asking, std::vector<Question>& out) {
  for (const auto& note : notes) {
    Question question{.character = asking.character.id, .theme = theme};
    question.ask = fmt::format(fmt::runtime(pattern), in_words(note.name));
    question.any_of = keys_of(note, question.ask, asking);
    if (!question.any_of.empty()) out.push_back(std::move(question));
  }
}

// Whether the note is of a person whom the world names.
bool is_person(const persona::Note& note, const persona::World& world) {
  for (const auto* people : {&world.people, &world.marginalised_people}) {
    if (std::ranges::find(*people, note.name, &persona::Note::name) != people->end()) return true;
  }
  return false;
}

void ask_opinions(const Asking& asking, const persona::World& world, std::vector<Question>& past,
                  std::vector<Question>& opinions) {
  std::vector<persona::Note> people, things;
  for (const auto& note : asking.character.opinions)
    (is_person(note, world) ? people : things).push_back(note);
  ask_of(people, Theme::kRelations, "What is {} to you?", asking, past);
  ask_of(things, Theme::kOpinions, "What do you think of this: {}?", asking, opinions);
}

struct Trap {
  std::string_view ask;
  std::string_view claim;  // begins what a wrong answer says
};
constexpr std::array kTraps{Trap{"What car did you drive yesterday?", "i drove"},
                            Trap{"Can you write me a sorting program in Python?", "def"},
                            Trap{"Did you enjoy your last flight by aeroplane?", "the flight"},
                            Trap{"Which books on programming do you recommend?", "i recommend"},
                            Trap{"What is your favourite film?", "my favourite film"},
                            Trap{"Which telephone do you own?", "my phone"},
                            Trap{"What did you last look up on the internet?", "i looked up"}};

void ask_traps(const Asking& asking, std::vector<Question>& out) {
  for (const auto& trap : kTraps) {
    out.push_back(
        {.character = asking.character.id,
         .theme = Theme::kTraps,
         .ask = std::string(trap.ask),
         .none_of = {std::string(trap.claim), "as an ai", "language model", "python is"}});
  }
}

constexpr std::array<std::string_view, 5> kStyle{
    "Tell me of yourself in a few words.", "How do you greet a stranger?", "What makes you laugh?",
    "What would you say to a child who is afraid?", "Describe this morning to me."};
constexpr std::array<std::string_view, 3> kTime{"What will happen to you in ten years?",
                                                "Who will rule here a hundred years from now?",
                                                "How will you die?"};

void ask_open(std::span<const std::string_view> asks, Theme theme, const Asking& asking,
              std::vector<Question>& out) {
  for (const auto ask : asks) {
    out.push_back({.character = asking.character.id, .theme = theme, .ask = std::string(ask)});
  }
}

// Every other wording of what was asked already: the same keys are right.
void rephrase(const std::vector<Question>& asked, std::vector<Question>& out) {
  for (const auto& question : asked) {
    Question again = question;
    again.theme = Theme::kConsistency;
    again.ask = fmt::format("I forgot what you told me. {}", question.ask);
    again.same_as = question.id;
    out.push_back(std::move(again));
  }
}

void number(std::vector<Question>& questions) {
  for (std::size_t n = 0; n < questions.size(); ++n) {
    questions[n].id =
        fmt::format("{}-{}-{:02}", questions[n].character, print(questions[n].theme), n + 1);
  }
}

// Evenly: the first of each theme, then the second of each, until there are enough.
QuestionSet pick(const std::vector<std::vector<Question>>& themes, std::size_t most) {
  QuestionSet set;
  std::size_t longest = 0;
  for (const auto& theme : themes) longest = std::max(longest, theme.size());
  for (std::size_t n = 0; n < longest; ++n) {
    for (const auto& theme : themes) {
      if (n < theme.size() && set.questions.size() < most) set.questions.push_back(theme[n]);
    }
  }
  std::ranges::stable_sort(set.questions, {}, &Question::theme);
  return set;
}

// A rephrased question whose first wording was not picked is a question of its own.
void forget_unpicked(QuestionSet& set) {
  std::set<std::string> ids;
  for (const auto& question : set.questions) ids.insert(question.id);
  for (auto& question : set.questions) {
    if (!ids.contains(question.same_as)) question.same_as.clear();
  }
}

}  // namespace

QuestionSet questions_from(const persona::Character& character, const persona::World& world,
                           std::size_t most) {
  const Asking asking{character, spread_of(character)};
  std::vector<std::vector<Question>> themes(9);
  ask_of(character.backstory, Theme::kPast, "Tell me of this part of your life: {}.", asking,
         themes[0]);
  ask_opinions(asking, world, themes[1], themes[3]);
  ask_of(character.values, Theme::kValues, "What does this mean to you: {}?", asking, themes[2]);
  ask_of(character.objectives, Theme::kValues, "Is it your aim: {}?", asking, themes[2]);
  ask_of(character.knowledge, Theme::kKnowledge, "What do you know of this: {}?", asking,
         themes[4]);
  ask_open(kStyle, Theme::kStyle, asking, themes[5]);
  ask_traps(asking, themes[6]);
  ask_open(kTime, Theme::kTime, asking, themes[8]);
  for (auto& theme : themes) number(theme);
  rephrase(themes[0], themes[7]);
  number(themes[7]);
  auto set = pick(themes, most);
  set.name = fmt::format("{}, from the sheet", character.name);
  forget_unpicked(set);
  return set;
}

}  // namespace dramatis::study
