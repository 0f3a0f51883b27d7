// Lays documents end to end.
#include "train/batch.h"

#include "base/check.h"

namespace dramatis::train {

PackedBatch pack_batch(std::span<const Document* const> documents) {
  DRAMATIS_CHECK(!documents.empty());
  PackedBatch batch;
  std::vector<std::int64_t> ids, positions, counted, targets;
  batch.starts.push_back(0);
  for (const Document* document : documents) {
    const std::size_t length = document->ids.size();
    DRAMATIS_CHECK(length >= 2 && document->learnt.size() == length);
    const std::size_t counted_before = counted.size();
    for (std::size_t n = 0; n + 1 < length; ++n) {
      if (document->learnt[n + 1]) {
        counted.push_back(static_cast<std::int64_t>(ids.size()));
        targets.push_back(document->ids[n + 1]);
      }
      ids.push_back(document->ids[n]);
      positions.push_back(static_cast<std::int64_t>(n));
    }
    batch.starts.push_back(static_cast<std::int64_t>(ids.size()));
    batch.counts.push_back(static_cast<std::int64_t>(counted.size() - counted_before));
  }
  batch.ids = torch::tensor(ids, torch::kInt64);
  batch.positions = torch::tensor(positions, torch::kInt64);
  batch.counted = torch::tensor(counted, torch::kInt64);
  batch.targets = torch::tensor(targets, torch::kInt64);
  return batch;
}

std::vector<std::size_t> split_passes(std::span<const Document* const> documents,
                                      std::size_t tokens) {
  std::vector<std::size_t> firsts;
  std::size_t filled = 0;
  for (std::size_t n = 0; n < documents.size(); ++n) {
    const std::size_t length = documents[n]->ids.size() - 1;
    if (n == 0 || filled + length > tokens) {
      firsts.push_back(n);
      filled = 0;
    }
    filled += length;
  }
  return firsts;
}

}  // namespace dramatis::train
