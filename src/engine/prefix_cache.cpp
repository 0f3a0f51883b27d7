// A short list, searched whole: comparing ids costs nothing beside computing one.
#include "engine/prefix_cache.h"

#include <algorithm>

#include "base/check.h"
#include "engine/limits.h"

namespace dramatis::engine {

std::size_t shared_prefix(std::span<const TokenId> a, std::span<const TokenId> b) {
  return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

Result<model::KvCache> PrefixCache::begin(const model::ModelConfig& shape,
                                          std::span<const TokenId> prompt, std::size_t capacity) {
  DRAMATIS_CHECK(!prompt.empty() && capacity >= prompt.size());
  Kept* best = nullptr;
  std::size_t longest = 0;
  for (auto& kept : kept_) {
    const auto shared = shared_prefix(kept.ids, prompt.first(prompt.size() - 1));
    if (shared <= longest) continue;
    longest = shared;
    best = &kept;
  }
  if (best == nullptr) return model::KvCache::make(shape, capacity, dtype_);
  best->used = ++uses_;
  return best->cache.fork(longest, capacity);
}

void PrefixCache::keep(std::span<const TokenId> ids, std::size_t prompt_length,
                       const model::KvCache& cache) {
  DRAMATIS_CHECK(ids.size() == cache.length() && prompt_length > 0);
  if (ids.empty()) return;
  std::erase_if(kept_, [&](const Kept& kept) {
    return shared_prefix(kept.ids, ids) >= std::min(kept.prompt_length, kept.ids.size());
  });
  const std::size_t needed = cache.shape().token_bytes() * ids.size();
  if (needed > max_bytes_) return;
  make_room(needed);
  auto copy = cache.fork(ids.size(), ids.size());
  if (!copy) return;  // computing it again later is always possible
  kept_.push_back({.ids = {ids.begin(), ids.end()},
                   .prompt_length = prompt_length,
                   .cache = *std::move(copy),
                   .used = ++uses_});
}

void PrefixCache::make_room(std::size_t needed) {
  while (!kept_.empty() && (bytes() + needed > max_bytes_ || kept_.size() >= kMaxPrefixes)) {
    kept_.erase(std::ranges::min_element(kept_, {}, &Kept::used));
  }
}

std::size_t PrefixCache::bytes() const {
  std::size_t sum = 0;
  for (const auto& kept : kept_) sum += kept.cache.shape().token_bytes() * kept.ids.size();
  return sum;
}

}  // namespace dramatis::engine
