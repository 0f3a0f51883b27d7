#include "convert/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/scratch_folder.h"
#include "convert/hugging_face.h"
#include "convert/internal/tensor_places.h"
#include "convert/testing/made_up_folder.h"
#include "model/model.h"

namespace dramatis::convert {
namespace {

using ::testing::HasSubstr;
using testing::made_up;
using testing::PlainTensor;
using Halves = std::map<std::string, PlainTensor>;

const std::vector<std::string> kModules = {"self_attn.q_proj", "self_attn.k_proj",
                                           "self_attn.v_proj", "mlp.down_proj"};

class Merge : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(home_ / "adapter"); }

  [[nodiscard]] formats::Gguf base(const testing::PlainModel& plain,
                                   std::optional<tensor::Dtype> type = std::nullopt) const {
    testing::write_folder(home_ / "base", plain);
    return read_folder(home_ / "base", {.type = type}).value().file;
  }
  [[nodiscard]] model::Adapter adapter(const Halves& halves, const formats::Gguf& base) const {
    testing::put(home_ / "adapter" / "adapter_config.json",
                 text::print_json(testing::adapter_config(4, 8)));
    testing::put(home_ / "adapter" / "adapter_model.safetensors", testing::safetensors_of(halves));
    return model::Adapter::read(home_ / "adapter", model::read_config(base).value()).value();
  }

  ScratchFolder scratch_;
  std::filesystem::path home_ = scratch_.path();
};

std::vector<float> logits_of(formats::Gguf file, std::span<const model::AdapterUse> adapters = {}) {
  const auto model = model::Model::bind(std::move(file)).value();
  auto cache = model::KvCache::make(model.config(), 8, tensor::Dtype::kF32).value();
  runtime::ThreadPool threads(1);
  const std::vector<TokenId> ids = {TokenId{7}, TokenId{70}, TokenId{200}, TokenId{5}, TokenId{33}};
  const auto logits =
      model.prefill(ids, cache, model::Rows::kAll, {.threads = threads, .adapters = adapters})
          .value();
  return {logits.values.span().begin(), logits.values.span().end()};
}
double difference(const std::vector<float>& a, const std::vector<float>& b) {
  EXPECT_EQ(a.size(), b.size());
  double most = 0;
  for (std::size_t n = 0; n < a.size(); ++n)
    most = std::max(most, std::abs(static_cast<double>(a[n] - b[n])));
  return most;
}

TEST_F(Merge, GivesTheModelWhoseWeightsHoldTheProducts) {
  for (const char* type : {"llama", "qwen2", "gemma2"}) {
    auto plain = made_up(type);
    const auto before = base(plain);
    const auto halves = testing::made_up_adapter(plain, kModules, 4, 2.0);
    const auto read = adapter(halves, before);
    const model::AdapterUse uses[] = {{.adapter = &read}};
    auto merged = merge(before, uses, {.threads = 2}).value();
    EXPECT_THAT(merged.warnings, ::testing::Contains(HasSubstr("made/up")));
    const auto logits = logits_of(std::move(merged.file));
    // `plain` holds the sums now; as in hugging_face_test.cpp, doubled for the sums themselves.
    const auto wanted = plain.logits({7, 70, 200, 5, 33});
    double most = 0;
    for (std::size_t n = 0; n < logits.size(); ++n)
      most = std::max(most, std::abs(wanted[n / plain.vocabulary][n % plain.vocabulary] -
                                     static_cast<double>(logits[n])));
    EXPECT_LT(most, 4e-4) << type;
    EXPECT_GT(difference(logits, logits_of(base(made_up(type)))), 0.1);
    EXPECT_LT(difference(logits, logits_of(base(made_up(type)), uses)), 1e-3) << type;
  }
}

TEST_F(Merge, AppliesScalesInOrder) {
  auto plain = made_up("llama");
  const auto before = base(plain);
  const auto read = adapter(testing::made_up_adapter(plain, {"mlp.down_proj"}, 4, 1.0), before);
  // Half of one adapter twice is the whole of it.
  const model::AdapterUse halved[] = {{.adapter = &read, .scale = 0.5F},
                                      {.adapter = &read, .scale = 0.5F}};
  const model::AdapterUse whole[] = {{.adapter = &read}};
  EXPECT_LT(difference(logits_of(merge(before, halved, {}).value().file),
                       logits_of(merge(before, whole, {}).value().file)),
            1e-4);
  const model::AdapterUse none[] = {{.adapter = &read, .scale = 0}};
  EXPECT_EQ(logits_of(merge(before, none, {}).value().file), logits_of(base(made_up("llama"))));
  for (const float bad : {std::nanf(""), 1e9F, -17.0F, HUGE_VALF}) {
    const model::AdapterUse wrong[] = {{.adapter = &read, .scale = bad}};
    EXPECT_EQ(merge(before, wrong, {}).error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_FALSE(merge(base(made_up("qwen3")), whole, {}));  // of another kind
}

TEST_F(Merge, AQuantisedBaseKeepsItsTypes) {
  auto plain = made_up("llama");
  const auto before = base(plain, tensor::Dtype::kQ8_0);
  const auto read = adapter(testing::made_up_adapter(plain, {"mlp.up_proj"}, 4, 2.0), before);
  const model::AdapterUse uses[] = {{.adapter = &read}};
  const auto merged = merge(before, uses, {}).value();
  EXPECT_EQ(merged.file.tensor("blk.0.ffn_up.weight")->dtype, tensor::Dtype::kQ8_0);
  EXPECT_FALSE(std::ranges::equal(merged.file.tensor("blk.0.ffn_up.weight")->bytes,
                                  before.tensor("blk.0.ffn_up.weight")->bytes));
  EXPECT_TRUE(std::ranges::equal(merged.file.tensor("blk.0.ffn_down.weight")->bytes,
                                 before.tensor("blk.0.ffn_down.weight")->bytes));
  EXPECT_THAT(merged.warnings, ::testing::Contains(HasSubstr("quantised before")));
  const auto halves = merge(before, uses, {.type = tensor::Dtype::kF16}).value();
  EXPECT_EQ(halves.file.tensor("blk.0.ffn_up.weight")->dtype, tensor::Dtype::kF16);
}

TEST(RowBefore, PutsHalvesSideBySide) {
  std::vector<std::size_t> from;
  for (std::size_t n = 0; n < 16; ++n) from.push_back(internal::row_before(n, 8));
  EXPECT_EQ(from, (std::vector<std::size_t>{0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15}));
}

}  // namespace
}  // namespace dramatis::convert
