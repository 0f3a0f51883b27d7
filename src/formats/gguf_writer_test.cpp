#include "formats/gguf_writer.h"

#include <gtest/gtest.h>

namespace dramatis::formats {
namespace {

// Every kind of value survives being read and written again.
TEST(GgufWriter, WritesTheValuesOfAnotherFile) {
  const std::pair<const char*, GgufValue> values[] = {
      {"small", std::int64_t{7}},
      {"large", std::int64_t{4'000'000'000}},
      {"negative", std::int64_t{-7}},
      {"huge", std::int64_t{1} << 40},
      {"half", 0.5},
      {"tenth", 0.1},
      {"yes", true},
      {"words", std::string("\xC3\xA9 and \xE2\x96\x81")},
      {"ids", GgufArray(std::vector<std::int64_t>{1, -2, 3})},
      {"wide", GgufArray(std::vector<std::int64_t>{1, std::int64_t{1} << 50})},
      {"scores", GgufArray(std::vector<double>{0.5, -1})},
      {"exact", GgufArray(std::vector<double>{0.1})},
      {"truths", GgufArray(std::vector<bool>{true, false, true})},
      {"texts", GgufArray(std::vector<std::string>{"a", "", "c"})}};
  GgufWriter writer;
  for (const auto& [key, value] : values) writer.add_value(key, value);
  const auto back = std::move(writer).build().value();
  ASSERT_EQ(back.metadata().size(), std::size(values));
  for (const auto& [key, value] : values) EXPECT_EQ(*back.find(key), value) << key;
}

TEST(GgufWriter, BuildsWhatItFinishes) {
  GgufWriter writer;
  writer.add_text("general.architecture", "llama");
  for (const char* name : {"a", "b"})
    writer.add_tensor({.name = name,
                       .dtype = tensor::Dtype::kF32,
                       .shape = {3},
                       .bytes = std::vector<std::byte>(12, std::byte{5})});
  const auto bytes = writer.finish().value();
  const auto built = std::move(writer).build().value();
  EXPECT_TRUE(std::ranges::equal(built.bytes(), bytes));
  GgufWriter wrong;
  wrong.add_tensor({.name = "a", .dtype = tensor::Dtype::kF32, .shape = {3}, .bytes = {}});
  EXPECT_FALSE(wrong.finish());
  EXPECT_FALSE(std::move(wrong).build());
}

}  // namespace
}  // namespace dramatis::formats
