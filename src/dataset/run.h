// Numbered items of work -> their records in a journal: several at once, never one twice, whatever
// stops the program in between.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "dataset/writer.h"
#include "text/journal.h"

namespace dramatis::dataset {

// Makes item `n`. What it gives depends on `n` and on what the writer answers alone. An error ends
// the run; what a model wrote badly is no error but part of the record.
using MakeItem = std::function<Result<text::JsonObject>(std::uint64_t n, std::stop_token stop)>;

struct RunOptions {
  std::string recipe{};     // a digest of all that the items depend on
  std::uint64_t count = 0;  // items 0 to count - 1
  std::size_t at_once = 4;  // items that are made at the same time
  // A model that cannot be reached is asked again so often, after pauses that double.
  std::size_t tries = 6;
  std::chrono::milliseconds pause{500};
};

enum class RunEnd { kWhole, kStopped, kSpent };

struct RunState {
  std::uint64_t made = 0;    // items in the journal
  std::uint64_t before = 0;  // of which an earlier start made so many
  std::uint64_t all = 0;
  double seconds = 0;       // of this start
  double seconds_left = 0;  // at this start's pace; 0 where that is not known yet
};
// Called after each item, by one thread at a time.
using RunProgress = std::function<void(const RunState&)>;

// Makes every item that the journal does not hold yet. Its first record names the recipe; each
// other is what MakeItem gave, with "item". Errors: kConflict where the journal is of another
// recipe; kCorrupt where a record has no item; whatever an item or the journal failed with, the
// others of its time kept. `stop` ends it after what is under way was given up.
[[nodiscard]] Result<RunEnd> run(const RunOptions& options, const MakeItem& make,
                                 const Writer& writer, text::Journal& journal,
                                 const RunProgress& progress, std::stop_token stop);

}  // namespace dramatis::dataset
