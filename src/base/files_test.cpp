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

TEST_F(Files, PiecesMakeOneFileThatNobodyElseReads) {
  const std::string first = "one, ";
  const std::string second = "two";
  const std::vector<std::span<const std::byte>> pieces{as_bytes(first), as_bytes(second)};
  ASSERT_TRUE(write_file(folder_ / "a", as_bytes("seen by all")));
  ASSERT_TRUE(write_private_file(folder_ / "a", pieces));
  EXPECT_EQ(read_text_file(folder_ / "a", 100).value(), "one, two");
  struct stat about {};
  ASSERT_EQ(::stat((folder_ / "a").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U);
  EXPECT_EQ(write_private_file(folder_ / "none" / "a", pieces).error().code, ErrorCode::kNotFound);
}

TEST_F(Files, ReadsIntoTheRoomThatIsGiven) {
  ASSERT_TRUE(write_file(folder_ / "a", as_bytes("12345")));
  std::vector<std::byte> room;
  const auto give = [&](std::size_t size) {
    room.resize(size + 3);  // more than is asked for
    return std::span(room);
  };
  EXPECT_EQ(read_file_into(folder_ / "a", 5, give).value(), 5U);
  EXPECT_EQ(as_text(std::span(room).first(5)), "12345");
  EXPECT_EQ(read_file_into(folder_ / "a", 4, give).error().code, ErrorCode::kOverBudget);
  EXPECT_EQ(read_file_into(folder_ / "b", 4, give).error().code, ErrorCode::kNotFound);
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
