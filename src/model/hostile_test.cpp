// Model files that were damaged or mean harm: every one is refused with a reason or computes.
#include <algorithm>

#include <gtest/gtest.h>

#include "model/model.h"
#include "model/testing/small_model.h"

namespace dramatis::model {
namespace {

// As small as a model can be, so that every bit of its metadata can be tried.
ModelConfig least_of(std::string_view family) {
  auto shape = testing::small_of(family);
  shape.layers = 1;
  shape.width = 8;
  shape.ffn_width = 4;
  shape.heads = 2;
  shape.kv_heads = 1;
  shape.head_width = 4;
  shape.vocabulary = 4;
  return shape;
}

// G30
TEST(HostileModels, EveryBitOfTheMetadataMayFlip) {
  for (const auto* family : {"llama", "qwen2", "qwen3", "gemma2"}) {
    SCOPED_TRACE(family);
    const auto whole = testing::small_model(least_of(family), tensor::Dtype::kF32);
    const std::size_t data = formats::Gguf::parse(whole).value().tensors().front().bytes.size();
    std::size_t refused = 0;
    std::size_t computed = 0;
    runtime::ThreadPool threads(1);
    // Metadata and the list of tensors; flips of weights are the forward pass's own affair.
    for (std::size_t bit = 0; bit < std::min<std::size_t>(whole.size() - data, 1600) * 8; ++bit) {
      auto flipped = whole;
      flipped[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
      auto file = formats::Gguf::parse(std::move(flipped));
      if (!file) continue;
      const auto model = Model::bind(*std::move(file));
      if (!model) {
        ++refused;
        ASSERT_FALSE(model.error().what.empty());
        continue;
      }
      auto cache = KvCache::make(model->config(), 2, tensor::Dtype::kF16);
      ASSERT_TRUE(cache);
      const auto logits = model->step(TokenId{1}, *cache, threads);
      ASSERT_TRUE(logits);
      ASSERT_EQ(logits->vocabulary, model->config().vocabulary);
      ++computed;
    }
    EXPECT_GT(refused, 500U);
    EXPECT_GT(computed, 50U);
  }
}

}  // namespace
}  // namespace dramatis::model
