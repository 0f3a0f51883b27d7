#include "study/collapse.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dramatis::study {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Collapse, WhatTwoShareIsFound) {
  const std::vector<Presence> cast{
      {.character = "a",
       .world = "north",
       .names = {"elara"},
       .openings = {"Ah, welcome, weary traveller! Sit.", "No."},
       .plots = {"The tower burnt at night and my brother never came out of the smoke."}},
      {.character = "b",
       .world = "south",
       .names = {"elara", "tom"},
       .openings = {"Ah, welcome, weary traveller. Ale?"},
       .plots = {"The mill burnt at night and my sister never came out of the smoke."}},
      {.character = "c", .world = "south", .names = {"tom"}, .openings = {"Mind the goats, lad."}}};
  const Collapse found = find_collapse(cast);
  EXPECT_THAT(found.names, ElementsAre(Shared{"a", "b", "elara"}));
  EXPECT_THAT(found.openings, ElementsAre(Shared{"a", "b", "ah welcome weary traveller"}));
  ASSERT_EQ(found.plots.size(), 1U);
  EXPECT_DOUBLE_EQ(found.distinct_openings, 2.0 / 3);
  EXPECT_DOUBLE_EQ(find_collapse({}).distinct_openings, 1);
}

TEST(Collapse, TheCastIsHardlyAnyOfIt) {
  const auto cast = persona::load_cast(std::filesystem::path(DRAMATIS_SOURCE_DIR) / "cast").value();
  const Collapse found = find_collapse(presences_of(cast));
  EXPECT_THAT(found.plots, IsEmpty());
  // Three of them say "Good day to you", as people do.
  EXPECT_LE(found.openings.size(), 3U);
  for (const auto& shared : found.openings) EXPECT_EQ(shared.what, "good day to you");
  // Two worlds have a Maren; more would be a habit.
  EXPECT_LE(found.names.size(), 2U);
  for (const auto& shared : found.names) EXPECT_EQ(shared.what, "maren");
  EXPECT_GT(found.distinct_openings, 0.9);
}

}  // namespace
}  // namespace dramatis::study
