// A troupe, a character and a model that writes -> questions and answers.
#include "dataset/exchanges.h"

#include <algorithm>

#include <fmt/format.h>

#include "dataset/answer.h"
#include "dataset/digest.h"
#include "dataset/encounter.h"
#include "dataset/record.h"
#include "text/digest.h"

namespace dramatis::dataset {

using text::Json;
using text::JsonArray;
using text::JsonObject;

// An item on its way.
struct ExchangeMaker::Draft {
  Encounter met{};
  std::string question{};
  std::string answer{};
  std::vector<Drop> drops{};
  std::vector<Refusal> refusals{};
  Cost cost{};
};

namespace {

// kMostQuestionWords and some.
constexpr int kQuestionTokens = 120;

enum class Step : std::uint64_t { kQuestion, kAnswer };

// Another one for each item, step and attempt; halved, it is within what every service takes.
std::uint64_t seed_of(std::uint64_t seed, std::uint64_t n, Step step, std::size_t attempt) {
  return seed ^ (0x9E3779B97F4A7C15ULL * (8 * (n + 1) + 4 * static_cast<std::uint64_t>(step) + 1) +
                 0xBF58476D1CE4E5B9ULL * attempt);
}

void take(std::vector<Drop>&& from, std::vector<Drop>& to) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

std::string digest(const ExchangeRecipe& recipe, const persona::Cast& cast, const Writer& questions,
                   const Writer& answers) {
  std::string all = fmt::format(
      "exchanges 1\n{}\n{}\n{}\n{}\n{}\n{}\n{} {} {}\n{}\n{}\n{}\n", recipe.character, recipe.seed,
      recipe.examples, recipe.tries, recipe.question_temperature, recipe.answer_temperature,
      recipe.gates.least_words, recipe.gates.most_words, recipe.gates.recited,
      questions.model().name(), answers.model().name(), digest(cast));
  for (const auto& troupe : cast.troupes) {
    all += troupe.world + "\n";
    for (const auto& one : troupe.interlocutors) {
      all += fmt::format("{}\t{}\t", one.name, one.role);
      for (const auto& word : one.manner) all += word + "\t";
    }
  }
  return text::sha256(all);
}

ExchangeMaker::ExchangeMaker(const ExchangeRecipe& recipe, const persona::Character& character,
                             const persona::World& world, const persona::Troupe& troupe,
                             Gates gates, const prompt::Examples& examples, Writer& questions,
                             Writer& answers)
    : recipe_(recipe),
      character_(character),
      world_(world),
      troupe_(troupe),
      gates_(std::move(gates)),
      life_(life_of(character), kRecitedRun),
      examples_(examples),
      questions_(questions),
      answers_(answers) {}

Result<ExchangeMaker> ExchangeMaker::make(const ExchangeRecipe& recipe, const persona::Cast& cast,
                                          const prompt::Examples& examples, Writer& questions,
                                          Writer& answers) {
  DRAMATIS_TRY(auto gates, Gates::make(cast, recipe.character, recipe.gates));
  const auto& character = cast.find_member(recipe.character)->sheet;
  const auto* const troupe = cast.find_troupe(character.world);
  if (troupe == nullptr) {
    return fail(
        ErrorCode::kNotFound,
        fmt::format("The world {0} has no troupe; write {0}/troupe.yaml.", character.world));
  }
  return ExchangeMaker(recipe, character, *cast.find_world(character.world), *troupe,
                       std::move(gates), examples, questions, answers);
}

Status ExchangeMaker::ask(std::uint64_t n, Draft& draft, const std::stop_token& stop) const {
  for (std::size_t attempt = 0; attempt < recipe_.tries && draft.question.empty(); ++attempt) {
    lm::Sampling how;
    how.temperature = recipe_.question_temperature;
    how.max_tokens = kQuestionTokens;
    how.seed = seed_of(recipe_.seed, n, Step::kQuestion, attempt) >> 1;
    DRAMATIS_TRY(const auto written,
                 questions_.write({.prompt = question_prompt(draft.met, world_, character_),
                                   .how = std::move(how)},
                                  stop));
    draft.cost += written.cost;
    auto read = read_question(written.text, draft.met, life_);
    if (written.cut && !read.words.empty())
      read.drops.push_back({.reason = DropReason::kCut, .text = std::exchange(read.words, {})});
    draft.question = std::move(read.words);
    take(std::move(read.drops), draft.drops);
  }
  return {};
}

Status ExchangeMaker::answer(std::uint64_t n, Draft& draft, const std::stop_token& stop) const {
  DRAMATIS_TRY(const auto near, examples_.nearest(character_.id, {.message = draft.question,
                                                                  .count = recipe_.examples}));
  for (std::size_t attempt = 0; attempt < recipe_.tries && draft.answer.empty(); ++attempt) {
    DRAMATIS_TRY(auto prompt, answer_prompt(draft.met, draft.question, world_, character_, near,
                                            answers_.model()));
    lm::Sampling how;
    how.temperature = recipe_.answer_temperature;
    how.max_tokens = kAnswerTokens;
    how.seed = seed_of(recipe_.seed, n, Step::kAnswer, attempt) >> 1;
    DRAMATIS_TRY(const auto written,
                 answers_.write({.prompt = std::move(prompt), .how = std::move(how)}, stop));
    draft.cost += written.cost;
    auto read = read_spoken(written.text, character_.name);
    take(std::move(read.drops), draft.drops);
    if (read.words.empty()) continue;
    auto refusal = gates_.judge({.id = std::to_string(n),
                                 .question = draft.question,
                                 .answer = read.words,
                                 .other = draft.met.who.name});
    if (refusal.gate.empty()) {
      draft.answer = std::move(read.words);
    } else {
      draft.refusals.push_back(std::move(refusal));
    }
  }
  return {};
}

Result<JsonObject> ExchangeMaker::item(std::uint64_t n, const std::stop_token& stop) const {
  Draft draft;
  DRAMATIS_TRY(draft.met, draw_encounter(troupe_, world_, character_, recipe_.seed, n));
  DRAMATIS_DO(ask(n, draft, stop));
  if (!draft.question.empty()) DRAMATIS_DO(answer(n, draft, stop));
  JsonArray manner;
  for (const auto& word : draft.met.who.manner) manner.emplace_back(word);
  JsonObject record{{"who", draft.met.who.name},
                    {"role", draft.met.who.role},
                    {"manner", std::move(manner)},
                    {"place", draft.met.place},
                    {"emotion", draft.met.emotion},
                    {"reason", draft.met.reason},
                    {"acquaintance", draft.met.acquaintance}};
  if (!draft.met.about.empty()) record.emplace_back("about", draft.met.about);
  if (!draft.question.empty()) record.emplace_back("question", draft.question);
  if (!draft.answer.empty()) record.emplace_back("answer", draft.answer);
  record.emplace_back("drops", json_of(draft.drops));
  record.emplace_back("refusals", json_of(draft.refusals));
  record.emplace_back("cost", json_of(draft.cost));
  return record;
}

Result<Reanswer> ExchangeMaker::answer_again(const ExchangeItem& asked,
                                             const std::stop_token& stop) const {
  Draft draft{.met = asked.met, .question = asked.made.question};
  DRAMATIS_DO(answer(asked.item, draft, stop));
  return Reanswer{.answer = std::move(draft.answer), .refusals = std::move(draft.refusals)};
}

Result<std::vector<ExchangeItem>> read_exchange_items(const std::vector<Json>& records) {
  std::map<std::int64_t, ExchangeItem> items;
  for (const auto& record : records) {
    DRAMATIS_TRY(const auto number, item_of(record));
    if (!number) continue;
    ExchangeItem item{.item = static_cast<std::uint64_t>(*number)};
    item.made = {.id = std::to_string(*number),
                 .question = text_in(record, "question"),
                 .answer = text_in(record, "answer"),
                 .other = text_in(record, "who")};
    item.met.who = {.name = item.made.other,
                    .role = text_in(record, "role"),
                    .manner = list_in(record, "manner")};
    item.met.emotion = text_in(record, "emotion");
    item.met.place = text_in(record, "place");
    item.met.reason = text_in(record, "reason");
    item.met.acquaintance = text_in(record, "acquaintance");
    item.met.about = text_in(record, "about");
    if (!item.made.question.empty() && !item.made.answer.empty())
      items.emplace(*number, std::move(item));
  }
  std::vector<ExchangeItem> all;
  for (auto& [n, item] : items) all.push_back(std::move(item));
  return all;
}

Result<std::vector<Made>> read_exchanges(const std::vector<Json>& records) {
  DRAMATIS_TRY(auto items, read_exchange_items(records));
  std::vector<Made> all;
  for (auto& item : items) all.push_back(std::move(item.made));
  return all;
}

}  // namespace dramatis::dataset
