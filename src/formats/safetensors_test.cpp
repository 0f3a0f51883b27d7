#include "formats/safetensors.h"

#include <cstring>

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace dramatis::formats {
namespace {

std::vector<std::byte> file_with(std::string_view header, std::size_t data) {
  std::vector<std::byte> file(8 + header.size() + data);
  const std::uint64_t length = header.size();
  std::memcpy(file.data(), &length, 8);
  std::memcpy(file.data() + 8, header.data(), header.size());
  return file;
}

ErrorCode verdict(std::string_view header, std::size_t data) {
  const auto parsed = Safetensors::parse(file_with(header, data));
  return parsed ? ErrorCode::kInternal : parsed.error().code;
}

TEST(Safetensors, WhatIsWrittenIsRead) {
  const std::vector<float> weights = {1, 2, 3, 4, 5, 6};
  const std::vector<SafeTensor> tensors = {
      {.name = "a",
       .dtype = SafeDtype::kF32,
       .shape = {2, 3},
       .bytes = std::as_bytes(std::span(weights))},
      {.name = "none", .dtype = SafeDtype::kF16, .shape = {0}, .bytes = {}},
      {.name = "one",
       .dtype = SafeDtype::kF32,
       .shape = {},
       .bytes = std::as_bytes(std::span(weights).first(1))}};
  const auto read = Safetensors::parse(write_safetensors(tensors, {{"step", "7"}})).value();
  EXPECT_EQ(*read.metadata("step"), "7");
  EXPECT_EQ(read.tensor("a")->shape, (std::vector<std::size_t>{2, 3}));
  EXPECT_EQ(load_le<float>(read.tensor("a")->bytes, 20), 6.0F);
  EXPECT_EQ(read.tensor("one")->bytes.size(), 4U);
  EXPECT_EQ(read.tensor("b"), nullptr);
}

TEST(Safetensors, RefusesShortFilesAndLyingHeaders) {
  for (std::size_t n = 0; n < 8; ++n) EXPECT_FALSE(Safetensors::parse(std::vector<std::byte>(n)));
  for (const std::uint64_t length :
       {~std::uint64_t{0}, std::uint64_t{1} << 63, std::uint64_t{17}}) {
    std::vector<std::byte> file(24);
    std::memcpy(file.data(), &length, 8);
    EXPECT_EQ(Safetensors::parse(file).error().code, ErrorCode::kCorrupt);
  }
  EXPECT_EQ(verdict("", 0), ErrorCode::kCorrupt);
  EXPECT_EQ(verdict(" {}", 0), ErrorCode::kCorrupt);
  EXPECT_EQ(verdict("{}x", 0), ErrorCode::kCorrupt);
  EXPECT_EQ(verdict("{}  ", 0),
            ErrorCode::kInternal);  // trailing spaces are the format's own padding
}

TEST(Safetensors, RefusesOffsetsThatDoNotTileTheData) {
  const auto entry = [](const char* name, const char* shape, const char* ends) {
    return fmt::format(R"("{}":{{"dtype":"F32","shape":{},"data_offsets":{}}})", name, shape, ends);
  };
  const auto one = [&](const char* shape, const char* ends) {
    return fmt::format("{{{}}}", entry("a", shape, ends));
  };
  EXPECT_EQ(verdict(one("[2]", "[0,8]"), 8), ErrorCode::kInternal);
  for (const char* ends :
       {"[8,0]", "[0,16]", "[-1,7]", "[0,\"8\"]", "[0,8,8]", "[0]", "[0,1e3]", "[4,12]", "[0,4]"}) {
    EXPECT_EQ(verdict(one("[2]", ends), 8), ErrorCode::kCorrupt) << ends;
  }
  EXPECT_EQ(verdict(one("[4294967296,4294967296]", "[0,8]"), 8), ErrorCode::kCorrupt);
  EXPECT_EQ(verdict(one("[2]", "[0,8]"), 12), ErrorCode::kCorrupt);
  const auto overlapping =
      fmt::format("{{{},{}}}", entry("a", "[2]", "[0,8]"), entry("b", "[2]", "[4,12]"));
  EXPECT_EQ(verdict(overlapping, 12), ErrorCode::kCorrupt);
}

TEST(Safetensors, RefusesUnknownTypesAndDuplicates) {
  EXPECT_EQ(verdict(R"({"a":{"dtype":"f32","shape":[1],"data_offsets":[0,4]}})", 4),
            ErrorCode::kUnsupported);
  EXPECT_EQ(verdict(R"({"__metadata__":{"a":1}})", 0), ErrorCode::kCorrupt);
  EXPECT_EQ(
      verdict(
          R"({"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}})",
          4),
      ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace dramatis::formats
