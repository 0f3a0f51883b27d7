// The sixteen values that an IQ4_NL nibble stands for.
// Source: ggml-common.h `kvalues_iq4nl`.
#pragma once

#include <cstdint>

namespace dramatis::kernels::internal {

inline constexpr std::int8_t kIq4NlValues[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                                 1,    13,   25,  38,  53,  69,  89,  113};

}  // namespace dramatis::kernels::internal
