#include "formats/safetensors.h"

#include <cstring>

#include <fmt/format.h>
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

TEST(Safetensors, RefusesHeadersThatAreNoPlainJson) {
  EXPECT_EQ(verdict("{\"\xFF\":1}", 0), ErrorCode::kCorrupt);
  EXPECT_EQ(verdict(R"({"\ud800":1})", 0), ErrorCode::kCorrupt);
  EXPECT_EQ(verdict("\xEF\xBB\xBF{}", 0), ErrorCode::kCorrupt);
  EXPECT_EQ(verdict(std::string("{\0\"\0}\0", 6), 0), ErrorCode::kCorrupt);
  EXPECT_EQ(verdict("{\"a\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}", 0),
            ErrorCode::kCorrupt);
  EXPECT_EQ(verdict(std::string("{}\0", 3), 0), ErrorCode::kCorrupt);
}

TEST(Safetensors, RefusesKeysThatAreTheSameWhenRead) {
  EXPECT_EQ(verdict(R"({"__metadata__":{},"__metadata__":{}})", 0), ErrorCode::kCorrupt);
  EXPECT_EQ(
      verdict(
          R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\u0061":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})",
          0),
      ErrorCode::kCorrupt);
}

TEST(Safetensors, JudgesShapes) {
  const auto shaped = [](const std::string& shape, std::size_t bytes) {
    return verdict(
        fmt::format(R"({{"a":{{"dtype":"U8","shape":{},"data_offsets":[0,{}]}}}})", shape, bytes),
        bytes);
  };
  EXPECT_EQ(shaped("[]", 1), ErrorCode::kInternal);
  EXPECT_EQ(shaped("[0]", 0), ErrorCode::kInternal);
  EXPECT_EQ(shaped("[0,18446744073709551615]", 0), ErrorCode::kCorrupt);
  EXPECT_EQ(shaped("[9223372036854775807,2]", 0), ErrorCode::kCorrupt);
  EXPECT_EQ(shaped("[1.5]", 1), ErrorCode::kCorrupt);
  EXPECT_EQ(shaped("[-1]", 1), ErrorCode::kCorrupt);
  EXPECT_EQ(shaped("[1,1,1,1,1,1,1,1,1]", 1), ErrorCode::kCorrupt);
  for (const std::size_t off : {3U, 5U})
    EXPECT_EQ(
        verdict(fmt::format(R"({{"a":{{"dtype":"F32","shape":[1],"data_offsets":[0,{}]}}}})", off),
                off),
        ErrorCode::kCorrupt);
}

TEST(Safetensors, ShowsForeignNamesEscapedAndShort) {
  const auto refused = Safetensors::parse(
      file_with(R"({"\u001b[2J%s)" + std::string(1000, 'x') + R"(":{"dtype":"\u0007"}})", 0));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what.find('\x1b'), std::string::npos);
  EXPECT_EQ(refused.error().what.find('\a'), std::string::npos);
  EXPECT_LT(refused.error().what.size(), 300U);
}

TEST(Safetensors, AnswersEveryPrefixAndEveryBitFlip) {
  const std::vector<std::byte> numbers(24);
  const std::vector<SafeTensor> tensors = {
      {.name = "a",
       .dtype = SafeDtype::kF32,
       .shape = {2, 2},
       .bytes = std::span(numbers).first(16)},
      {.name = "b", .dtype = SafeDtype::kU8, .shape = {8}, .bytes = std::span(numbers).first(8)}};
  const auto whole = write_safetensors(tensors, {{"format", "pt"}});
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(Safetensors::parse({whole.begin(), whole.begin() + length})) << length;
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    auto flipped = whole;
    flipped[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    const auto parsed = Safetensors::parse(std::move(flipped));
    if (parsed) continue;
    ++refused;
    EXPECT_FALSE(parsed.error().what.empty());
  }
  EXPECT_GT(refused, 500U);
}

}  // namespace
}  // namespace dramatis::formats
