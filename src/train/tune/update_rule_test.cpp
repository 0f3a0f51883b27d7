#include "train/tune/update_rule.h"

#include <cmath>

#include <gtest/gtest.h>

namespace dramatis::train::tune {
namespace {

torch::Tensor drawn(at::IntArrayRef shape) {
  return torch::randn(shape, at::make_generator<at::CPUGeneratorImpl>(7));
}

// What one update moves a parameter that began at nothing, in units of the rate.
torch::Tensor moved(const std::string& name, const torch::Tensor& gradient, Rule rule,
                    double decay = 0, double begin = 0) {
  const auto parameter = torch::full_like(gradient, begin);
  UpdateRule rules({{name, parameter}}, {.rule = rule, .rate = 0.5, .decay = decay, .clip = 0});
  std::vector<torch::Tensor> gradients = {gradient};
  rules.update(gradients, 1);
  return (parameter - begin) / 0.5;
}

class ByMuon : public ::testing::TestWithParam<std::pair<int, int>> {};

TEST_P(ByMuon, EveryDirectionOfAMatrixMovesNearlyAlikeAgainstItsGradient) {
  const auto [rows, columns] = GetParam();
  // Directions of 1 to 1e-2: AdamW's step would nearly forget the small ones.
  const auto [u, s, v] = at::linalg_svd(drawn({rows, columns}), false);
  const auto strengths = torch::logspace(0, -2, s.size(0));
  const auto gradient = torch::mm(u, strengths.unsqueeze(1) * v);
  const auto step = moved("blk.0.attn_q.weight.lora_a", gradient, Rule::kMuon);
  const auto inside = torch::mm(torch::mm(u.t(), step), v.t());  // along the gradient's directions
  const double tall = std::sqrt(std::max(1.0, static_cast<double>(rows) / columns));
  for (int n = 0; n < s.size(0); ++n) {
    for (int m = 0; m < s.size(0); ++m) {
      const double entry = inside[n][m].item<double>() / tall;
      if (n == m) {
        EXPECT_NEAR(entry, -0.95, 0.4) << n;
      } else {
        EXPECT_NEAR(entry, 0, 0.15) << n << ", " << m;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, ByMuon,
                         ::testing::Values(std::pair{4, 24}, std::pair{24, 4}, std::pair{6, 6}));

TEST(UpdateRule, WhatIsNoMatrixOfABlockMovesByAdamWBesideMuon) {
  for (const char* name : {"token_embd.weight", "blk.0.attn_norm.weight"}) {
    const auto gradient =
        std::string_view(name) == "token_embd.weight" ? drawn({5, 3}) : drawn({5});
    const auto by_muon = moved(name, gradient, Rule::kMuon);
    EXPECT_TRUE(torch::equal(by_muon, moved(name, gradient, Rule::kAdamW))) << name;
    EXPECT_TRUE(torch::allclose(by_muon, -gradient.sign(), 1e-4, 1e-4)) << name;
  }
  const auto matrix = drawn({5, 3});
  EXPECT_FALSE(torch::equal(moved("blk.0.ffn_up.weight", matrix, Rule::kMuon),
                            moved("blk.0.ffn_up.weight", matrix, Rule::kAdamW)));
}

TEST(UpdateRule, DecayShortensAMatrixOfMuon) {
  const auto nothing = torch::zeros({3, 4});
  const auto step = moved("blk.0.ffn_up.weight", nothing, Rule::kMuon, 0.1, 2);
  EXPECT_TRUE(torch::allclose(step, torch::full({3, 4}, -0.2)));
}

}  // namespace
}  // namespace dramatis::train::tune
