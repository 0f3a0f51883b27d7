#include "base/result.h"

#include <gtest/gtest.h>

#include "base/error_table.h"

namespace dramatis {
namespace {

Result<int> halve(int n) {
  if (n % 2 != 0) return fail(ErrorCode::kInvalidArgument, "odd");
  return n / 2;
}

Result<int> quarter(int n) {
  DRAMATIS_TRY(const int half, halve(n));
  return halve(half);
}

TEST(Result, TryReturnsTheFirstError) {
  EXPECT_EQ(quarter(12).value(), 3);
  EXPECT_EQ(quarter(6).error().what, "odd");
  EXPECT_EQ(quarter(5).error().code, ErrorCode::kInvalidArgument);
}

TEST(ErrorTable, KeepsTheNamesThatClientsDependOn) {
  EXPECT_EQ(error_row(ErrorCode::kNpcNotFound).name, "npc_not_found");
  EXPECT_EQ(error_row(ErrorCode::kNpcNotFound).http_status, 404);
  EXPECT_EQ(error_row(ErrorCode::kInvalidArgument).exit_code, 2);
}

}  // namespace
}  // namespace dramatis
