#include "base/files.h"

#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/bytes.h"

namespace dramatis {
namespace {

class Files : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_ = std::filesystem::path(testing::TempDir()) /
                                  testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(Files, WhatIsWrittenIsRead) {
  ASSERT_TRUE(write_file(folder_ / "a", as_bytes("one")));
  ASSERT_TRUE(write_file(folder_ / "a", as_bytes("second")));
  EXPECT_EQ(read_text_file(folder_ / "a", 100).value(), "second");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(Files, RefusesMoreThanTheLimit) {
  ASSERT_TRUE(write_file(folder_ / "a", as_bytes("12345")));
  EXPECT_TRUE(read_file(folder_ / "a", 5));
  EXPECT_EQ(read_file(folder_ / "a", 4).error().code, ErrorCode::kOverBudget);
}

TEST_F(Files, RefusesWhatIsNoRegularFile) {
  EXPECT_EQ(read_file(folder_, 10).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(read_file("/dev/zero", 10).error().code, ErrorCode::kInvalidArgument);
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(read_file(folder_ / "pipe", 10).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(Files, NamesAMissingFile) {
  const auto missing = read_file(folder_ / "nothing", 10);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_NE(missing.error().what.find("nothing"), std::string::npos);
}

}  // namespace
}  // namespace dramatis
