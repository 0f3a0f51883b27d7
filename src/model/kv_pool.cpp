// A list of free pages, and how many are out.
#include "model/kv_pool.h"

#include <cstring>
#include <new>

#include <fmt/format.h>

namespace dramatis::model {

Result<KvShape> kv_shape(const ModelConfig& config, tensor::Dtype dtype) {
  using tensor::Dtype;
  if (dtype != Dtype::kF32 && dtype != Dtype::kF16 && dtype != Dtype::kQ8_0) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("Keys and values are kept as F32, F16 or Q8_0, not as {}.",
                            tensor::dtype_row(dtype).name));
  }
  if (config.head_width % tensor::dtype_row(dtype).block != 0) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("Heads of {} numbers are no whole blocks of {}; keep keys and values "
                            "as F16.",
                            config.head_width, tensor::dtype_row(dtype).block));
  }
  return KvShape{.layers = config.layers, .width = config.kv_width(), .dtype = dtype};
}

KvPage::KvPage(std::shared_ptr<KvPool> pool, tensor::Buffer<std::byte> bytes)
    : pool_(std::move(pool)), bytes_(std::move(bytes)) {}

KvPage::~KvPage() {
  pool_->give_back(std::move(bytes_));
}

std::shared_ptr<KvPool> KvPool::make(KvShape shape, std::size_t max_bytes) {
  return std::shared_ptr<KvPool>(new KvPool(shape, max_bytes));
}

Result<KvPageRef> KvPool::take() {
  DRAMATIS_TRY(auto bytes, find_bytes());
  // What another player's words left must not be there to be found.
  std::memset(bytes.span().data(), 0, bytes.size());
  return std::make_shared<KvPage>(shared_from_this(), std::move(bytes));
}

Result<tensor::Buffer<std::byte>> KvPool::find_bytes() {
  const runtime::Lock lock(mutex_);
  if (used_ >= max_pages_) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("All {} pages of {} bytes of keys and values are in use.", max_pages_,
                            shape_.page_bytes()));
  }
  tensor::Buffer<std::byte> bytes;
  if (!free_.empty()) {
    bytes = std::move(free_.back());
    free_.pop_back();
  } else {
    try {
      bytes = tensor::Buffer<std::byte>(shape_.page_bytes());
    } catch (const std::bad_alloc&) {
      return fail(ErrorCode::kOverBudget,
                  fmt::format("There is no memory for another page of {} bytes beside {}.",
                              shape_.page_bytes(), used_));
    }
  }
  ++used_;
  return bytes;
}

void KvPool::give_back(tensor::Buffer<std::byte> bytes) {
  const runtime::Lock lock(mutex_);
  --used_;
  free_.push_back(std::move(bytes));
}

std::size_t KvPool::used_pages() const {
  const runtime::Lock lock(mutex_);
  return used_;
}

}  // namespace dramatis::model
