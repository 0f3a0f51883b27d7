// Journals are read anew each time: whoever makes data may be adding to them.
#include "server/curation_desk.h"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include "base/files.h"
#include "base/plain_name.h"
#include "base/random.h"
#include "dataset/exchanges.h"
#include "dataset/limits.h"
#include "dataset/writer.h"
#include "text/journal.h"
#include "text/limits.h"

namespace dramatis::server {
namespace {

constexpr std::string_view kEnding = ".exchanges.jsonl";

tl::unexpected<Error> no_such_set() {
  return fail(ErrorCode::kNotFound, "There is no such data set of that character.");
}

// Whose journals lie there, of those who are in the cast.
std::vector<std::string> characters_in(const std::filesystem::path& folder,
                                       const persona::Cast& cast) {
  std::vector<std::string> ids;
  for (const persona::Member* member : cast.members_now()) {
    std::error_code unknown;
    const auto journal = folder / fmt::format("{}{}", member->sheet.id, kEnding);
    if (std::filesystem::is_regular_file(journal, unknown)) ids.push_back(member->sheet.id);
  }
  return ids;
}

bool says_nothing(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

Result<std::vector<DataSet>> CurationDesk::list() const {
  std::vector<std::string> names;
  std::error_code failed;
  std::filesystem::directory_iterator entry(folder_, failed);
  if (failed == std::errc::no_such_file_or_directory) return std::vector<DataSet>();
  for (; !failed && entry != std::filesystem::directory_iterator() &&
         names.size() < dataset::kMaxDataSets;
       entry.increment(failed)) {
    std::string name = entry->path().filename().string();
    std::error_code unknown;
    if (is_plain_name(name) && entry->is_directory(unknown)) names.push_back(std::move(name));
  }
  if (failed) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("{} cannot be read: {}.", folder_.string(), failed.message()));
  }
  std::ranges::sort(names);
  std::vector<DataSet> sets;
  for (auto& name : names) {
    auto characters = characters_in(folder_ / name, sheets_.cast());
    if (!characters.empty())
      sets.push_back({.name = std::move(name), .characters = std::move(characters)});
  }
  return sets;
}

Result<std::vector<dataset::ExchangeItem>> CurationDesk::read(const Which& which) const {
  // Somebody of the cast: nothing else becomes part of a path.
  const persona::Member* member = sheets_.cast().find_member(which.character);
  if (!is_plain_name(which.set) || member == nullptr) return no_such_set();
  const auto path = folder_ / which.set / fmt::format("{}{}", member->sheet.id, kEnding);
  const auto bytes = read_text_file(path, text::kMaxJournalBytes);
  if (!bytes && bytes.error().code == ErrorCode::kNotFound) return no_such_set();
  if (!bytes) return tl::unexpected(bytes.error());
  DRAMATIS_TRY(const auto journal, text::read_records(*bytes, path.string()));
  return dataset::read_exchange_items(journal.records);
}

Result<CurationDesk::Pair> CurationDesk::draw(const Which& which) const {
  DRAMATIS_TRY(auto items, read(which));
  if (items.empty())
    return fail(ErrorCode::kNotFound,
                "There are no exchanges yet; `dramatis dataset make` goes on.");
  DRAMATIS_TRY(const std::uint64_t seed, random_u64());
  Rng rng(seed);
  const std::size_t n = rng.below(items.size());
  return Pair{.item = std::move(items[n]), .of = items.size()};
}

Result<dataset::ExchangeItem> CurationDesk::find(const Which& which, std::uint64_t item) const {
  DRAMATIS_TRY(auto items, read(which));
  const auto found = std::ranges::find(items, item, &dataset::ExchangeItem::item);
  if (found == items.end()) return fail(ErrorCode::kNotFound, "There is no such exchange.");
  return std::move(*found);
}

// The recipe's own copy beside the journals; what it does not say, and where there is none, is as
// usual.
Result<dataset::DataRecipe> CurationDesk::recipe_of(const std::string& set) const {
  const auto path = folder_ / set / dataset::kRecipeCopy;
  const auto yaml = read_text_file(path, dataset::kMaxRecipeBytes);
  if (!yaml && yaml.error().code == ErrorCode::kNotFound) return dataset::DataRecipe{};
  if (!yaml) return tl::unexpected(yaml.error());
  return dataset::parse_recipe(*yaml, path.string());
}

Result<dataset::Reanswer> CurationDesk::answer_again(const Which& which, std::uint64_t item,
                                                     const std::string& model,
                                                     const std::stop_token& stop) const {
  DRAMATIS_TRY(const auto asked, find(which, item));
  DRAMATIS_TRY(const auto recipe, recipe_of(which.set));
  DRAMATIS_TRY(const auto* serving, models_.find(model));
  dataset::Purse purse({}, clock_);
  dataset::Writer writer(serving->model, purse);
  const dataset::ExchangeRecipe exchanges{.character = which.character,
                                          .seed = recipe.seed,
                                          .examples = recipe.examples,
                                          .tries = recipe.tries,
                                          .answer_temperature = recipe.answers.temperature,
                                          .gates = recipe.gates};
  DRAMATIS_TRY(const auto maker,
               dataset::ExchangeMaker::make(exchanges, sheets_.cast(), examples_, writer, writer));
  return maker.answer_again(asked, stop);
}

Result<CurationDesk::Kept> CurationDesk::keep(const Which& which, std::uint64_t item,
                                              const std::string& shown, const std::string& edited) {
  if (says_nothing(edited) || edited.size() > text::kMaxUtteranceBytes ||
      shown.size() > text::kMaxUtteranceBytes) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("An answer has 1 to {} bytes.", text::kMaxUtteranceBytes));
  }
  DRAMATIS_TRY(const auto asked, find(which, item));
  const dataset::Curated curated{
      .asked = asked, .shown = shown.empty() ? asked.made.answer : shown, .edited = edited};
  const std::lock_guard lock(keeping_);
  const auto change = [&curated](std::string_view dialogues, const persona::Member& member) {
    return dataset::with_example(dialogues, member, curated);
  };
  DRAMATIS_DO(sheets_.change_dialogues(which.character, change));
  const persona::Member& member = *sheets_.cast().find_member(which.character);
  Kept kept{.conversations = member.dialogues.size(), .preference = edited != curated.shown};
  if (kept.preference) {
    DRAMATIS_TRY(const auto line, dataset::print_preference(curated, member.sheet, sheets_.cast()));
    DRAMATIS_DO(dataset::append_preference(folder_ / which.set, line));
  }
  return kept;
}

}  // namespace dramatis::server
