// An encounter -> a prompt; a model's text -> the interlocutor's line.
#include "dataset/question.h"

#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "dataset/words.h"

namespace dramatis::dataset {
namespace {

constexpr std::string_view kAsk = "The line, please.";

std::string first_sentence(std::string_view text) {
  const auto end = text.find(". ");
  return std::string(end == std::string_view::npos ? text : text.substr(0, end + 1));
}

std::vector<std::string> runs_of(const std::vector<std::string>& words, std::size_t length) {
  std::vector<std::string> runs;
  for (std::size_t n = 0; n + length <= words.size(); ++n)
    runs.push_back(
        fmt::format("{}", fmt::join(words.begin() + static_cast<std::ptrdiff_t>(n),
                                    words.begin() + static_cast<std::ptrdiff_t>(n + length), " ")));
  return runs;
}

// Takes what stands between `open` and `close` out of `text`, as often as it comes.
void take_out(std::string& text, char open, char close, std::vector<Drop>& drops) {
  for (std::size_t from = 0;;) {
    const auto opens = text.find(open, from);
    if (opens == std::string::npos) return;
    const auto closes = text.find(close, opens + 1);
    if (closes == std::string::npos) return;
    drops.push_back(
        {.reason = DropReason::kGesture, .text = text.substr(opens, closes + 1 - opens)});
    // The space before it goes along.
    const std::size_t first = opens > 0 && text[opens - 1] == ' ' ? opens - 1 : opens;
    text.erase(first, closes + 1 - first);
    from = first;
  }
}

// Whether `line` begins with somebody's name and a colon.
bool names_speaker(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon > 40) return false;
  if (line.front() < 'A' || line.front() > 'Z') return false;
  return line.substr(0, colon).find_first_of(".,!?") == std::string_view::npos &&
         words_of(line.substr(0, colon)).size() <= 4;
}

}  // namespace

lm::Prompt question_prompt(const Encounter& met, const persona::World& world,
                           const persona::Character& character) {
  std::string about;
  if (!met.about.empty()) about = fmt::format(" It is to come round to this: {}.", met.about);
  const std::string told = fmt::format(
      "You write single lines for a play. It is set in {}. {}\n\n"
      "{}, {} ({}), meets {}, {}. {} The place is {}. {} is {}, and {}.{}\n\n"
      "Write what {} says first. Only words said aloud: no name before them, no quotation marks, "
      "no "
      "gestures, nothing after them. One or two sentences, at most forty words, in the manner of "
      "somebody who is {}. {} must be able to answer. Tell {} nothing about {}'s own life, and do "
      "not "
      "explain who anybody is.",
      world.name, first_sentence(world.description), met.who.name, met.who.role,
      fmt::join(met.who.manner, ", "), character.name, character.title, met.acquaintance, met.place,
      met.who.name, met.emotion, met.reason, about, met.who.name, met.emotion, character.short_name,
      character.short_name, character.short_name);
  lm::Prompt prompt;
  prompt.messages = {{.role = lm::Role::kSystem, .text = told},
                     {.role = lm::Role::kPlayer, .text = std::string(kAsk)}};
  return prompt;
}

SpokenText read_spoken(std::string_view written, std::string_view speaker) {
  SpokenText read;
  const auto found = paragraphs(written);
  if (found.empty()) {
    read.drops.push_back({.reason = DropReason::kEmpty});
    return read;
  }
  Paragraph kept = found.front();
  if (names_speaker(kept.front()) && kept.front().find(speaker) == 0)
    kept.front().erase(0, kept.front().find(':') + 1);
  std::size_t lines = 1;
  while (lines < kept.size() && !names_speaker(kept[lines])) ++lines;
  if (lines < kept.size())
    read.drops.push_back({.reason = DropReason::kOtherSpeaker, .text = joined(kept, lines)});
  kept.resize(lines);
  std::string words = joined(kept);
  take_out(words, '*', '*', read.drops);
  take_out(words, '(', ')', read.drops);
  read.words = trimmed(without_quotes(trimmed(words)));
  for (std::size_t n = 1; n < found.size(); ++n)
    read.drops.push_back({.reason = DropReason::kProse, .text = joined(found[n])});
  if (read.words.empty())
    read.drops.push_back({.reason = DropReason::kNoWords, .text = joined(found.front())});
  return read;
}

KnownRuns::KnownRuns(std::string_view text, std::size_t length) : length_(length) {
  auto runs = runs_of(words_of(text), length);
  runs_.insert(std::make_move_iterator(runs.begin()), std::make_move_iterator(runs.end()));
}

std::string KnownRuns::find_in(std::string_view text) const {
  for (auto& run : runs_of(words_of(text), length_)) {
    if (runs_.contains(run)) return std::move(run);
  }
  return {};
}

double KnownRuns::share_of(std::string_view text) const {
  const auto runs = runs_of(words_of(text), length_);
  std::size_t known = 0;
  for (const auto& run : runs) known += runs_.contains(run) ? 1 : 0;
  return runs.empty() ? 0 : static_cast<double>(known) / static_cast<double>(runs.size());
}

std::string life_of(const persona::Character& character) {
  std::string life = character.summary + "\n";
  for (const auto* notes : {&character.backstory, &character.values, &character.objectives,
                            &character.opinions, &character.knowledge}) {
    for (const auto& note : *notes) life += note.text + "\n";
  }
  return life;
}

SpokenText read_question(std::string_view written, const Encounter& met, const KnownRuns& life) {
  auto read = read_spoken(written, met.who.name);
  const auto refuse = [&read](DropReason reason) {
    read.drops.push_back({.reason = reason, .text = std::move(read.words)});
    read.words.clear();
  };
  if (count_words(read.words) > kMostQuestionWords) {
    refuse(DropReason::kTooLong);
  } else if (!life.find_in(read.words).empty()) {
    refuse(DropReason::kRecites);
  }
  return read;
}

}  // namespace dramatis::dataset
