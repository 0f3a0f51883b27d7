#include "engine/page_tree.h"

#include <gtest/gtest.h>

namespace dramatis::engine {
namespace {

constexpr model::ModelConfig kShape{.layers = 1, .kv_heads = 1, .head_width = 4};

class PageTrees : public ::testing::Test {
 protected:
  // Tokens from `first` on.
  static std::vector<TokenId> ids(int first, std::size_t count) {
    std::vector<TokenId> made;
    for (std::size_t n = 0; n < count; ++n)
      made.push_back(static_cast<TokenId>(first + static_cast<int>(n)));
    return made;
  }
  static std::vector<TokenId> joined(std::vector<TokenId> a, const std::vector<TokenId>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
  }
  void keep(const std::vector<TokenId>& sequence, const PageRights& rights) {
    model::KvCache cache(pool_, sequence.size());
    ASSERT_TRUE(cache.prepare(sequence.size()));
    cache.advance(sequence.size());
    tree_.keep(sequence, rights, cache);
  }
  std::size_t found(const std::vector<TokenId>& sequence, const PageRights& rights) {
    std::size_t sum = 0;
    for (const auto& piece : tree_.find(sequence, sequence.size(), rights)) sum += piece.tokens;
    return sum;
  }

  std::shared_ptr<model::KvPool> pool_ =
      model::KvPool::make(model::kv_shape(kShape, tensor::Dtype::kF32).value(), 1 << 20);
  PageTree tree_;
};

TEST_F(PageTrees, FindsWhatIsCommonForEverybodyToTheLastToken) {
  keep(ids(0, 40), {.common = 40});
  EXPECT_EQ(tree_.size(), 3U);
  EXPECT_EQ(found(ids(0, 60), {.common = 40}), 40U);
  EXPECT_EQ(found(ids(0, 60), {.common = 35}), 35U);  // what this asker calls its own is its own
  EXPECT_EQ(found(ids(0, 60), {}), 0U);
  EXPECT_EQ(found(joined(ids(0, 20), ids(90, 20)), {.common = 40}), 20U);  // the same world
  EXPECT_EQ(found(ids(1, 60), {.common = 40}), 0U);
}

TEST_F(PageTrees, AConversationIsFoundByItsKeyAlone) {
  keep(ids(0, 40), {.common = 20, .conversation = "a"});
  EXPECT_EQ(found(ids(0, 60), {.common = 20, .conversation = "a"}), 40U);
  EXPECT_EQ(found(ids(0, 60), {.common = 20, .conversation = "b"}), 16U);
  EXPECT_EQ(found(ids(0, 60), {.common = 20}), 16U);
  EXPECT_EQ(found(ids(0, 60), {.common = 60}), 16U);  // who calls it common does not get it either
  keep(ids(0, 40), {.common = 20});                   // no key: only the whole page of the persona
  EXPECT_EQ(tree_.size(), 3U);
}

TEST_F(PageTrees, ALaterTurnGrowsTheLastPage) {
  const PageRights mine{.conversation = "a"};
  keep(ids(0, 20), mine);
  keep(ids(0, 30), mine);
  EXPECT_EQ(tree_.size(), 2U);
  keep(ids(0, 25), mine);
  EXPECT_EQ(tree_.size(), 2U);
  EXPECT_EQ(found(ids(0, 40), mine), 30U);
}

TEST_F(PageTrees, LetsGoOfConversationsBeforePersonasAndNeverOfWhatIsInUse) {
  keep(ids(0, 32), {.common = 32});
  keep(ids(100, 32), {.conversation = "a"});
  keep(ids(200, 32), {.conversation = "b"});
  EXPECT_EQ(found(ids(100, 32), {.conversation = "a"}), 32U);
  const auto in_use = tree_.find(ids(200, 32), 32, {.conversation = "b"});
  EXPECT_TRUE(tree_.evict());
  EXPECT_TRUE(tree_.evict());
  EXPECT_EQ(found(ids(100, 32), {.conversation = "a"}), 0U);
  EXPECT_EQ(found(ids(0, 32), {.common = 32}), 32U);
  EXPECT_EQ(found(ids(200, 32), {.conversation = "b"}), 32U);
  EXPECT_TRUE(tree_.evict());
  EXPECT_TRUE(tree_.evict());
  EXPECT_FALSE(tree_.evict());
  EXPECT_EQ(tree_.size(), 2U);
  EXPECT_EQ(pool_->used_pages(), 2U);
}

TEST_F(PageTrees, APersonaThatNobodyAsksForLeavesAtLast) {
  keep(ids(0, 16), {.common = 16});
  for (int turn = 1; turn <= 20; ++turn) {
    keep(ids(100 * turn, 16), {.conversation = "a"});
    EXPECT_TRUE(tree_.evict());
  }
  EXPECT_EQ(found(ids(0, 16), {.common = 16}), 0U);
}

TEST_F(PageTrees, WhatIsEverybodysComesBackInAnotherTree) {
  keep(joined(ids(0, 40), ids(70, 20)), {.common = 40, .conversation = "a"});
  keep(joined(ids(0, 16), ids(90, 30)), {.common = 46});
  EXPECT_EQ(tree_.news(), 4U);
  const auto pages = tree_.common(100);
  ASSERT_EQ(pages.size(), 4U) << "the page that mixes both is private";
  for (std::size_t n = 0; n < pages.size(); ++n)
    EXPECT_TRUE(pages[n].parent == kNoParent || pages[n].parent < n);
  PageTree other;
  other.restore(pages);
  EXPECT_EQ(other.size(), 4U);
  EXPECT_EQ(other.news(), 0U);
  const auto found = [&](const std::vector<TokenId>& sequence) {
    std::size_t sum = 0;
    for (const auto& piece : other.find(sequence, sequence.size(), {.common = sequence.size()}))
      sum += piece.tokens;
    return sum;
  };
  EXPECT_EQ(found(ids(0, 60)), 32U);
  EXPECT_EQ(found(joined(ids(0, 16), ids(90, 40))), 46U);
}

TEST_F(PageTrees, OfWhatIsEverybodysTheLastUsedStays) {
  keep(ids(0, 32), {.common = 32});
  keep(ids(100, 32), {.common = 32});
  while (tree_.size() > 3) ASSERT_TRUE(tree_.evict());  // so that pages used later are worth more
  EXPECT_GT(found(ids(100, 32), {.common = 32}), 0U);
  const auto pages = tree_.common(2);
  ASSERT_EQ(pages.size(), 2U);
  EXPECT_EQ(pages[0].ids.front(), TokenId{100});
  EXPECT_TRUE(tree_.common(0).empty());
}

}  // namespace
}  // namespace dramatis::engine
