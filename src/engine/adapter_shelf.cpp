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

void AdapterShelf::put(Adapters next) {
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
  put(std::move(more));
  return told;
}

Status AdapterShelf::unload(std::string_view name) {
  const runtime::Lock lock(changing_);
  if (std::ranges::find(terms_.for_all, name, &lm::AdapterChoice::name) != terms_.for_all.end()) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("The adapter {} serves every prompt that chooses none, and stays.", name));
  }
  const auto all = now();
  DRAMATIS_TRY(auto fewer, all->without(name));
  leaving_.push_back({.adapter = all->find(name), .bytes = all->bytes() - fewer.bytes()});
  put(std::move(fewer));
  return {};
}

}  // namespace dramatis::engine
