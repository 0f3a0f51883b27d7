// Which vector units the kernels are compiled for. Included before Highway, everywhere alike.
#pragma once

// SSE4 and the baseline remain for old machines; what AVX3_DL adds for these kernels, vpdpbusd, is
// in simd/vnni.cpp.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL)
