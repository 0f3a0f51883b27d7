// A journal for each step; what it holds is made, and its process makes the rest.
#include "dataset/folder_archive.h"

#include <algorithm>
#include <mutex>
#include <set>
#include <span>

#include <fmt/format.h>

#include "base/files.h"
#include "dataset/limits.h"
#include "dataset/record.h"
#include "text/journal.h"
#include "text/limits.h"

namespace dramatis::dataset {
namespace {

using Items = std::set<std::uint64_t>;

// Thread-safe.
class FolderBook final : public Book {
 public:
  FolderBook(text::Journal journal, Items made, std::uint64_t count)
      : journal_(std::move(journal)), made_(std::move(made)), count_(count) {}

  [[nodiscard]] std::uint64_t count() const override { return count_; }

  [[nodiscard]] Result<std::uint64_t> made() override {
    const std::lock_guard lock(mutex_);
    return static_cast<std::uint64_t>(std::distance(made_.begin(), made_.lower_bound(count_)));
  }

  [[nodiscard]] Result<Claim> claim() override {
    const std::lock_guard lock(mutex_);
    std::uint64_t item = 0;
    if (!given_back_.empty()) {
      item = given_back_.extract(given_back_.begin()).value();
    } else {
      while (made_.contains(next_)) ++next_;
      if (next_ >= count_) return Claim{};
      item = next_++;
    }
    return Claim{.left = Left::kItem, .item = item};
  }

  [[nodiscard]] Result<Kept> keep(std::uint64_t item, const text::JsonObject& record) override {
    const std::lock_guard lock(mutex_);
    if (made_.contains(item)) return Kept::kNo;
    DRAMATIS_DO(journal_.append(text::Json(record)));
    made_.insert(item);
    return Kept::kYes;
  }

  [[nodiscard]] Status give_back(std::uint64_t item) override {
    const std::lock_guard lock(mutex_);
    if (!made_.contains(item)) given_back_.insert(item);
    return {};
  }

  [[nodiscard]] std::chrono::milliseconds pulse() const override { return {}; }
  [[nodiscard]] Status renew() override { return {}; }

 private:
  std::mutex mutex_;
  text::Journal journal_;  // guarded by mutex_
  Items made_;             // guarded by mutex_
  Items given_back_;       // guarded by mutex_
  std::uint64_t next_ = 0;
  const std::uint64_t count_;
};

Result<Items> items_in(const std::vector<text::Json>& records) {
  Items items;
  for (const auto& record : std::span(records).subspan(1)) {
    DRAMATIS_TRY(const auto item, item_of(record));
    if (!item) return fail(ErrorCode::kCorrupt, "A record of the journal names no item.");
    items.insert(static_cast<std::uint64_t>(*item));
  }
  return items;
}

}  // namespace

std::filesystem::path FolderArchive::path_of(const StepKey& key) const {
  return folder_ / fmt::format("{}.{}.jsonl", key.character, key.step);
}

Status FolderArchive::make_folder() const {
  std::error_code failed;
  std::filesystem::create_directories(folder_, failed);
  if (!failed) return {};
  return fail(ErrorCode::kUnavailable,
              fmt::format("{} cannot be made: {}.", folder_.string(), failed.message()));
}

Result<std::unique_ptr<Book>> FolderArchive::open(const StepKey& key, const StepPlan& plan) {
  DRAMATIS_DO(make_folder());
  DRAMATIS_TRY(auto journal, text::Journal::open(path_of(key)));
  Items items;
  if (journal.found().empty()) {
    DRAMATIS_DO(journal.append(text::JsonObject{{"recipe", plan.recipe}}));
  } else {
    if (journal.found().front().find("recipe") == nullptr ||
        text_in(journal.found().front(), "recipe") != plan.recipe)
      return tl::unexpected(made_otherwise(path_of(key).string()));
    DRAMATIS_TRY(items, items_in(journal.found()));
  }
  return std::make_unique<FolderBook>(std::move(journal), std::move(items), plan.count);
}

Result<std::vector<text::Json>> FolderArchive::read(const StepKey& key) const {
  const auto path = path_of(key);
  auto bytes = read_text_file(path, text::kMaxJournalBytes);
  if (!bytes && bytes.error().code == ErrorCode::kNotFound) return std::vector<text::Json>();
  if (!bytes) return tl::unexpected(bytes.error());
  DRAMATIS_TRY(auto found, text::read_records(*bytes, path.string()));
  // Several at once are kept as they end; the head and talks have no number and stay in front.
  const auto number = [](const text::Json& record) {
    return item_of(record).value_or(std::nullopt).value_or(-1);
  };
  std::ranges::stable_sort(found.records, {}, number);
  return std::move(found.records);
}

Status FolderArchive::put_aside(const std::vector<StepKey>& steps) {
  for (const auto& step : steps) {
    const auto path = path_of(step);
    std::error_code failed;
    if (!std::filesystem::exists(path, failed)) continue;
    auto aside = path;
    aside += ".before";
    std::filesystem::rename(path, aside, failed);
    if (failed) {
      return fail(ErrorCode::kUnavailable,
                  fmt::format("{} cannot be put aside: {}.", path.string(), failed.message()));
    }
  }
  return {};
}

Result<std::size_t> FolderArchive::add_talks(const std::string& character,
                                             const std::vector<text::JsonObject>& talks) {
  DRAMATIS_DO(make_folder());
  DRAMATIS_TRY(auto journal,
               text::Journal::open(path_of({.character = character, .step = "talks"})));
  std::set<std::string> known;
  for (const auto& record : journal.found()) known.insert(text_in(record, "talk"));
  if (journal.found().empty()) DRAMATIS_DO(journal.append(text::JsonObject{{"talks", 1}}));
  std::size_t added = 0;
  for (const auto& talk : talks) {
    const text::Json record(talk);
    if (!known.insert(text_in(record, "talk")).second) continue;
    if (known.size() > kMaxTalks) return tl::unexpected(too_many_talks());
    DRAMATIS_DO(journal.append(record));
    ++added;
  }
  return added;
}

Result<Cost> FolderArchive::spent(const std::vector<StepKey>& steps) const {
  Cost cost;
  for (const auto& step : steps) {
    DRAMATIS_TRY(const auto records, read(step));
    for (const auto& record : records) cost += cost_in(record);
  }
  return cost;
}

}  // namespace dramatis::dataset
