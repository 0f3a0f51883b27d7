// Numbered items of work -> their records in an archive: several at once, never one twice, whatever
// stops the program in between, and however many workers share the archive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stop_token>

#include "base/result.h"
#include "dataset/archive.h"
#include "dataset/writer.h"

namespace dramatis::dataset {

// Makes item `n`. What it gives depends on `n` and on what the writer answers alone. An error ends
// the run; what a model wrote badly is no error but part of the record.
using MakeItem = std::function<Result<text::JsonObject>(std::uint64_t n, std::stop_token stop)>;

struct RunOptions {
  std::size_t at_once = 4;  // items that are made at the same time
  // A model or an archive that cannot be reached, takes too long or answers nonsense is asked again
  // so often, after pauses that double.
  std::size_t tries = 6;
  std::chrono::milliseconds pause{500};
  // Where others are not done with the last items: how long until it is looked again.
  std::chrono::milliseconds look{500};
};

enum class RunEnd { kWhole, kStopped, kSpent };

struct RunState {
  std::uint64_t made = 0;    // items in the archive, by whomever
  std::uint64_t before = 0;  // of which so many were there when this start began
  std::uint64_t all = 0;
  double seconds = 0;       // of this start
  double seconds_left = 0;  // at this start's pace; 0 where that is not known yet
};
// Called after each item, by one thread at a time.
using RunProgress = std::function<void(const RunState&)>;

// Makes every item that nobody has made, and waits for those that others make. Each record is what
// MakeItem gave, with "item". Errors: whatever an item or the archive failed with, the others of
// its time kept. `stop` ends it after what is under way was given up.
[[nodiscard]] Result<RunEnd> run(const RunOptions& options, const MakeItem& make,
                                 const Purse& purse, Book& book, const RunProgress& progress,
                                 std::stop_token stop);

}  // namespace dramatis::dataset
