// Keys and values of one sequence, so that no token is computed twice: a list of pages, of which
// whole ones may be shared with other sequences.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "model/config.h"
#include "model/kv_pool.h"
#include "tensor/dtype.h"

namespace dramatis::model {

// Room for a fixed number of tokens; pages are taken when tokens come. One thread at a time; moves
// are cheap, a copy has a name.
class KvCache {
 public:
  // With a pool of its own, which its forks share. Errors: those of kv_shape; kOverBudget with the
  // bytes needed and allowed.
  [[nodiscard]] static Result<KvCache> make(const ModelConfig& config, std::size_t capacity,
                                            tensor::Dtype dtype);
  // Empty, for at most `capacity` tokens in pages of `pool`.
  KvCache(std::shared_ptr<KvPool> pool, std::size_t capacity)
      : pool_(std::move(pool)), capacity_(capacity) {}

  KvCache(KvCache&&) noexcept = default;
  KvCache& operator=(KvCache&&) noexcept = default;

  [[nodiscard]] std::size_t length() const { return length_; }      // tokens inside
  [[nodiscard]] std::size_t capacity() const { return capacity_; }  // tokens that fit
  [[nodiscard]] std::size_t bytes() const { return pages_.size() * shape().page_bytes(); }
  [[nodiscard]] const KvShape& shape() const { return pool_->shape(); }
  [[nodiscard]] std::span<const KvPageRef> pages() const { return pages_; }

  // Forgets what comes after the first `tokens`, and the pages of that. Checked: tokens <=
  // length().
  void truncate(std::size_t tokens);
  // A sequence that begins with the first `tokens` of this one: whole pages are shared, the rest is
  // copied. Checked: tokens <= length() and <= capacity. Errors: those of KvPool::take.
  [[nodiscard]] Result<KvCache> fork(std::size_t tokens, std::size_t capacity) const;
  // Continues with the first `tokens` of `page`, which another sequence of the same pool has
  // computed after the same tokens. All of them: the page is shared; fewer: they are copied.
  // Checked: the sequence ends with a whole page, 1 to kPageTokens tokens, they fit.
  // Errors: those of KvPool::take.
  [[nodiscard]] Status append(const KvPageRef& page, std::size_t tokens);

  // For the model. Makes sure that the next `tokens` rows stand in pages which nobody else holds:
  // takes pages, copies a shared one. Errors: those of KvPool::take. Checked: they fit.
  [[nodiscard]] Status prepare(std::size_t tokens);
  // Where the pages begin.
  [[nodiscard]] std::span<const std::byte* const> starts() const { return starts_; }
  // Writes the row of token `position`. Shapes: key, value [kv_width]. Checked: prepared for it.
  void write(std::size_t l, std::size_t position, std::span<const float> key,
             std::span<const float> value);
  // `tokens` more rows are complete in every layer. Checked: prepared for them.
  void advance(std::size_t tokens);

 private:
  void push(KvPageRef page);

  std::shared_ptr<KvPool> pool_;  // as KvPage says
  std::vector<KvPageRef> pages_;
  std::vector<const std::byte*> starts_;
  std::size_t capacity_;
  std::size_t length_ = 0;
};

}  // namespace dramatis::model
