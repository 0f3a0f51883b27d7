// exp(x) = 2^whole * (1 + rest + rest^2 * series(rest)): the numbers, shared by the plain and the
// fast loop. Source: Cephes expf.c (Moshier 1989); error below 2 units in the last place.
#pragma once

namespace dramatis::kernels::internal {

// 2^whole stays a normal number between these.
inline constexpr float kExpLeast = -87.0F;
inline constexpr float kExpMost = 88.0F;
inline constexpr float kLog2E = 1.44269504088896341F;
inline constexpr float kMinusLn2High = -0.693359375F;
inline constexpr float kMinusLn2Low = 2.12194440e-4F;
inline constexpr float kExpTerms[] = {1.9875691500E-4F, 1.3981999507E-3F, 8.3334519073E-3F,
                                      4.1665795894E-2F, 1.6666665459E-1F, 5.0000001201E-1F};

}  // namespace dramatis::kernels::internal
