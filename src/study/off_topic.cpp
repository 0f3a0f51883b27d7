// Runs of words, and words that are of a subject.
#include "study/off_topic.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "signs/sheet_words.h"
#include "signs/sign.h"
#include "signs/words.h"
#include "study/limits.h"
#include "study/subject_words.h"
#include "text/yaml.h"

namespace dramatis::study {
namespace {

// Eight words in a row: a saying may come word for word, an episode may not.
constexpr std::size_t kRecitedRun = 8;
constexpr std::array<std::string_view, 12> kPlainAnswers{"yes",   "no",     "aye",       "nay",
                                                         "never", "always", "certainly", "surely",
                                                         "often", "once",   "perhaps",   "gladly"};
// Said of two things that were offered.
constexpr std::array<std::string_view, 7> kChoices{"first",   "second", "former", "latter",
                                                   "neither", "both",   "either"};

std::set<std::string> runs_of(std::span<const signs::Word> words) {
  std::set<std::string> runs;
  for (std::size_t n = 0; n + kRecitedRun <= words.size(); ++n) {
    std::string run;
    for (const auto& word : words.subspan(n, kRecitedRun)) run.append(word.plain).append(" ");
    runs.insert(std::move(run));
  }
  return runs;
}

bool recites(std::string_view reply, const persona::Character& character,
             const persona::World& world) {
  const auto said = runs_of(signs::words_of(reply));
  if (said.empty()) return false;
  auto told = runs_of(signs::words_of(signs::told(character, &world)));
  for (const auto& saying : character.sayings) {
    for (const auto& run : runs_of(signs::words_of(saying))) told.erase(run);
  }
  return std::ranges::any_of(said, [&told](const std::string& run) { return told.contains(run); });
}

bool is_one_of(std::string_view reply, const std::vector<std::string>& lines) {
  return std::ranges::find(lines, reply) != lines.end();
}

bool is_choice(std::span<const signs::Word> words, std::string_view question) {
  const auto asked = signs::words_of(question);
  if (std::ranges::find(asked, "or", &signs::Word::plain) == asked.end()) return false;
  if (words.size() > 1 && words.front().plain == "the") words = words.subspan(1);
  return !words.empty() && std::ranges::find(kChoices, words.front().plain) != kChoices.end();
}

bool takes_up(std::string_view reply, std::string_view question) {
  const auto words = signs::words_of(reply);
  if (!words.empty() &&
      std::ranges::find(kPlainAnswers, words.front().plain) != kPlainAnswers.end())
    return true;
  if (is_choice(words, question)) return true;
  const auto asked = subject_words(question, kLeastSubjectLetters);
  const auto said = subject_words(reply, kLeastSubjectLetters);
  return std::ranges::any_of(said,
                             [&asked](const std::string& word) { return asked.contains(word); });
}

}  // namespace

Result<std::vector<std::string>> off_topic_questions(std::string_view yaml,
                                                     std::string_view place) {
  const auto wrong = [place](int line, std::string_view why) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{}:{}: {}", place, line, why));
  };
  const auto parsed = text::parse_yaml(yaml);
  if (!parsed) return fail(parsed.error().code, fmt::format("{}: {}", place, parsed.error().what));
  const auto* list = parsed->find("questions");
  if (list == nullptr || list->kind != text::YamlNode::Kind::kList)
    return wrong(parsed->line, "Here should be a list `questions:`.");
  if (list->items.size() > kMaxQuestions)
    return fail(ErrorCode::kOverBudget,
                fmt::format("{} has more than {} questions.", place, kMaxQuestions));
  std::vector<std::string> questions;
  for (const auto& item : list->items) {
    if (item.kind != text::YamlNode::Kind::kScalar || item.scalar.empty())
      return wrong(item.line, "A question is a text.");
    questions.push_back(item.scalar);
  }
  if (questions.empty()) return fail(ErrorCode::kNotFound, fmt::format("{} asks nothing.", place));
  return questions;
}

std::string_view print(Taken taken) {
  switch (taken) {
    case Taken::kAnswered:
      return "answered";
    case Taken::kUnknown:
      return "does not know";
    case Taken::kBeside:
      return "beside the point";
    case Taken::kRecited:
      return "recites";
  }
  return "";
}

Taken taken_of(const OffTopicRow& row, const persona::Character& character,
               const persona::World& world) {
  if (is_one_of(row.reply, character.does_not_know) || is_one_of(row.reply, character.puzzled))
    return Taken::kUnknown;
  if (recites(row.reply, character, world)) return Taken::kRecited;
  const signs::Said said{.reply = row.reply, .heard = row.ask, .character = &character};
  if (!row.ended || !signs::look("assistant", said).empty()) return Taken::kBeside;
  return takes_up(row.reply, row.ask) ? Taken::kAnswered : Taken::kBeside;
}

Result<std::vector<OffTopicRow>> ask_off_topic(const persona::Cast& cast,
                                               const std::string& character,
                                               const std::vector<std::string>& questions,
                                               const Answerer& answerer,
                                               const CheckOptions& options,
                                               const std::stop_token& stop) {
  const auto* member = cast.find_member(character);
  const auto* world = member == nullptr ? nullptr : cast.find_world(member->sheet.world);
  if (world == nullptr)
    return fail(ErrorCode::kNotFound, fmt::format("'{}' is not of the cast.", character));
  std::vector<OffTopicRow> rows;
  for (const auto& question : questions) {
    DRAMATIS_TRY(auto replied,
                 ask({.world = *world,
                      .character = member->sheet,
                      .message = question,
                      .conversation = fmt::format("{}/off-topic-{}", character, rows.size())},
                     answerer, options, stop));
    OffTopicRow row{.character = character, .ask = question, .reply = replied.spoken.aloud};
    row.ended = replied.spoken.made.why == lm::StopReason::kEndOfTurn;
    row.taken = taken_of(row, member->sheet, *world);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace dramatis::study
