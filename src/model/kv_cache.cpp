// Pages are shared while they are read, and copied before one owner writes.
#include "model/kv_cache.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "base/check.h"
#include "base/checked.h"
#include "kernels/vectors.h"
#include "model/limits.h"

namespace dramatis::model {
namespace {

void copy_tokens(const KvShape& shape, const KvPage& from, std::size_t tokens, KvPage& to) {
  for (std::size_t plane = 0; plane < 2 * shape.layers; ++plane) {
    std::memcpy(to.bytes().data() + plane * shape.plane_bytes(),
                from.bytes().data() + plane * shape.plane_bytes(), tokens * shape.row_bytes());
  }
}

void write_row(tensor::Dtype dtype, std::span<const float> numbers, std::span<std::byte> row) {
  if (dtype == tensor::Dtype::kF32) {
    std::memcpy(row.data(), numbers.data(), row.size());
  } else if (dtype == tensor::Dtype::kF16) {
    kernels::narrow(numbers, {reinterpret_cast<std::uint16_t*>(row.data()), numbers.size()});
  } else {
    kernels::narrow_q8(numbers, row);
  }
}

}  // namespace

Result<KvCache> KvCache::make(const ModelConfig& config, std::size_t capacity,
                              tensor::Dtype dtype) {
  DRAMATIS_TRY(const auto shape, kv_shape(config, dtype));
  const auto bytes = checked_mul(shape.token_bytes(), capacity);
  if (!bytes || *bytes > kMaxCacheBytes) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("{} tokens of keys and values need {} bytes each; at most {} bytes are "
                            "allowed. Ask for a smaller context.",
                            capacity, shape.token_bytes(), kMaxCacheBytes));
  }
  return KvCache(KvPool::make(shape, kMaxCacheBytes + shape.page_bytes()), capacity);
}

void KvCache::push(KvPageRef page) {
  starts_.push_back(page->bytes().data());
  pages_.push_back(std::move(page));
}

void KvCache::truncate(std::size_t tokens) {
  DRAMATIS_CHECK(tokens <= length_);
  length_ = tokens;
  pages_.resize(pages_for(tokens));
  starts_.resize(pages_.size());
}

Result<KvCache> KvCache::fork(std::size_t tokens, std::size_t capacity) const {
  DRAMATIS_CHECK(tokens <= length_ && tokens <= capacity);
  KvCache copy(pool_, capacity);
  for (std::size_t p = 0; p < pages_for(tokens); ++p)
    DRAMATIS_DO(copy.append(pages_[p], std::min(kPageTokens, tokens - p * kPageTokens)));
  return copy;
}

Status KvCache::append(const KvPageRef& page, std::size_t tokens) {
  DRAMATIS_CHECK(length_ % kPageTokens == 0 && tokens >= 1 && tokens <= kPageTokens &&
                 tokens <= capacity_ - length_ && page->bytes().size() == shape().page_bytes());
  pages_.resize(pages_for(length_));
  starts_.resize(pages_.size());
  if (tokens == kPageTokens) {
    push(page);
  } else {
    DRAMATIS_TRY(auto own, pool_->take());
    copy_tokens(shape(), *page, tokens, *own);
    push(std::move(own));
  }
  length_ += tokens;
  return {};
}

Status KvCache::prepare(std::size_t tokens) {
  DRAMATIS_CHECK(tokens <= capacity_ - length_);
  const std::size_t inside = length_ % kPageTokens;
  const std::size_t p = length_ / kPageTokens;
  // Pages past the length hold nothing yet; only the one that is begun can have company.
  if (inside != 0 && pages_[p].use_count() > 1) {
    DRAMATIS_TRY(auto own, pool_->take());
    copy_tokens(shape(), *pages_[p], inside, *own);
    starts_[p] = own->bytes().data();
    pages_[p] = std::move(own);
  }
  while (pages_.size() < pages_for(length_ + tokens)) {
    DRAMATIS_TRY(auto page, pool_->take());
    push(std::move(page));
  }
  return {};
}

void KvCache::write(std::size_t l, std::size_t position, std::span<const float> key,
                    std::span<const float> value) {
  const auto& shape = this->shape();
  DRAMATIS_CHECK(l < shape.layers && position / kPageTokens < pages_.size() &&
                 key.size() == shape.width && value.size() == shape.width);
  const auto page = pages_[position / kPageTokens]->bytes();
  const std::size_t at = 2 * l * shape.plane_bytes() + position % kPageTokens * shape.row_bytes();
  write_row(shape.dtype, key, page.subspan(at, shape.row_bytes()));
  write_row(shape.dtype, value, page.subspan(at + shape.plane_bytes(), shape.row_bytes()));
}

void KvCache::advance(std::size_t tokens) {
  DRAMATIS_CHECK(tokens <= capacity_ - length_ && pages_for(length_ + tokens) <= pages_.size());
  length_ += tokens;
}

}  // namespace dramatis::model
