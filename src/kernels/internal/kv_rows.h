// How the rows of a sequence are found in its pages.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "base/check.h"
#include "kernels/attention.h"

namespace dramatis::kernels::internal {

// A Q8_0 block: a binary16 scale, then 32 integers.
inline constexpr std::size_t kKvBlock = 32;
inline constexpr std::size_t kKvScaleBytes = 2;
inline constexpr std::size_t kKvBlockBytes = kKvScaleBytes + kKvBlock;

// Rows that follow each other in one page.
struct KvRun {
  const std::byte* rows;  // the head's part of the first
  std::size_t count;
};

// visit(run) for each page that the window touches, in order; `part` is head.keys or head.values.
template <class Visit>
inline void for_each_run(const HeadView& head, KvWindow seen, std::size_t part,
                         const Visit& visit) {
  const std::size_t end = seen.first + seen.length;
  for (std::size_t n = seen.first; n < end;) {
    const std::size_t inside = n % head.page_rows;
    const std::size_t count = std::min(head.page_rows - inside, end - n);
    visit(KvRun{.rows = head.pages[n / head.page_rows] + part + inside * head.row_bytes,
                .count = count});
    n += count;
  }
}

// What attend() checks.
inline void check_head(const HeadView& head, KvWindow seen, std::span<const float> scores,
                       std::span<const float> out) {
  const auto dtype = head.dtype;
  DRAMATIS_CHECK(seen.length > 0 && scores.size() >= seen.length &&
                 out.size() == head.query.size());
  DRAMATIS_CHECK(dtype == tensor::Dtype::kF32 || dtype == tensor::Dtype::kF16 ||
                 dtype == tensor::Dtype::kQ8_0);
  DRAMATIS_CHECK(dtype != tensor::Dtype::kQ8_0 || head.query.size() % kKvBlock == 0);
  DRAMATIS_CHECK(head.page_rows > 0 &&
                 head.pages.size() * head.page_rows >= seen.first + seen.length);
}

}  // namespace dramatis::kernels::internal
