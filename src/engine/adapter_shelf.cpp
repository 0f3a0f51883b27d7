// Each change makes a new set; whoever chose from the old one keeps its adapters alive.
#include "engine/adapter_shelf.h"

#include <algorithm>

#include <fmt/format.h>

namespace dramatis::engine {

AdapterShelf::AdapterShelf(Adapters first, Terms terms)
    : terms_(std::move(terms)),
      warnings_(first.warnings().begin(), first.warnings().end()),
      all_(std::make_shared<const Adapters>(std::move(first))) {}

std::shared_ptr<const Adapters> AdapterShelf::now() const {
  const runtime::Lock lock(mutex_);
  return all_;
}

void AdapterShelf::show(Adapters next) {
  auto made = std::make_shared<const Adapters>(std::move(next));
  const runtime::Lock lock(mutex_);
  all_.swap(made);
}

Result<ChosenAdapters> AdapterShelf::choose(std::span<const lm::AdapterChoice> chosen) const {
  return now()->choose(chosen.empty() ? terms_.for_all : chosen, terms_.config);
}

std::size_t AdapterShelf::bytes_in_use() {
  std::erase_if(leaving_, [](const Leaving& one) { return one.adapter.expired(); });
  std::size_t sum = 0;
  for (const auto& one : leaving_) sum += one.bytes;
  return sum;
}

Result<std::vector<std::string>> AdapterShelf::load(const AdapterFile& file) {
  const runtime::Lock lock(changing_);
  const auto all = now();
  const std::size_t in_use = std::min(bytes_in_use(), terms_.most_bytes);
  DRAMATIS_TRY(auto more, all->with(file, terms_.config, terms_.model, terms_.most_bytes - in_use));
  const auto odd = more.warnings().subspan(all->warnings().size());
  std::vector<std::string> told(odd.begin(), odd.end());
  show(std::move(more));
  return told;
}

bool AdapterShelf::is_for_all(std::string_view name) const {
  return std::ranges::find(terms_.for_all, name, &lm::AdapterChoice::name) != terms_.for_all.end();
}

Result<std::vector<std::string>> AdapterShelf::put(const AdapterFile& file) {
  const runtime::Lock lock(changing_);
  if (is_for_all(file.name)) {
    return fail(ErrorCode::kConflict,
                fmt::format("The adapter {} serves every prompt that chooses none, and stays as it "
                            "is. Give the file another name.",
                            file.name));
  }
  const auto all = now();
  const auto old = all->find(file.name);
  Adapters others = *all;
  if (old != nullptr) {
    DRAMATIS_TRY(others, all->without(file.name));
  }
  const std::size_t old_bytes = all->bytes() - others.bytes();
  const std::size_t in_use = std::min(bytes_in_use() + old_bytes, terms_.most_bytes);
  DRAMATIS_TRY(auto more,
               others.with(file, terms_.config, terms_.model, terms_.most_bytes - in_use));
  const auto odd = more.warnings().subspan(others.warnings().size());
  std::vector<std::string> told(odd.begin(), odd.end());
  if (old != nullptr) leaving_.push_back({.adapter = old, .bytes = old_bytes});
  show(std::move(more));
  return told;
}

std::vector<lm::LoadedAdapter> AdapterShelf::list() const {
  auto all = now()->list();
  for (auto& one : all) one.for_all = is_for_all(one.name);
  return all;
}

Status AdapterShelf::unload(std::string_view name) {
  const runtime::Lock lock(changing_);
  if (is_for_all(name)) {
    return fail(
        ErrorCode::kConflict,
        fmt::format("The adapter {} serves every prompt that chooses none, and stays.", name));
  }
  const auto all = now();
  DRAMATIS_TRY(auto fewer, all->without(name));
  leaving_.push_back({.adapter = all->find(name), .bytes = all->bytes() - fewer.bytes()});
  show(std::move(fewer));
  return {};
}

}  // namespace dramatis::engine
