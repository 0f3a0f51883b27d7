// Documents of token ids -> full sequences: no padding, and a mark of which document each token is
// of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace dramatis::train {

// A text to learn from. Where `learnt[n]` is false, token n is read but not asked for.
struct Document {
  std::vector<std::int32_t> ids;
  std::vector<bool> learnt;  // as long as ids
};

// One row of a batch: position n predicts ids[n + 1].
struct Sequence {
  std::vector<std::int32_t> ids;  // length + 1
  std::vector<std::int32_t>
      document;              // length: which document position n is of; attention stays inside
  std::vector<bool> learnt;  // length: whether the prediction at n counts
};

// All documents in their order, end to end, cut every `length` tokens; the last, short part is
// filled up from the first documents. A prediction across two documents never counts. Checked:
// length > 0; documents hold at least one token.
[[nodiscard]] std::vector<Sequence> pack(const std::vector<Document>& documents,
                                         std::size_t length);

// Documents shorter than a sequence are kept whole: each is put where it fits first, and what
// remains free in a sequence holds no tokens that count. For conversations, where a cut loses the
// question.
[[nodiscard]] std::vector<Sequence> pack_whole(const std::vector<Document>& documents,
                                               std::size_t length);

}  // namespace dramatis::train
