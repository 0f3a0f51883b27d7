#include "engine/prefix_cache.h"

#include <gtest/gtest.h>

namespace dramatis::engine {
namespace {

constexpr model::ModelConfig kShape{.layers = 1,
                                    .width = 4,
                                    .ffn_width = 4,
                                    .heads = 1,
                                    .kv_heads = 1,
                                    .head_width = 4,
                                    .vocabulary = 100,
                                    .context = 100,
                                    .rope_width = 4};
constexpr std::size_t kTokenBytes = 2 * 4 * 4;  // keys and values of 4 f32

std::vector<TokenId> ids(std::initializer_list<int> numbers) {
  std::vector<TokenId> made;
  for (const int number : numbers) made.push_back(static_cast<TokenId>(number));
  return made;
}
void keep(PrefixCache& prefixes, const std::vector<TokenId>& sequence, std::size_t prompt_length) {
  auto cache = model::KvCache::make(kShape, sequence.size() + 3, tensor::Dtype::kF32).value();
  ASSERT_TRUE(cache.prepare(sequence.size()));
  for (std::size_t n = 0; n < sequence.size(); ++n) {
    const std::vector<float> row(4, static_cast<float>(sequence[n]));
    cache.write(0, n, row, row);
  }
  cache.advance(sequence.size());
  prefixes.keep(sequence, prompt_length, cache);
}
std::size_t found(PrefixCache& prefixes, const std::vector<TokenId>& prompt) {
  return prefixes.begin(kShape, prompt, prompt.size()).value().length();
}

TEST(PrefixCache, FindsTheLongestBeginningButNeverAllOfAPrompt) {
  PrefixCache prefixes(10'000, tensor::Dtype::kF32);
  EXPECT_EQ(found(prefixes, ids({1, 2, 3})), 0U);
  keep(prefixes, ids({1, 2, 3, 4}), 4);
  keep(prefixes, ids({1, 2, 9, 9, 9, 9}), 6);
  EXPECT_EQ(found(prefixes, ids({1, 2, 3, 7})), 3U);
  EXPECT_EQ(found(prefixes, ids({1, 2, 3, 4})), 3U);
  EXPECT_EQ(found(prefixes, ids({1, 2, 9, 9, 1})), 4U);
  EXPECT_EQ(found(prefixes, ids({2, 2})), 0U);
  EXPECT_EQ(found(prefixes, ids({1})), 0U);
}

TEST(PrefixCache, GivesTheRowsThatWereKept) {
  PrefixCache prefixes(10'000, tensor::Dtype::kF32);
  keep(prefixes, ids({5, 6, 7}), 3);
  const auto cache = prefixes.begin(kShape, ids({5, 6, 8}), 20).value();
  EXPECT_EQ(cache.capacity(), 20U);
  EXPECT_EQ(reinterpret_cast<const float*>(cache.starts()[0])[4], 6.0F);
  EXPECT_EQ(reinterpret_cast<const float*>(cache.starts()[0] + cache.shape().plane_bytes())[7],
            6.0F);
}

TEST(PrefixCache, ALaterTurnReplacesTheEarlier) {
  PrefixCache prefixes(10'000, tensor::Dtype::kF32);
  keep(prefixes, ids({1, 2, 3, 50, 51}), 3);  // a prompt of three and a reply
  keep(prefixes, ids({1, 2, 3, 50, 52, 4}),
       6);  // the next turn; the reply came back in other tokens
  EXPECT_EQ(prefixes.size(), 1U);
  keep(prefixes, ids({1, 2, 8, 9}), 4);  // another player of the same character
  EXPECT_EQ(prefixes.size(), 2U);
}

TEST(PrefixCache, StaysWithinItsBytes) {
  PrefixCache prefixes(7 * kTokenBytes, tensor::Dtype::kF32);
  keep(prefixes, ids({1, 1, 1}), 3);
  keep(prefixes, ids({2, 2, 2}), 3);
  EXPECT_EQ(prefixes.bytes(), 6 * kTokenBytes);
  EXPECT_EQ(found(prefixes, ids({1, 1, 5})), 2U);  // used now, so the other one leaves
  keep(prefixes, ids({3, 3, 3}), 3);
  EXPECT_EQ(found(prefixes, ids({2, 2, 2})), 0U);
  EXPECT_EQ(found(prefixes, ids({1, 1, 5})), 2U);
  keep(prefixes, ids({4, 4, 4, 4, 4, 4, 4, 4}), 8);  // larger than all there is
  EXPECT_EQ(prefixes.size(), 2U);
}

}  // namespace
}  // namespace dramatis::engine
