// For tests: this machine's vector units, one at a time.
#pragma once

#include <cstdint>
#include <vector>

#include <hwy/targets.h>

namespace dramatis::kernels::testing {

// Those that fuse multiplications and additions, and so give the same bits; as Highway numbers
// them, better ones lower. VNNI is AVX3 with vpdpbusd.
inline std::vector<std::int64_t> fusing_units() {
  constexpr std::int64_t kAvx3 = std::int64_t{1} << 8;
  constexpr std::int64_t kVnni = kAvx3 | (std::int64_t{1} << 7);
  constexpr std::int64_t kAvx2 = std::int64_t{1} << 9;
  std::vector<std::int64_t> found;
  for (const auto unit : {kVnni, kAvx3, kAvx2}) {
    if ((hwy::SupportedTargets() & unit) == unit) found.push_back(unit);
  }
  return found;
}

// While it lives, kernels run on `unit`. Nothing may compute when it comes or goes.
class OnUnit {
 public:
  explicit OnUnit(std::int64_t unit) { hwy::SetSupportedTargetsForTest(unit); }
  OnUnit(const OnUnit&) = delete;
  OnUnit& operator=(const OnUnit&) = delete;
  ~OnUnit() { hwy::SetSupportedTargetsForTest(0); }
};

}  // namespace dramatis::kernels::testing
