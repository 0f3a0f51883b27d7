// The engine's own sum, for several talks.
#include "model_memory.h"

#include <fmt/format.h>

#include "engine/memory_plan.h"
#include "model/kv_pool.h"
#include "model_file.h"

namespace dramatis::app {

Result<std::uint64_t> bytes_of_a_token(const model::ModelConfig& config) {
  DRAMATIS_TRY(const auto shape, model::kv_shape(config, tensor::Dtype::kF16));
  return shape.token_bytes();
}

Result<std::vector<MemoryNeed>> memory_needs(const formats::Gguf& file,
                                             const model::ModelConfig& config, std::size_t context,
                                             std::size_t conversations) {
  if (context > config.context) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("--context is {}; the model was trained for {} tokens.", context,
                            config.context));
  }
  std::vector<std::size_t> lengths = {512, 2048, 8192};
  std::vector<std::size_t> counts = {1, 8, 64};
  if (context > 0) lengths = {context};
  if (config.context < lengths.front()) lengths = {config.context};
  if (conversations > 0) counts = {conversations};
  const engine::MemoryWishes wishes{.file_bytes = file.file_size(), .threads = all_threads()};
  std::vector<MemoryNeed> needs;
  for (const auto length : lengths) {
    if (length > config.context) continue;
    for (const auto count : counts) {
      DRAMATIS_TRY(const auto plan,
                   engine::plan_talks(config, wishes, {.tokens = length, .count = count}));
      needs.push_back({.context = length, .conversations = count, .bytes = plan.sum()});
    }
  }
  return needs;
}

}  // namespace dramatis::app
