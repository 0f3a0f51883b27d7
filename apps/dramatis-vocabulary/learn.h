// Text -> a vocabulary, by SentencePiece.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dramatis::app {

// One entry as GGUF wants it.
struct Piece {
  std::string text;
  float score;        // merges are tried from the highest
  std::int32_t type;  // 1 normal, 2 unknown, 3 control, 6 byte
};

// BPE with byte fallback and no leading space: ids 0 to 4 are unknown, begin, end, <|im_start|> and
// <|im_end|>. Errors: kInvalidArgument with SentencePiece's own words.
[[nodiscard]] Result<std::vector<Piece>> learn_pieces(const std::vector<std::string>& lines,
                                                      std::size_t count);

}  // namespace dramatis::app
