#include "server/process_memory.h"

#include <vector>

#include <gtest/gtest.h>

namespace dramatis::server {
namespace {

TEST(ProcessMemory, ReadsTheSecondNumber) {
  EXPECT_EQ(resident_pages("24410 2048 900 12 0 17 0\n"), 2048U);
  EXPECT_EQ(resident_pages(""), 0U);
  EXPECT_EQ(resident_pages("24410"), 0U);
  EXPECT_EQ(resident_pages("24410 many"), 0U);
  EXPECT_EQ(resident_pages("1 99999999999999999999999"), 0U);
}

TEST(ProcessMemory, CountsWhatWasTouched) {
  const std::size_t before = resident_bytes();
  ASSERT_GT(before, 0U);
  constexpr std::size_t kTouched = 64U << 20U;
  const std::vector<char> touched(kTouched, 'x');
  EXPECT_GT(resident_bytes() + touched[1] - 'x', before + kTouched / 2);
}

}  // namespace
}  // namespace dramatis::server
