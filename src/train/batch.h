// Documents of token ids -> one pass of a network: laid end to end, nothing padded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <torch/torch.h>

#include "train/packing.h"

namespace dramatis::train {

// T read positions of D documents, of which N predictions count. Position n of a document predicts
// its token n + 1, so a document's last token is only ever asked for. Immutable.
struct PackedBatch {
  torch::Tensor ids;                 // [T] int64
  std::vector<std::int64_t> starts;  // [D + 1]: where each document begins; the last is T
  torch::Tensor positions;           // [T] int64: place inside its document
  torch::Tensor counted;             // [N] int64: positions of [0, T) whose prediction counts
  torch::Tensor targets;             // [N] int64: what they should have said
  std::vector<std::int64_t> counts;  // [D]: how many of N are of each document, in order

  [[nodiscard]] std::int64_t tokens() const { return starts.back(); }
  [[nodiscard]] std::int64_t documents() const {
    return static_cast<std::int64_t>(starts.size()) - 1;
  }
};

// Whole documents in their order. Checked: each holds at least two tokens and as many marks.
[[nodiscard]] PackedBatch pack_batch(std::span<const Document* const> documents);

// How documents are shared out among passes of at most `tokens` read positions (a longer document
// has a pass of its own): in their order, each pass as many as fit. Returns the first document of
// each pass. The same documents give the same passes, whatever the number of threads.
[[nodiscard]] std::vector<std::size_t> split_passes(std::span<const Document* const> documents,
                                                    std::size_t tokens);

}  // namespace dramatis::train
