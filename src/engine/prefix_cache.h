// Prompts computed before -> the part of a new prompt that need not be computed again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "model/config.h"
#include "model/kv_cache.h"
#include "tensor/dtype.h"

namespace dramatis::engine {

// Keeps the sequences used last, as many as fit into `max_bytes`. What two prompts share is the
// tokens with which both begin, and nothing else. One thread at a time.
class PrefixCache {
 public:
  PrefixCache(std::size_t max_bytes, tensor::Dtype dtype) : max_bytes_(max_bytes), dtype_(dtype) {}

  // A cache with room for `capacity` tokens that holds the longest kept beginning of `prompt`, but
  // at least one token less than all of it, because the last one must be computed for its logits.
  // Errors: kOverBudget. Checked: prompt not empty, capacity >= prompt.size().
  [[nodiscard]] Result<model::KvCache> begin(const model::ModelConfig& shape,
                                             std::span<const TokenId> prompt, std::size_t capacity);

  // Keeps a copy of `cache`, which holds `ids`; the first `prompt_length` of them were a prompt. It
  // replaces sequences whose prompt it continues. Sequences not used for longest leave. Where there
  // is no memory, nothing is kept.
  void keep(std::span<const TokenId> ids, std::size_t prompt_length, const model::KvCache& cache);

  [[nodiscard]] std::size_t bytes() const;
  [[nodiscard]] std::size_t size() const { return kept_.size(); }

 private:
  struct Kept {
    std::vector<TokenId> ids;
    std::size_t prompt_length;
    model::KvCache cache;
    std::uint64_t used;  // larger: later
  };

  void make_room(std::size_t bytes);

  std::size_t max_bytes_;
  tensor::Dtype dtype_;
  std::vector<Kept> kept_;
  std::uint64_t uses_ = 0;
};

// How many tokens two sequences begin with alike.
[[nodiscard]] std::size_t shared_prefix(std::span<const TokenId> a, std::span<const TokenId> b);

}  // namespace dramatis::engine
