// 1 - erf(y) = t (terms) exp(-y^2) with t = 1 / (1 + slope y), for y >= 0: the numbers for half of
// it, y = |x| / sqrt(2). Shared by the plain and the fast loop. Source: Abramowitz & Stegun 1964,
// 7.1.26; error below 1.5e-7.
#pragma once

namespace dramatis::kernels::internal {

inline constexpr float kErfSlope = 0.231641888F;  // 0.3275911 / sqrt(2)
inline constexpr float kErfTerms[] = {0.5307027145F, -0.7265760135F, 0.7107068705F, -0.142248368F,
                                      0.127414796F};

}  // namespace dramatis::kernels::internal
