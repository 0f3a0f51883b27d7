// A model's shape and a promise in bytes -> what is kept in memory, so that the promise holds.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/result.h"
#include "model/config.h"
#include "tensor/dtype.h"

namespace dramatis::engine {

// What is known before anything is computed.
struct MemoryWishes {
  std::size_t ram_bytes = 0;  // of the whole process; 0: no promise was given
  std::size_t context = 0;    // tokens of prompt and reply; 0: as long as fits, at most the default
  std::size_t kv_bytes = 0;   // for keys and values; 0: chosen
  std::optional<tensor::Dtype> kv_dtype{};  // nothing: chosen
  std::size_t file_bytes = 0;               // of the model, all in memory
  std::size_t threads = 1;
  std::size_t conversations = 0;  // that should be kept ready; 0: kPlannedConversations
  std::size_t beside_bytes = 0;   // what the caller keeps beside the engine, in the same promise
};

// Bytes by what they are for; together they are the promise.
struct MemoryPlan {
  std::size_t beside_bytes = 0;      // the caller's own
  std::size_t program_bytes = 0;     // code, libraries and what every program has
  std::size_t weights_bytes = 0;     // the model's file
  std::size_t vocabulary_bytes = 0;  // its tokens, read into tables
  std::size_t scratch_bytes = 0;     // of one step: rows, logits, what is drawn from
  std::size_t kv_bytes = 0;          // pages of keys and values
  tensor::Dtype kv_dtype = tensor::Dtype::kF16;
  std::size_t context = 0;        // tokens
  std::size_t conversations = 0;  // of kPlannedTokens tokens, or of the context where it is shorter

  [[nodiscard]] std::size_t sum() const {
    return beside_bytes + program_bytes + weights_bytes + vocabulary_bytes + scratch_bytes +
           kv_bytes;
  }
};

// With a promise: F16 where it leaves room for the conversations that are wished for, else Q8_0
// where the heads allow it; the context shrinks to kLeastContext before anything is refused.
// Errors: kOverBudget with the whole sum; those of model::kv_shape; kInvalidArgument for a context
// longer than the model was trained for.
[[nodiscard]] Result<MemoryPlan> plan_memory(const model::ModelConfig& config,
                                             const MemoryWishes& wishes);

// Conversations that are kept ready.
struct Talks {
  std::size_t tokens = 0;  // of each, persona and history
  std::size_t count = 0;
};

// What a process takes that keeps them all, none sharing anything with another: the same sum, with
// `context` and `kv_bytes` as they ask. Errors: those of model::kv_shape; kOverBudget where it
// cannot be counted.
[[nodiscard]] Result<MemoryPlan> plan_talks(const model::ModelConfig& config,
                                            const MemoryWishes& wishes, const Talks& talks);

// "200 MB: 20 program, 76 weights, ...", for people. Megabytes of 10^6 bytes.
[[nodiscard]] std::string tell(const MemoryPlan& plan);

}  // namespace dramatis::engine
