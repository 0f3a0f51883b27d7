// The forward pass by fused operations.
#pragma once

#include "train/internal/network_parts.h"

namespace dramatis::train::internal {

// -log p [N] of the predictions that count.
[[nodiscard]] torch::Tensor fast_losses(const NetworkParts& parts, const PackedBatch& batch,
                                        const PassOptions& options);
// Packs what products in bf16 read, in all threads.
void pack_weights(NetworkParts& parts);

}  // namespace dramatis::train::internal
