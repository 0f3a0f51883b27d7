// A troupe, a character and a model that writes -> questions and answers, item by item.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "dataset/encounter.h"
#include "dataset/gates.h"
#include "dataset/record.h"
#include "dataset/run.h"
#include "dataset/writer.h"
#include "persona/cast.h"
#include "prompt/examples.h"

namespace dramatis::dataset {

// What a run of exchanges depends on, beside the models that write.
struct ExchangeRecipe {
  std::string character{};  // id
  std::uint64_t seed = 1;
  std::size_t examples = 4;  // curated ones that the answer's writer sees
  std::size_t tries = 3;     // of a question, and of its answer
  double question_temperature = 1.0;
  double answer_temperature = 0.7;
  GateOptions gates{};
};

// Everything that a recipe's items depend on, as a digest: the recipe, the cast's bytes, the
// troupe, the names of the models.
[[nodiscard]] std::string digest(const ExchangeRecipe& recipe, const persona::Cast& cast,
                                 const Writer& questions, const Writer& answers);

// An exchange as a journal has it.
struct ExchangeItem {
  std::uint64_t item = 0;
  Encounter met{};
  Made made{};
};

struct Reanswer {
  std::string answer{};  // empty: all that was written was refused
  std::vector<Refusal> refusals{};
};

// One item: an encounter, its question and its answer, or why there is none. Errors: kNotFound for
// a character without a troupe; those of the writers.
class ExchangeMaker {
 public:
  // All of it outlives the maker. Errors: kNotFound where cast, world or troupe lack.
  [[nodiscard]] static Result<ExchangeMaker> make(const ExchangeRecipe& recipe,
                                                  const persona::Cast& cast,
                                                  const prompt::Examples& examples,
                                                  Writer& questions, Writer& answers);

  // {"who","role","manner","place","emotion","reason","acquaintance","about"?,"question"?,
  //  "answer"?,"drops","refusals","cost"} (record.h). The same item and the same answers of the
  // models give the same record. Thread-safe.
  [[nodiscard]] Result<text::JsonObject> item(std::uint64_t n, const std::stop_token& stop) const;

  // What is answered to the question of an item now, with the examples as they are now.
  // Thread-safe.
  [[nodiscard]] Result<Reanswer> answer_again(const ExchangeItem& asked,
                                              const std::stop_token& stop) const;

 private:
  ExchangeMaker(const ExchangeRecipe& recipe, const persona::Character& character,
                const persona::World& world, const persona::Troupe& troupe, Gates gates,
                const prompt::Examples& examples, Writer& questions, Writer& answers);

  struct Draft;
  [[nodiscard]] Status ask(std::uint64_t n, Draft& draft, const std::stop_token& stop) const;
  [[nodiscard]] Status answer(std::uint64_t n, Draft& draft, const std::stop_token& stop) const;

  ExchangeRecipe recipe_;
  const persona::Character& character_;
  const persona::World& world_;
  const persona::Troupe& troupe_;
  Gates gates_;
  KnownRuns life_;
  const prompt::Examples& examples_;
  Writer& questions_;
  Writer& answers_;
};

// The exchanges that a journal's records hold, in the order of their items; items without question
// or answer are none. Errors: kCorrupt naming the record.
[[nodiscard]] Result<std::vector<ExchangeItem>> read_exchange_items(
    const std::vector<text::Json>& records);
[[nodiscard]] Result<std::vector<Made>> read_exchanges(const std::vector<text::Json>& records);

}  // namespace dramatis::dataset
