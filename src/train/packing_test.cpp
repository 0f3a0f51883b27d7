#include "train/packing.h"

#include <numeric>

#include <gtest/gtest.h>

namespace dramatis::train {
namespace {

Document counting(std::int32_t first, std::size_t length) {
  Document document{.ids = std::vector<std::int32_t>(length),
                    .learnt = std::vector<bool>(length, true)};
  std::iota(document.ids.begin(), document.ids.end(), first);
  return document;
}

TEST(Packing, LosesNoTokenAndPadsNothing) {
  const auto rows = pack({counting(0, 7), counting(100, 6)}, 4);
  ASSERT_EQ(rows.size(), 3U);
  std::vector<std::int32_t> read;
  for (const auto& row : rows) {
    ASSERT_EQ(row.ids.size(), 5U);
    read.insert(read.end(), row.ids.begin(), row.ids.end() - 1);
  }
  EXPECT_EQ(read, (std::vector<std::int32_t>{0, 1, 2, 3, 4, 5, 6, 100, 101, 102, 103, 104}));
}

TEST(Packing, APredictionAcrossDocumentsNeverCounts) {
  const auto rows = pack({counting(0, 3), counting(100, 6)}, 4);
  EXPECT_EQ(rows[0].document, (std::vector<std::int32_t>{0, 0, 0, 1}));
  EXPECT_EQ(rows[0].learnt, (std::vector<bool>{true, true, false, true}));
}

TEST(Packing, OnlyLearntTokensCount) {
  Document document = counting(0, 5);
  document.learnt = {false, false, true, true, false};
  EXPECT_EQ(pack({document}, 4)[0].learnt, (std::vector<bool>{false, true, true, false}));
}

TEST(Packing, WholeDocumentsAreNotCut) {
  const auto rows = pack_whole({counting(0, 3), counting(10, 4), counting(20, 2)}, 5);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].ids, (std::vector<std::int32_t>{10, 11, 12, 13, 20, 21}));
  EXPECT_EQ(rows[0].learnt, (std::vector<bool>{true, true, true, false, true}));
  EXPECT_EQ(rows[1].learnt, (std::vector<bool>{true, true, false, false, false}));
}

}  // namespace
}  // namespace dramatis::train
