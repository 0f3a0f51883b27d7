// The port for what a run has made: where its records are kept, and who makes which of its items.
// One process keeps them in a folder; workers on several machines share a database.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "dataset/writer.h"
#include "text/json.h"

namespace dramatis::dataset {

// One step of one character's data.
struct StepKey {
  std::string character{};  // id
  std::string step{};       // "exchanges"
};

struct StepPlan {
  std::string recipe{};     // a digest of all that the items depend on
  std::uint64_t count = 0;  // items 0 to count - 1
};

enum class Left : std::uint8_t {
  kItem,     // one that is now the caller's
  kOthers,   // none, but others are not done with theirs
  kNothing,  // none
};
struct Claim {
  Left left = Left::kNothing;
  std::uint64_t item = 0;
};

enum class Kept : std::uint8_t {
  kYes,
  kNo,  // somebody else had made the item meanwhile: their record stays
};

// A step that is being made. Thread-safe. Errors of all: those of its disk or database.
class Book {
 public:
  Book() = default;
  Book(const Book&) = delete;
  Book& operator=(const Book&) = delete;
  virtual ~Book() = default;

  [[nodiscard]] virtual std::uint64_t count() const = 0;
  // How many items of the count are made, by whomever.
  [[nodiscard]] virtual Result<std::uint64_t> made() = 0;
  // The first item that nobody has made or is making; it is the caller's until it is kept or given
  // back, or until its lease has ended.
  [[nodiscard]] virtual Result<Claim> claim() = 0;
  // Lasting when it returns.
  [[nodiscard]] virtual Result<Kept> keep(std::uint64_t item, const text::JsonObject& record) = 0;
  [[nodiscard]] virtual Status give_back(std::uint64_t item) = 0;
  // Leases of what was claimed are to be renewed so often; 0: they do not end.
  [[nodiscard]] virtual std::chrono::milliseconds pulse() const = 0;
  [[nodiscard]] virtual Status renew() = 0;
};

// How many are at work elsewhere or here, and on how many items.
struct Hands {
  std::uint64_t workers = 0;
  std::uint64_t items = 0;
};

// The records of one run; it outlives its books. Thread-safe.
class Archive {
 public:
  Archive() = default;
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;
  virtual ~Archive() = default;

  // Errors: kConflict where the step was made by another recipe, or where another process has what
  // only one may have; kCorrupt for records that are none.
  [[nodiscard]] virtual Result<std::unique_ptr<Book>> open(const StepKey& key,
                                                           const StepPlan& plan) = 0;
  // The step's records in the order of their items, whoever may be making more; the first, its
  // head, names the recipe. None where there is no such step.
  [[nodiscard]] virtual Result<std::vector<text::Json>> read(const StepKey& key) const = 0;
  // What was made goes beside, under a name that nothing reads, and nothing is spent yet.
  [[nodiscard]] virtual Status put_aside(const std::vector<StepKey>& steps) = 0;
  // Adds the talks (talk_record) that are not there yet to the step "talks"; how many they were.
  // Errors: kOverBudget past kMaxTalks.
  [[nodiscard]] virtual Result<std::size_t> add_talks(
      const std::string& character, const std::vector<text::JsonObject>& talks) = 0;
  // What the steps have cost.
  [[nodiscard]] virtual Result<Cost> spent(const std::vector<StepKey>& steps) const = 0;
  [[nodiscard]] virtual Result<Hands> hands() const = 0;
  // Where all workers pay; null: there is one, which keeps its own purse.
  [[nodiscard]] virtual Till* till() = 0;
  // For people.
  [[nodiscard]] virtual std::string place() const = 0;
};

// What every archive says of a step that was made by another recipe, and of talks past kMaxTalks.
[[nodiscard]] Error made_otherwise(const std::string& place);
[[nodiscard]] Error too_many_talks();

}  // namespace dramatis::dataset
