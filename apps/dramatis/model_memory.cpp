// Sums.
#include "model_memory.h"

#include <algorithm>

#include "model/limits.h"

namespace dramatis::app {
namespace {

std::uint64_t bytes_of_weights(const formats::Gguf& file) {
  std::uint64_t sum = 0;
  for (const auto& tensor : file.tensors()) sum += tensor.bytes.size();
  return sum;
}

// Rows of a batch: the stream and what a block makes of it in f32, scores, and one row of logits
// with its copy.
std::uint64_t bytes_of_a_batch(const model::ModelConfig& config, std::size_t context) {
  const std::uint64_t row = 4 * config.width + 2 * config.query_width() + 2 * config.kv_width() +
                            3 * config.ffn_width + config.heads * context;
  return 4 * (row * model::kMaxBatchRows + 2 * config.vocabulary);
}

}  // namespace

std::uint64_t bytes_of_a_token(const model::ModelConfig& config) {
  return std::uint64_t{2} * 2 * config.layers * config.kv_width();
}

std::vector<MemoryNeed> memory_needs(const formats::Gguf& file, const model::ModelConfig& config,
                                     std::size_t context, std::size_t conversations) {
  std::vector<std::size_t> lengths = {512, 2048, 8192};
  std::vector<std::size_t> counts = {1, 8, 64};
  if (context > 0) lengths = {context};
  if (conversations > 0) counts = {conversations};
  std::vector<MemoryNeed> needs;
  for (const auto length : lengths) {
    if (length > config.context) continue;
    for (const auto count : counts) {
      needs.push_back({.context = length,
                       .conversations = count,
                       .bytes = bytes_of_weights(file) + bytes_of_a_batch(config, length) +
                                bytes_of_a_token(config) * length * count});
    }
  }
  return needs;
}

}  // namespace dramatis::app
