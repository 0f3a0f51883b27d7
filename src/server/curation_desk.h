// Exchanges that a model wrote, shown to writers, who make them better; and what a model makes of
// that.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "dataset/curation.h"
#include "dataset/recipe.h"
#include "dialogue/models.h"
#include "prompt/examples.h"
#include "server/sheet_desk.h"

namespace dramatis::server {

// A data set of exchanges: a folder that `dramatis dataset make` wrote.
struct DataSet {
  std::string name{};                     // of the folder
  std::vector<std::string> characters{};  // of the cast, who have exchanges there
};

// Thread-safe. Others may write in the folder meanwhile.
class CurationDesk {
 public:
  // What it is given outlives it. `folder` holds the folders of data sets.
  CurationDesk(std::filesystem::path folder, SheetDesk& sheets, const prompt::Examples& examples,
               const dialogue::Models& models, const Clock& clock)
      : folder_(std::move(folder)),
        sheets_(sheets),
        examples_(examples),
        models_(models),
        clock_(clock) {}

  // Whose exchanges.
  struct Which {
    std::string set{};
    std::string character{};
  };
  // One of them, and of how many.
  struct Pair {
    dataset::ExchangeItem item{};
    std::size_t of = 0;
  };

  // By name, at most kMaxDataSets; none where there is no folder. Errors: kUnavailable.
  [[nodiscard]] Result<std::vector<DataSet>> list() const;
  // Any of them. Errors: kNotFound where there is no such set, nobody of that id, or no exchange;
  // kCorrupt naming the line; kOverBudget past text::kMaxJournalBytes.
  [[nodiscard]] Result<Pair> draw(const Which& which) const;
  // What the model called `model` (empty: the first) answers to the question now, with the examples
  // as they are now. Errors: the same, for the item, too; those of the model.
  [[nodiscard]] Result<dataset::Reanswer> answer_again(const Which& which, std::uint64_t item,
                                                       const std::string& model,
                                                       const std::stop_token& stop) const;

  struct Kept {
    std::size_t conversations = 0;  // in the character's dialogues, with the new one
    bool preference = false;        // whether one was kept, too
  };
  // `edited` becomes an example of the character, played at once; where it is not what was shown,
  // also a preference beside the journals. `shown` empty: the journal's answer. Errors: those of
  // draw; kInvalidArgument with the author's own rule that forbids the line.
  [[nodiscard]] Result<Kept> keep(const Which& which, std::uint64_t item, const std::string& shown,
                                  const std::string& edited);

 private:
  [[nodiscard]] Result<std::vector<dataset::ExchangeItem>> read(const Which& which) const;
  [[nodiscard]] Result<dataset::ExchangeItem> find(const Which& which, std::uint64_t item) const;
  [[nodiscard]] Result<dataset::DataRecipe> recipe_of(const std::string& set) const;

  const std::filesystem::path folder_;
  SheetDesk& sheets_;
  const prompt::Examples& examples_;
  const dialogue::Models& models_;
  const Clock& clock_;
  std::mutex keeping_;  // one example at a time
};

}  // namespace dramatis::server
