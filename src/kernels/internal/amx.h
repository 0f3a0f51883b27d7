// Products of rounded activations on AMX.
#pragma once

#include "kernels/internal/inputs.h"
#include "kernels/simd/vnni_panel.h"

namespace dramatis::kernels::internal {

// Tokens that one set of tiles serves.
inline constexpr std::size_t kTileTokens = 16;

// Whether this processor and this system have tiles of bytes (Intel since Sapphire Rapids, Linux
// since 5.16), and they gave the sums that they should when this was asked first. No machine with
// them was at hand when this was written: they are believed when they have shown it. Threads: any.
[[nodiscard]] bool has_amx();

// The products of a panel with as many tokens as make whole sets, from the first on; the bits of
// matmul_vnni. out: where the panel's first row of token 0 goes. Checked by the caller: has_vnni()
// and has_amx(). Threads: any, with products that do not meet.
void multiply_amx(const Panel& panel, const Inputs& x, Products out);

}  // namespace dramatis::kernels::internal
