#include <cmath>
#include <functional>

#include <gtest/gtest.h>

#include "train/ops/attention.h"
#include "train/ops/cross_entropy.h"
#include "train/ops/linear.h"
#include "train/ops/rms_norm.h"
#include "train/ops/rows.h"
#include "train/ops/silu_gate.h"

namespace dramatis::train::ops {
namespace {

using torch::Tensor;
using Inputs = std::vector<Tensor>;
using Operation = std::function<Tensor(const Inputs&)>;

// bf16 has 8 bits: each number between two operations is off by up to 2^-9 of itself, and a few of
// these add up.
constexpr double kHalfTolerance = 0.03;

Tensor drawn(std::vector<std::int64_t> sizes) {
  return torch::randn(sizes, torch::kFloat64);
}

double relative(const Tensor& a, const Tensor& b) {
  const auto wide = b.to(torch::kFloat64);
  return ((a.to(torch::kFloat64) - wide).norm() / (wide.norm() + 1e-12)).item<double>();
}

// f(inputs) . direction in double precision.
double along(const Operation& f, const Inputs& inputs, const Tensor& direction) {
  const torch::NoGradGuard no_gradients;
  return (f(inputs).to(torch::kFloat64) * direction).sum().item<double>();
}

// The slope of f(inputs) . direction when input n goes along `step`, by differences.
double slope_by_differences(const Operation& f, Inputs inputs, std::size_t n, const Tensor& step,
                            const Tensor& direction) {
  constexpr double kStep = 1e-5;
  const Tensor at = inputs[n];
  inputs[n] = at + step * kStep;
  const double above = along(f, inputs, direction);
  inputs[n] = at - step * kStep;
  return (above - along(f, inputs, direction)) / (2 * kStep);
}

Inputs as(const Inputs& inputs, torch::Dtype dtype) {
  Inputs out;
  for (const auto& input : inputs) {
    out.push_back(input.scalar_type() == torch::kFloat64
                      ? input.to(dtype).detach().set_requires_grad(true)
                      : input);
  }
  return out;
}

Inputs gradients_of(const Operation& f, const Inputs& inputs, const Tensor& direction) {
  const auto out = f(inputs);
  Inputs learnt;
  for (const auto& input : inputs) {
    if (input.requires_grad()) learnt.push_back(input);
  }
  return torch::autograd::grad({(out.to(torch::kFloat32) * direction.to(torch::kFloat32)).sum()},
                               learnt);
}

// `fast` in f32 or bf16 gives what `plain` gives in double precision; its gradients are the slopes
// that differences of `plain` have.
void check(const Operation& fast, const Operation& plain, const Inputs& inputs,
           const std::function<Inputs(const Inputs&)>& types, double tolerance) {
  const auto expected = plain(inputs);
  const auto given = types(inputs);
  EXPECT_LT(relative(fast(given).detach(), expected), tolerance);
  const auto direction = torch::randn(expected.sizes(), torch::kFloat64);
  const auto gradients = gradients_of(fast, given, direction);
  std::size_t found = 0;
  for (std::size_t n = 0; n < inputs.size(); ++n) {
    if (!given[n].requires_grad()) continue;
    // Along the gradient itself nothing cancels; along three others signs and places show.
    const auto gradient = gradients[found++].to(torch::kFloat64);
    const double norm = gradient.norm().item<double>() + 1e-12;
    for (int r = 0; r < 4; ++r) {
      const auto step =
          r == 0 ? gradient / norm : torch::randn_like(gradient) / std::sqrt(gradient.numel());
      const double slope = slope_by_differences(plain, inputs, n, step, direction);
      const double said = (gradient * step).sum().item<double>();
      EXPECT_NEAR(said, slope, tolerance * norm) << "input " << n << ", direction " << r;
    }
  }
}

Inputs in_f32(const Inputs& inputs) {
  return as(inputs, torch::kFloat32);
}
Inputs in_bf16(const Inputs& inputs) {
  return as(inputs, torch::kBFloat16);
}
// f32 sums of some hundred terms.
constexpr double kFloatTolerance = 1e-4;

class Ops : public ::testing::Test {
 protected:
  void SetUp() override { torch::manual_seed(11); }
};

TEST_F(Ops, TheNormHasTheGradientsOfDifferences) {
  const Inputs inputs = {drawn({5, 33}), drawn({33})};
  const Operation plain = [](const Inputs& x) { return plain_rms_norm(x[0], x[1], 1e-3); };
  for (const auto dtype : {torch::kFloat32, torch::kBFloat16}) {
    check([&](const Inputs& x) { return rms_norm(x[0], x[1], 1e-3, dtype); }, plain, inputs, in_f32,
          dtype == torch::kFloat32 ? kFloatTolerance : kHalfTolerance);
  }
}

TEST_F(Ops, TheGateHasTheGradientsOfDifferences) {
  const Inputs inputs = {drawn({5, 33}), drawn({5, 33})};
  const Operation plain = [](const Inputs& x) { return plain_silu_gate(x[0], x[1]); };
  const Operation fast = [](const Inputs& x) { return silu_gate(x[0], x[1]); };
  check(fast, plain, inputs, in_f32, kFloatTolerance);
  check(fast, plain, inputs, in_bf16, kHalfTolerance);
}

TEST_F(Ops, AttentionHasTheGradientsOfDifferences) {
  for (const bool halves : {false, true}) {
    // Documents of one row, of an odd number, and of more than a block.
    AttentionPlan plan;
    plan.heads = 4;
    plan.kv_heads = 2;
    plan.starts = {0, 1, 8, 141};
    plan.rotates_halves = halves;
    const auto positions = torch::cat({torch::arange(1), torch::arange(7), torch::arange(133)});
    const auto angles =
        torch::outer(positions.to(torch::kFloat32), torch::tensor({1.0F, 0.3F, 0.1F, 0.01F}));
    plan.cosines = angles.cos();
    plan.sines = angles.sin();
    const Inputs inputs = {drawn({141, 32}), drawn({141, 16}), drawn({141, 16})};
    const Operation plain = [&](const Inputs& x) { return plain_attend(x[0], x[1], x[2], plan); };
    const Operation fast = [&](const Inputs& x) { return attend(x[0], x[1], x[2], plan); };
    check(fast, plain, inputs, in_f32, kFloatTolerance);
    check(fast, plain, inputs, in_bf16, kHalfTolerance);
  }
}

TEST_F(Ops, CrossEntropyHasTheGradientsOfDifferences) {
  const Inputs inputs = {drawn({70, 24}), drawn({131, 24}) * 0.3};
  const auto targets = torch::randint(0, 131, {70}, torch::kInt64);
  const Operation plain = [&](const Inputs& x) { return plain_cross_entropy(x[0], x[1], targets); };
  check([&](const Inputs& x) { return cross_entropy(x[0], x[1], nullptr, targets); }, plain, inputs,
        in_f32, kFloatTolerance);
  const Operation packed = [&](const Inputs& x) {
    const auto head = space_for_weight(x[1]);
    pack_weight(x[1], *head);
    return cross_entropy(x[0], x[1], head, targets);
  };
  check(
      packed, plain, inputs,
      [](const Inputs& x) {
        return Inputs{in_bf16({x[0]})[0], in_f32({x[1]})[0]};
      },
      kHalfTolerance);
}

Linear linear_of(const Inputs& x, std::size_t first) {
  Linear linear{.weight = x[first],
                .bias = x[first + 1],
                .packed = {},
                .lora_a = x[first + 2],
                .lora_b = x[first + 3],
                .scale = 0.7};
  if (x[first].scalar_type() != torch::kFloat64) {
    const auto packed = space_for_weight(x[first]);
    pack_weight(x[first], *packed);
    linear.packed = packed;
  }
  return linear;
}

// Rows and matrices as a pass has them.
Inputs as_in_a_pass(const Inputs& x) {
  Inputs out = in_f32(x);
  out[0] = in_bf16({x[0]})[0];
  return out;
}

TEST_F(Ops, ProjectionsWithAdaptersHaveTheGradientsOfDifferences) {
  for (const double share : {0.0, 0.4}) {
    for (const std::int64_t rank : {3, 8}) {
      const Inputs inputs = {
          drawn({21, 34}),   drawn({50, 34}) * 0.2, drawn({50}), drawn({rank, 34}) * 0.2,
          drawn({50, rank}), drawn({18, 34}) * 0.2, drawn({18}), drawn({rank, 34}) * 0.2,
          drawn({18, rank})};
      const auto linears = [share](const Inputs& x) {
        std::vector<Linear> two = {linear_of(x, 1), linear_of(x, 5)};
        if (share > 0) two[0].dropping = Dropping{.share = share, .seed = 3, .place = 4};
        return two;
      };
      const Operation plain = [&](const Inputs& x) {
        const auto two = linears(x);
        return torch::cat({plain_project(x[0], two[0]), plain_project(x[0], two[1])}, 1);
      };
      const Operation fast = [&](const Inputs& x) {
        const auto out = project(x[0], linears(x));
        return torch::cat({out[0], out[1]}, 1);
      };
      check(fast, plain, inputs, as_in_a_pass, kHalfTolerance);
    }
  }
}

TEST_F(Ops, AProjectionOntoAResidualHasTheGradientsOfDifferences) {
  const Inputs inputs = {drawn({21, 34}), drawn({50, 34}) * 0.2, drawn({50}),
                         drawn({4, 34}),  drawn({50, 4}) * 0.2,  drawn({21, 50})};
  const Operation plain = [](const Inputs& x) {
    return x[5] + plain_project(x[0], linear_of(x, 1));
  };
  const Operation fast = [](const Inputs& x) { return project_onto(x[5], x[0], linear_of(x, 1)); };
  check(fast, plain, inputs, as_in_a_pass, kHalfTolerance);
}

}  // namespace
}  // namespace dramatis::train::ops
