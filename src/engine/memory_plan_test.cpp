#include "engine/memory_plan.h"

#include <limits>

#include <gtest/gtest.h>

#include "engine/limits.h"

namespace dramatis::engine {
namespace {

using tensor::Dtype;

// SmolLM2-135M.
constexpr model::ModelConfig kShape{.layers = 30,
                                    .width = 576,
                                    .ffn_width = 1536,
                                    .heads = 9,
                                    .kv_heads = 3,
                                    .head_width = 64,
                                    .vocabulary = 49152,
                                    .context = 8192};
constexpr std::size_t kMb = 1'000'000;

TEST(MemoryPlan, KeepsAPromiseWithTheTypeThatLeavesRoomForEight) {
  const auto large = plan_memory(kShape, {.ram_bytes = 600 * kMb, .file_bytes = 77 * kMb}).value();
  EXPECT_EQ(large.kv_dtype, Dtype::kF16);
  EXPECT_LE(large.sum(), 600 * kMb);
  EXPECT_GE(large.conversations, kPlannedConversations);
  const auto small = plan_memory(kShape, {.ram_bytes = 200 * kMb, .file_bytes = 77 * kMb}).value();
  EXPECT_EQ(small.kv_dtype, Dtype::kQ8_0);
  EXPECT_LE(small.sum(), 200 * kMb);
  EXPECT_GE(small.conversations, 4U);
}

// G20
TEST(MemoryPlan, ShortensTheContextBeforeItRefuses) {
  const auto plan = plan_memory(kShape, {.ram_bytes = 150 * kMb, .file_bytes = 77 * kMb}).value();
  EXPECT_LT(plan.context, kDefaultContext);
  EXPECT_GE(plan.context, kLeastContext);
  const auto refused = plan_memory(kShape, {.ram_bytes = 130 * kMb, .file_bytes = 77 * kMb});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kOverBudget);
  EXPECT_NE(refused.error().what.find("130 MB were promised"), std::string::npos);
  EXPECT_NE(refused.error().what.find("77 weights"), std::string::npos);
  EXPECT_FALSE(
      plan_memory(kShape, {.ram_bytes = 150 * kMb, .context = 8192, .file_bytes = 77 * kMb}));
}

TEST(MemoryPlan, EightTalksFitInto200MbOfQ4AndTheirSumIsTheSame) {
  const MemoryWishes q4{.kv_dtype = Dtype::kQ8_0, .file_bytes = 77 * kMb, .threads = 2};
  const auto talks = plan_talks(kShape, q4, {.tokens = 600, .count = 8}).value();
  EXPECT_LE(talks.sum(), 200 * kMb);
  auto promised = q4;
  promised.ram_bytes = 200 * kMb;
  const auto plan = plan_memory(kShape, promised).value();
  EXPECT_EQ(plan.sum() - plan.kv_bytes, talks.sum() - talks.kv_bytes);
  EXPECT_GE(plan.kv_bytes, talks.kv_bytes);
  promised.beside_bytes = 20 * kMb;
  const auto less = plan_memory(kShape, promised).value();
  EXPECT_EQ(less.kv_bytes, plan.kv_bytes - 20 * kMb);
  EXPECT_NE(tell(less).find("20 characters and judge"), std::string::npos);
  const std::size_t many = std::numeric_limits<std::size_t>::max() / 2;
  EXPECT_EQ(plan_talks(kShape, q4, {.tokens = 600, .count = many}).error().code,
            ErrorCode::kOverBudget);
}

TEST(MemoryPlan, ManyConversationsAskForEightBits) {
  MemoryWishes wishes{.ram_bytes = 560 * kMb, .file_bytes = 145 * kMb};
  EXPECT_EQ(plan_memory(kShape, wishes)->kv_dtype, Dtype::kF16);
  wishes.conversations = 64;
  EXPECT_EQ(plan_memory(kShape, wishes)->kv_dtype, Dtype::kQ8_0);
}

TEST(MemoryPlan, HeadsThatAreNoWholeBlocksStayInHalves) {
  auto shape = kShape;
  shape.head_width = 48;
  EXPECT_EQ(plan_memory(shape, {.ram_bytes = 200 * kMb, .file_bytes = 60 * kMb})->kv_dtype,
            Dtype::kF16);
  EXPECT_EQ(plan_memory(shape, {.kv_dtype = Dtype::kQ8_0}).error().code, ErrorCode::kUnsupported);
}

TEST(MemoryPlan, WithoutAPromiseAWholeContextFits) {
  const auto plan = plan_memory(kShape, {.file_bytes = 77 * kMb}).value();
  EXPECT_EQ(plan.context, kDefaultContext);
  EXPECT_EQ(plan.kv_dtype, Dtype::kF16);
  EXPECT_GE(plan.kv_bytes, kDefaultContext * 30 * 2 * 192 * 2);
  EXPECT_EQ(plan_memory(kShape, {.context = 9000}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(plan_memory(kShape, {.kv_bytes = 12345})->kv_bytes, 12345U);
}

}  // namespace
}  // namespace dramatis::engine
