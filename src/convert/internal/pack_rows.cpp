// Runs of rows, handed out one after the other to whoever is free.
#include "convert/internal/pack_rows.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/check.h"
#include "convert/limits.h"
#include "kernels/half.h"
#include "kernels/quantise.h"
#include "text/utterance.h"

namespace dramatis::convert::internal {
namespace {

// 256 KiB of f32: stays in the second-level cache, and is work enough to be worth handing out.
constexpr std::size_t kRunNumbers = 64 * 1024;

}  // namespace

Result<std::vector<std::byte>> pack_rows(std::string_view name, PackedShape shape,
                                         std::size_t threads, const RowSource& row) {
  const auto row_bytes = tensor::bytes_of(shape.dtype, shape.columns);
  DRAMATIS_CHECK(row_bytes.has_value());
  std::vector<std::byte> all(shape.rows * *row_bytes);
  const std::size_t run =
      std::max<std::size_t>(1, kRunNumbers / std::max<std::size_t>(shape.columns, 1));
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::optional<std::pair<std::size_t, Error>> first;  // the error of the lowest row
  const auto work = [&] {
    std::vector<float> values(run * shape.columns);
    for (;;) {
      const std::size_t from = next.fetch_add(run);
      if (from >= shape.rows) return;
      const std::size_t count = std::min(run, shape.rows - from);
      const auto used = std::span(values).first(count * shape.columns);
      for (std::size_t r = 0; r < count; ++r)
        row(from + r, used.subspan(r * shape.columns, shape.columns));
      auto packed = kernels::quantise(used, shape.dtype);
      if (packed) {
        std::ranges::copy(*packed, all.begin() + static_cast<std::ptrdiff_t>(from * *row_bytes));
        continue;
      }
      const std::lock_guard lock(mutex);
      if (!first || from < first->first) first.emplace(from, std::move(packed).error());
    }
  };
  const auto runs = (shape.rows + run - 1) / run;
  {
    std::vector<std::jthread> helpers;
    for (std::size_t n = 1; n < std::min({threads, kMaxThreads, runs}); ++n)
      helpers.emplace_back(work);
    work();
  }
  if (!first) return all;
  return fail(first->second.code, fmt::format("Tensor {}, from row {}: {}", text::printable(name),
                                              first->first, first->second.what));
}

void widen(const formats::SafeTensor& tensor, std::size_t from, std::span<float> out) {
  using formats::SafeDtype;
  for (std::size_t n = 0; n < out.size(); ++n) {
    if (tensor.dtype == SafeDtype::kF32) {
      out[n] = load_le<float>(tensor.bytes, 4 * (from + n));
      continue;
    }
    DRAMATIS_DCHECK(tensor.dtype == SafeDtype::kF16 || tensor.dtype == SafeDtype::kBF16);
    const auto half = load_le<std::uint16_t>(tensor.bytes, 2 * (from + n));
    out[n] = tensor.dtype == SafeDtype::kF16 ? kernels::from_f16(half) : kernels::from_bf16(half);
  }
}

Result<tensor::Dtype> float_type(const formats::SafeTensor& tensor) {
  switch (tensor.dtype) {
    case formats::SafeDtype::kF32:
      return tensor::Dtype::kF32;
    case formats::SafeDtype::kF16:
      return tensor::Dtype::kF16;
    case formats::SafeDtype::kBF16:
      return tensor::Dtype::kBF16;
    default:
      return fail(ErrorCode::kUnsupported,
                  fmt::format("Tensor {} is of type {}; weights are read as F32, F16 and BF16.",
                              text::printable(tensor.name), formats::name_of(tensor.dtype)));
  }
}

}  // namespace dramatis::convert::internal
