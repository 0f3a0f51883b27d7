#include "convert/adapter_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/testing/small_adapter.h"

namespace dramatis::convert {
namespace {

using model::testing::peft_adapter;
using model::testing::small_pairs;

// The name is of the program's own text.
model::ModelConfig shape_of(std::string_view architecture) {
  model::ModelConfig shape = model::testing::kSmall;
  shape.architecture = architecture;
  return shape;
}

void expect_same(const model::Adapter& a, const model::Adapter& b,
                 const model::ModelConfig& shape) {
  for (std::size_t l = 0; l < shape.layers; ++l) {
    for (std::size_t n = 0; n < model::kAdaptedMatrices; ++n) {
      const auto& one = a.part(l, static_cast<model::Adapted>(n));
      const auto& other = b.part(l, static_cast<model::Adapted>(n));
      EXPECT_EQ(one.rank, other.rank);
      EXPECT_FLOAT_EQ(one.scale, other.scale);
      EXPECT_EQ(one.a, other.a);
      EXPECT_EQ(one.b, other.b);
    }
  }
}

TEST(AdapterFile, IsReadAgainToWhatItWas) {
  const auto shape = shape_of("llama");
  auto folder = peft_adapter(small_pairs(shape, 2, 7), 6);
  folder.config.base = "someone/tiny";
  const auto adapter = model::Adapter::from_peft(folder, shape).value();
  auto bytes = write_adapter(adapter, shape, {.name = "brogue"});
  ASSERT_TRUE(bytes) << bytes.error().what;
  const auto file = formats::Gguf::parse(*std::move(bytes)).value();
  EXPECT_EQ(file.text("general.name").value(), "brogue");
  const auto again = model::Adapter::from_gguf(file, shape);
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(again->base(), "someone/tiny");
  expect_same(adapter, *again, shape);
}

TEST(AdapterFile, ScalesByTheRootOfTheRankAreKept) {
  const auto shape = shape_of("llama");
  auto folder = peft_adapter(small_pairs(shape, 3, 7), 6);
  folder.config.scaling = formats::LoraScaling::kByRootOfRank;
  const auto adapter = model::Adapter::from_peft(folder, shape).value();
  const auto file =
      formats::Gguf::parse(write_adapter(adapter, shape, {.name = {}}).value()).value();
  EXPECT_EQ(file.find("general.name"), nullptr);
  expect_same(adapter, model::Adapter::from_gguf(file, shape).value(), shape);
}

TEST(AdapterFile, HalvesTakeHalfTheRoom) {
  const auto shape = shape_of("llama");
  const auto adapter =
      model::Adapter::from_peft(peft_adapter(small_pairs(shape, 2, 7), 4), shape).value();
  const auto whole = write_adapter(adapter, shape, {.name = {}}).value();
  const auto half = write_adapter(adapter, shape, {.name = {}, .dtype = tensor::Dtype::kF16});
  ASSERT_TRUE(half) << half.error().what;
  EXPECT_LT(half->size(), whole.size());
  EXPECT_TRUE(model::Adapter::from_gguf(formats::Gguf::parse(*half).value(), shape));
}

// Ranks of their own, and one alpha divided by the root of each: no alpha divided by them is the
// same.
TEST(AdapterFile, WhatOneAlphaCannotTellIsRefused) {
  const auto shape = shape_of("llama");
  auto pairs = small_pairs(shape, 2, 7);
  const auto others = small_pairs(shape, 4, 7);
  pairs.back() = others.back();
  auto folder = peft_adapter(pairs, 4);
  folder.config.scaling = formats::LoraScaling::kByRootOfRank;
  folder.config.ranks = formats::LoraRanks::kByTensor;
  const auto adapter = model::Adapter::from_peft(folder, shape).value();
  const auto refused = write_adapter(adapter, shape, {.name = {}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(refused.error().what, ::testing::HasSubstr("Merge it instead"));
}

}  // namespace
}  // namespace dramatis::convert
