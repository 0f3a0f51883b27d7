#include "memory_size.h"

#include <gtest/gtest.h>

namespace dramatis::app {
namespace {

TEST(MemorySize, TakesANumberAndALetter) {
  EXPECT_EQ(parse_memory_size("--ram", "200M").value(), 200'000'000U);
  EXPECT_EQ(parse_memory_size("--ram", "2G").value(), 2'000'000'000U);
  EXPECT_EQ(parse_memory_size("--ram", "12K").value(), 12'000U);
  EXPECT_EQ(parse_memory_size("--ram", "7").value(), 7U);
}

TEST(MemorySize, RefusesEverythingElseByName) {
  for (const char* text : {"", "M", "-1M", "1.5G", "1MB", "0", "99999999999999999999",
                           "18446744073709551615G", " 1M"}) {
    const auto refused = parse_memory_size("DRAMATIS_RAM", text);
    ASSERT_FALSE(refused) << text;
    EXPECT_NE(refused.error().what.find("DRAMATIS_RAM"), std::string::npos);
  }
}

}  // namespace
}  // namespace dramatis::app
