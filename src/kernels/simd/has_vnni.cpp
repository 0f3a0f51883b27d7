// Whether this processor has AVX-512 VNNI.
// Highway knows such processors as a target of its own, which the kernels do not use otherwise; so
// the choice is made once, as for every kernel, and tests can take it back.
#define HWY_DISABLED_TARGETS HWY_SSSE3
#define HWY_WANT_AVX3_DL
#include "kernels/internal/vnni.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/has_vnni.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace dramatis::kernels::HWY_NAMESPACE {  // NOLINT

bool has_vnni_here() {
  return HWY_TARGET == HWY_AVX3_DL;
}

}  // namespace dramatis::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dramatis::kernels {

HWY_EXPORT(has_vnni_here);

bool internal::has_vnni() {
  return HWY_DYNAMIC_DISPATCH(has_vnni_here)();
}

}  // namespace dramatis::kernels
#endif
