#include "formats/safetensors.h"

#include <cstring>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "formats/limits.h"

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

// S1, S2
TEST(Safetensors, RefusesShortFilesAndLyingHeaders) {
  for (std::size_t n = 0; n < 8; ++n) EXPECT_FALSE(Safetensors::parse(std::vector<std::byte>(n)));
  // Of a file of 24 bytes: no header, one past all, and one that is eight again with its own
  // length.
  for (const std::uint64_t length :
       {0ULL, ~0ULL, ~0ULL - 7, 1ULL << 63, 17ULL, 24ULL, 100'000'001ULL}) {
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

// S5, S6
TEST(Safetensors, RefusesOffsetsThatDoNotTileTheData) {
  const auto entry = [](const char* name, const char* shape, const char* ends) {
    return fmt::format(R"("{}":{{"dtype":"F32","shape":{},"data_offsets":{}}})", name, shape, ends);
  };
  const auto one = [&](const char* shape, const char* ends) {
    return fmt::format("{{{}}}", entry("a", shape, ends));
  };
  EXPECT_EQ(verdict(one("[2]", "[0,8]"), 8), ErrorCode::kInternal);
  for (const char* ends :
       {"[8,0]", "[0,16]", "[-1,7]", "[0,\"8\"]", "[0,8,8]", "[0]", "[0,1e3]", "[4,12]", "[0,4]",
        "[0,9007199254740993]", "[18446744073709551608,8]", "null", "{}"}) {
    EXPECT_EQ(verdict(one("[2]", ends), 8), ErrorCode::kCorrupt) << ends;
  }
  EXPECT_EQ(verdict(one("[4294967296,4294967296]", "[0,8]"), 8), ErrorCode::kCorrupt);
  EXPECT_EQ(verdict(one("[2]", "[0,8]"), 12), ErrorCode::kCorrupt);
  const auto overlapping =
      fmt::format("{{{},{}}}", entry("a", "[2]", "[0,8]"), entry("b", "[2]", "[4,12]"));
  EXPECT_EQ(verdict(overlapping, 12), ErrorCode::kCorrupt);
  const auto parted =
      fmt::format("{{{},{}}}", entry("a", "[2]", "[0,8]"), entry("b", "[2]", "[12,20]"));
  EXPECT_EQ(verdict(parted, 20), ErrorCode::kCorrupt);
}

// S4, S7, S8
TEST(Safetensors, RefusesUnknownTypesAndDuplicates) {
  EXPECT_EQ(verdict(R"({"a":{"dtype":"f32","shape":[1],"data_offsets":[0,4]}})", 4),
            ErrorCode::kUnsupported);
  // Halves of bytes among them: three numbers of four bits.
  for (const char* type : {"F8_E5M2", "F4", "F6_E2M3", "", "F32\\u0000"}) {
    EXPECT_EQ(
        verdict(fmt::format(R"({{"a":{{"dtype":"{}","shape":[3],"data_offsets":[0,2]}}}})", type),
                2),
        ErrorCode::kUnsupported)
        << type;
  }
  for (const char* value : {"1", "null", "{}", "[]"}) {
    EXPECT_EQ(verdict(fmt::format(R"({{"__metadata__":{{"a":{}}}}})", value), 0),
              ErrorCode::kCorrupt)
        << value;
  }
  EXPECT_EQ(verdict(R"({"__metadata__":"a"})", 0), ErrorCode::kCorrupt);
  EXPECT_EQ(
      verdict(
          R"({"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}})",
          4),
      ErrorCode::kCorrupt);
}

// S2, S3
TEST(Safetensors, RefusesHeadersThatAreNoPlainJson) {
  EXPECT_EQ(verdict("{\"\xFF\":1}", 0), ErrorCode::kCorrupt);
  EXPECT_EQ(verdict(R"({"\ud800":1})", 0), ErrorCode::kCorrupt);
  EXPECT_EQ(verdict("\xEF\xBB\xBF{}", 0), ErrorCode::kCorrupt);
  EXPECT_EQ(verdict(std::string("{\0\"\0}\0", 6), 0), ErrorCode::kCorrupt);
  EXPECT_EQ(verdict("{\"a\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}", 0),
            ErrorCode::kCorrupt);
  EXPECT_EQ(verdict(std::string("{}\0", 3), 0), ErrorCode::kCorrupt);
}

// S4
TEST(Safetensors, RefusesKeysThatAreTheSameWhenRead) {
  EXPECT_EQ(verdict(R"({"__metadata__":{},"__metadata__":{}})", 0), ErrorCode::kCorrupt);
  EXPECT_EQ(
      verdict(
          R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\u0061":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})",
          0),
      ErrorCode::kCorrupt);
}

// S6, S7
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
  std::string many = "[1";
  for (int n = 1; n < 100'000; ++n) many += ",1";
  EXPECT_EQ(shaped(many + "]", 1), ErrorCode::kCorrupt);
  // As many numbers can be counted, but not their bytes.
  EXPECT_EQ(
      verdict(R"({"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}})", 0),
      ErrorCode::kCorrupt);
  for (const std::size_t off : {3U, 5U})
    EXPECT_EQ(
        verdict(fmt::format(R"({{"a":{{"dtype":"F32","shape":[1],"data_offsets":[0,{}]}}}})", off),
                off),
        ErrorCode::kCorrupt);
}

// S8
TEST(Safetensors, ShowsForeignNamesEscapedAndShort) {
  const auto refused = Safetensors::parse(
      file_with(R"({"\u001b[2J%s)" + std::string(1000, 'x') + R"(":{"dtype":"\u0007"}})", 0));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what.find('\x1b'), std::string::npos);
  EXPECT_EQ(refused.error().what.find('\a'), std::string::npos);
  EXPECT_LT(refused.error().what.size(), 300U);
}

// S8
TEST(Safetensors, BoundsNamesTextsAndHowManyThereAre) {
  const auto named = [](const std::string& name) {
    return verdict(
        fmt::format(R"({{"{}":{{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}}})", name), 0);
  };
  EXPECT_EQ(named("../x"), ErrorCode::kInternal);  // a name, and never a path
  EXPECT_EQ(named(std::string(kMaxSafetensorsNameBytes, 'n')), ErrorCode::kInternal);
  for (const auto& name :
       {std::string(), std::string("a\\u0000b"), std::string("a\\nb"),
        std::string(kMaxSafetensorsNameBytes + 1, 'n'), std::string(1 << 20, 'n')}) {
    EXPECT_EQ(named(name), ErrorCode::kCorrupt) << name.substr(0, 20);
  }
  const auto metadata = [](std::size_t bytes) {
    return verdict(fmt::format(R"({{"__metadata__":{{"a":"{}"}}}})", std::string(bytes, 'x')), 0);
  };
  EXPECT_EQ(metadata(1 << 20), ErrorCode::kInternal);
  EXPECT_EQ(metadata(std::size_t{64} << 20), ErrorCode::kCorrupt);
  // A million tensors do not fit into a header; as many as do are judged within a blink.
  const auto tensors = [](std::size_t count) {
    std::string header = "{";
    for (std::size_t n = 0; n < count; ++n)
      header += fmt::format(R"("{}":{{"dtype":"U8","shape":[0],"data_offsets":[0,0]}},)", n);
    header.back() = '}';
    return verdict(header, 0);
  };
  EXPECT_EQ(tensors(1'000'000), ErrorCode::kCorrupt);
  EXPECT_EQ(tensors(140'000), ErrorCode::kInternal);
}

// S10: each number of a header, told as one at the edge of what fits.
TEST(Safetensors, AnswersNumbersAtTheEdgeInEveryPlace) {
  const std::string header =
      R"({"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"b":{"dtype":"U8","shape":[8],"data_offsets":[16,24]}})";
  ASSERT_EQ(verdict(header, 24), ErrorCode::kInternal);
  std::size_t tried = 0;
  const std::string digits = "0123456789";
  std::size_t at = header.find("[");
  while ((at = header.find_first_of(digits, at)) != std::string::npos) {
    const std::size_t end = header.find_first_not_of(digits, at);
    const auto honest = header.substr(at, end - at);
    for (const char* lie :
         {"-1", "1", "3", "15", "17", "25", "2147483648", "4294967295", "9007199254740993",
          "9223372036854775807", "9223372036854775808", "18446744073709551615", "1e999", "0.5"}) {
      if (header[at - 1] != '[' && header[at - 1] != ',') continue;  // of a type's name
      EXPECT_NE(verdict(std::string(header).replace(at, end - at, lie), 24), ErrorCode::kInternal)
          << lie << " for " << honest << " at " << at;
      ++tried;
    }
    at = end;
  }
  EXPECT_EQ(tried, 7U * 14);
}

// S10
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
