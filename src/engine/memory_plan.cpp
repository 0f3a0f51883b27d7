// What cannot be chosen is counted first; keys and values get the rest.
#include "engine/memory_plan.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/checked.h"
#include "engine/limits.h"
#include "model/kv_pool.h"
#include "model/limits.h"

namespace dramatis::engine {
namespace {

using model::kPageTokens;
using model::KvShape;
using tensor::Dtype;

// As ForwardPass allocates them: eleven rows of activations for each token of a batch, the widest
// of them rounded too; and the logits of a step, with what each thread sorts when it draws.
std::size_t scratch_of(const model::ModelConfig& config, std::size_t threads) {
  const std::size_t widest = std::max({config.width, config.ffn_width, config.query_width()});
  const std::size_t row = 4 * (3 * config.width + 2 * config.query_width() + 2 * config.kv_width() +
                               2 * config.ffn_width) +
                          4 * widest;
  return model::kMaxBatchRows * row + kMaxLogitRows * config.vocabulary * sizeof(float) +
         threads * config.vocabulary * kDrawBytes;
}

std::size_t pages_bytes(const KvShape& shape, std::size_t tokens) {
  return (model::pages_for(tokens) + kCopiedPages) * shape.page_bytes();
}

std::size_t default_kv_bytes(const KvShape& shape, std::size_t context) {
  const std::size_t several = std::min(kDefaultKvTokens * shape.token_bytes(), kMostDefaultKvBytes);
  return std::max({kDefaultKvBytes, several, pages_bytes(shape, context)});
}

MemoryPlan fixed_part(const model::ModelConfig& config, const MemoryWishes& wishes) {
  return {
      .beside_bytes = wishes.beside_bytes,
      .program_bytes = kProgramBytes,
      .weights_bytes = wishes.file_bytes,
      .vocabulary_bytes = config.vocabulary * kVocabularyBytes,
      .scratch_bytes = scratch_of(config, wishes.threads),
      .context = wishes.context != 0 ? wishes.context : std::min(config.context, kDefaultContext)};
}

void count_conversations(const KvShape& shape, MemoryPlan& plan) {
  const std::size_t tokens = std::min(plan.context, kPlannedTokens);
  plan.kv_dtype = shape.dtype;
  plan.conversations = plan.kv_bytes / pages_bytes(shape, tokens);
}

Result<KvShape> choose_shape(const model::ModelConfig& config, const MemoryWishes& wishes,
                             std::size_t kv_bytes, std::size_t context) {
  if (wishes.kv_dtype) return model::kv_shape(config, *wishes.kv_dtype);
  DRAMATIS_TRY(const auto halves, model::kv_shape(config, Dtype::kF16));
  const std::size_t tokens = std::min(context, kPlannedTokens);
  const std::size_t conversations =
      wishes.conversations != 0 ? wishes.conversations : kPlannedConversations;
  const bool fits =
      wishes.ram_bytes == 0 || (kv_bytes >= conversations * pages_bytes(halves, tokens) &&
                                kv_bytes >= pages_bytes(halves, context));
  const auto eighths = model::kv_shape(config, Dtype::kQ8_0);
  return fits || !eighths ? halves : *eighths;
}

Result<MemoryPlan> keep_promise(const model::ModelConfig& config, const MemoryWishes& wishes) {
  MemoryPlan plan = fixed_part(config, wishes);
  const std::size_t taken = plan.sum();
  const std::size_t left = wishes.ram_bytes > taken ? wishes.ram_bytes - taken : 0;
  DRAMATIS_TRY(const auto shape, choose_shape(config, wishes, left, plan.context));
  plan.kv_bytes = wishes.kv_bytes != 0 ? wishes.kv_bytes : left;
  const std::size_t least = pages_bytes(
      shape, wishes.context != 0 ? wishes.context : std::min(plan.context, kLeastContext));
  if (plan.kv_bytes > left || plan.kv_bytes < least) {
    plan.kv_bytes = std::max(least, wishes.kv_bytes);
    plan.kv_dtype = shape.dtype;
    return fail(ErrorCode::kOverBudget,
                fmt::format("{} MB were promised; needed are {}. Allow more memory, or take a "
                            "smaller model, type of weights or context.",
                            wishes.ram_bytes / 1'000'000, tell(plan)));
  }
  const std::size_t tokens = (plan.kv_bytes / shape.page_bytes() - kCopiedPages) * kPageTokens;
  plan.context = std::min(plan.context, tokens);
  count_conversations(shape, plan);
  return plan;
}

}  // namespace

Result<MemoryPlan> plan_memory(const model::ModelConfig& config, const MemoryWishes& wishes) {
  if (wishes.context > config.context) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("A context of {} tokens was asked for; the model was trained for {}.",
                            wishes.context, config.context));
  }
  if (wishes.ram_bytes != 0) return keep_promise(config, wishes);
  MemoryPlan plan = fixed_part(config, wishes);
  DRAMATIS_TRY(const auto shape, choose_shape(config, wishes, 0, plan.context));
  plan.kv_bytes = wishes.kv_bytes != 0 ? wishes.kv_bytes : default_kv_bytes(shape, plan.context);
  count_conversations(shape, plan);
  return plan;
}

Result<MemoryPlan> plan_talks(const model::ModelConfig& config, const MemoryWishes& wishes,
                              const Talks& talks) {
  MemoryPlan plan = fixed_part(config, wishes);
  DRAMATIS_TRY(const auto shape,
               model::kv_shape(config, wishes.kv_dtype.value_or(tensor::Dtype::kF16)));
  const auto bytes = checked_mul(talks.count, pages_bytes(shape, talks.tokens));
  if (!bytes || !checked_add(*bytes, plan.sum())) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("{} conversations of {} tokens take more bytes than can be counted.",
                            talks.count, talks.tokens));
  }
  plan.kv_bytes = *bytes;
  plan.kv_dtype = shape.dtype;
  plan.context = talks.tokens;
  plan.conversations = talks.count;
  return plan;
}

std::string tell(const MemoryPlan& plan) {
  const auto mb = [](std::size_t bytes) { return (bytes + 999'999) / 1'000'000; };
  const std::string beside =
      plan.beside_bytes == 0 ? "" : fmt::format("{} characters and judge, ", mb(plan.beside_bytes));
  return fmt::format(
      "{} MB: {}{} program, {} weights, {} vocabulary, {} for computing, {} keys and values ({})",
      mb(plan.sum()), beside, mb(plan.program_bytes), mb(plan.weights_bytes),
      mb(plan.vocabulary_bytes), mb(plan.scratch_bytes), mb(plan.kv_bytes),
      tensor::dtype_row(plan.kv_dtype).name);
}

}  // namespace dramatis::engine
