// What products of panels share, however their integers are summed.
#pragma once

#include <cstring>

#include <hwy/highway.h>
#include <immintrin.h>

#include "kernels/internal/inputs.h"
#include "kernels/simd/vnni_panel.h"

HWY_PUSH_ATTRIBUTES(DRAMATIS_VNNI_TARGET)
namespace dramatis::kernels::internal {

// The sums of both halves of block b, in each lane.
inline __m512i pair_of_sums(const InputRow& x, std::size_t b) {
  std::int32_t pair = 0;
  std::memcpy(&pair, x.sums + b * kPartsOfBlock, sizeof pair);
  return _mm512_set1_epi32(pair);
}

// Adds lane n + 4, n + 2, n + 1 to lane n; the first `rows` numbers of token t go to
// out[t * stride].
template <std::size_t T>
inline void fold_lanes(__m512 (&lanes)[kSumLanes][T], std::size_t rows, float* out,
                       std::size_t stride) {
  const auto mask = static_cast<__mmask16>((1U << rows) - 1);
  for (std::size_t t = 0; t < T; ++t) {
    for (std::size_t half = kSumLanes / 2; half > 0; half /= 2) {
      for (std::size_t n = 0; n < half; ++n)
        lanes[n][t] = _mm512_add_ps(lanes[n][t], lanes[n + half][t]);
    }
    _mm512_mask_storeu_ps(out + t * stride, mask, lanes[0][t]);
  }
}

}  // namespace dramatis::kernels::internal
HWY_POP_ATTRIBUTES
