// The shape of a model -> the memory that it takes, by length and number of conversations.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "formats/gguf.h"
#include "model/config.h"

namespace dramatis::app {

struct MemoryNeed {
  std::size_t context;        // tokens of one conversation
  std::size_t conversations;  // that are kept ready
  std::uint64_t bytes;        // of the whole process, as engine::plan_talks counts them
};

// Keys and values of one token in 16 bits.
[[nodiscard]] Result<std::uint64_t> bytes_of_a_token(const model::ModelConfig& config);

// One conversation, 8 and 64, each of 512, 2048 and 8192 tokens; or of the numbers that are asked
// for (0: not asked). Lengths past what the model was trained for are left out. Errors: those of
// engine::plan_talks.
[[nodiscard]] Result<std::vector<MemoryNeed>> memory_needs(const formats::Gguf& file,
                                                           const model::ModelConfig& config,
                                                           std::size_t context,
                                                           std::size_t conversations);

}  // namespace dramatis::app
