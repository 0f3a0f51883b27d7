// Memory for keys and values: pages of kPageTokens tokens, counted against one budget.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "model/config.h"
#include "model/limits.h"
#include "runtime/mutex.h"
#include "tensor/buffer.h"
#include "tensor/dtype.h"

namespace dramatis::model {

// How the tokens of a page lie: for each layer a plane of keys, then one of values, each
// [kPageTokens, kv_width] numbers of `dtype`.
struct KvShape {
  std::size_t layers = 0;
  std::size_t width = 0;  // numbers of one key
  tensor::Dtype dtype = tensor::Dtype::kF16;

  [[nodiscard]] std::size_t row_bytes() const { return *tensor::bytes_of(dtype, width); }
  [[nodiscard]] std::size_t plane_bytes() const { return kPageTokens * row_bytes(); }
  [[nodiscard]] std::size_t token_bytes() const { return 2 * layers * row_bytes(); }
  [[nodiscard]] std::size_t page_bytes() const { return kPageTokens * token_bytes(); }
};

// kF32 keeps every bit, kF16 halves the memory, kQ8_0 halves it nearly again.
// Errors: kUnsupported for another type, and for kQ8_0 where heads are no whole blocks of 32.
[[nodiscard]] Result<KvShape> kv_shape(const ModelConfig& config, tensor::Dtype dtype);

// Pages that hold so many tokens.
[[nodiscard]] constexpr std::size_t pages_for(std::size_t tokens) {
  return tokens / kPageTokens + (tokens % kPageTokens != 0 ? 1 : 0);
}

class KvPool;

// One page. Who writes it has no company; who shares it only reads.
class KvPage {
 public:
  KvPage(std::shared_ptr<KvPool> pool, tensor::Buffer<std::byte> bytes);
  KvPage(const KvPage&) = delete;
  KvPage& operator=(const KvPage&) = delete;
  ~KvPage();

  [[nodiscard]] std::span<std::byte> bytes() { return bytes_.span(); }
  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_.span(); }

 private:
  // Owners: whoever made the pool, and every page of it; the last page lets go of it.
  std::shared_ptr<KvPool> pool_;
  tensor::Buffer<std::byte> bytes_;
};

// Owners: the sequences that hold the page, and the engine's tree; the last gives its memory back.
using KvPageRef = std::shared_ptr<KvPage>;

// Thread-safe.
class KvPool : public std::enable_shared_from_this<KvPool> {
 public:
  [[nodiscard]] static std::shared_ptr<KvPool> make(KvShape shape, std::size_t max_bytes);

  // A page of zeros. Errors: kOverBudget with the bytes in use and allowed.
  [[nodiscard]] Result<KvPageRef> take();

  [[nodiscard]] const KvShape& shape() const { return shape_; }
  [[nodiscard]] std::size_t max_pages() const { return max_pages_; }
  // Pages that somebody holds.
  [[nodiscard]] std::size_t used_pages() const;

 private:
  friend class KvPage;
  KvPool(KvShape shape, std::size_t max_bytes)
      : shape_(shape), max_pages_(max_bytes / shape.page_bytes()) {}
  // Kept for the next who asks: asking the system for memory costs more than clearing it.
  void give_back(tensor::Buffer<std::byte> bytes);
  [[nodiscard]] Result<tensor::Buffer<std::byte>> find_bytes();

  const KvShape shape_;
  const std::size_t max_pages_;
  mutable runtime::Mutex mutex_;
  std::vector<tensor::Buffer<std::byte>> free_ DRAMATIS_GUARDED_BY(mutex_);
  std::size_t used_ DRAMATIS_GUARDED_BY(mutex_) = 0;
};

}  // namespace dramatis::model
