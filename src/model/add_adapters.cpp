// The additions of adapters to what a matrix gave.
#include <algorithm>

#include "kernels/matmul.h"
#include "kernels/vectors.h"
#include "model/internal/adapted.h"

namespace dramatis::model::internal {
namespace {

// Rows that one thread computes together: A and B are read once for all of them.
constexpr std::size_t kRowsTogether = 8;

tensor::MatrixView view(std::span<const float> numbers, std::size_t columns) {
  return {.dtype = tensor::Dtype::kF32,
          .rows = numbers.size() / columns,
          .columns = columns,
          .bytes = std::as_bytes(numbers)};
}

void multiply(const tensor::MatrixView& weights, std::span<const float> x, std::span<float> out) {
  kernels::matmul(weights, {.first = 0, .last = weights.rows},
                  {.rows = x.size() / weights.columns,
                   .columns = weights.columns,
                   .exact = x,
                   .rounded = {},
                   .scales = {}},
                  out);
}

void add_one(const LowRank& part, float scale, std::span<const float> x, std::span<float> out) {
  const std::size_t columns = part.a.size() / part.rank;
  const std::size_t rows = x.size() / columns;
  tensor::Buffer<float> low(rows * part.rank);
  tensor::Buffer<float> high(out.size());
  multiply(view(part.a, columns), x, low.span());
  kernels::scale(low.span(), part.scale * scale);
  multiply(view(part.b, part.rank), low.span(), high.span());
  kernels::add(high.span(), out);
}

bool alike(std::span<const AdapterUse> one, std::span<const AdapterUse> other) {
  return std::ranges::equal(one, other, [](const AdapterUse& a, const AdapterUse& b) {
    return a.adapter == b.adapter && a.scale == b.scale;
  });
}

}  // namespace

void add_adapters(const PassInputs& in, std::size_t l, Adapted which, std::span<const float> x,
                  std::span<float> out) {
  const auto size = size_of(in.config, which);
  in.threads.parallel_for(in.rows.size(), kRowsTogether, [&](std::size_t first, std::size_t last) {
    while (first < last) {
      const auto uses = in.rows[first].row.adapters;
      std::size_t next = first + 1;
      while (next < last && alike(uses, in.rows[next].row.adapters)) ++next;
      for (const auto& use : uses) {
        const auto& part = use.adapter->part(l, which);
        if (part.rank == 0 || use.scale == 0) continue;
        add_one(part, use.scale, x.subspan(first * size.columns, (next - first) * size.columns),
                out.subspan(first * size.rows, (next - first) * size.rows));
      }
      first = next;
    }
  });
}

}  // namespace dramatis::model::internal
