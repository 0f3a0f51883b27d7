#include "train/network.h"

#include <cmath>

#include <gtest/gtest.h>

#include "base/random.h"

namespace dramatis::train {
namespace {

NetworkShape small_shape() {
  NetworkShape shape;
  shape.sizes = {.layers = 2,
                 .width = 32,
                 .feed_forward = 48,
                 .heads = 4,
                 .kv_heads = 2,
                 .head_width = 8,
                 .context = 64};
  shape.vocabulary = 70;
  return shape;
}

Document drawn(std::size_t length, std::uint64_t seed) {
  Rng rng(seed);
  Document document;
  for (std::size_t n = 0; n < length; ++n) {
    document.ids.push_back(static_cast<std::int32_t>(rng.below(70)));
    document.learnt.push_back(rng.below(4) != 0);
  }
  return document;
}

PackedBatch batch_of(const std::vector<Document>& documents) {
  std::vector<const Document*> them;
  for (const auto& document : documents) them.push_back(&document);
  return pack_batch(them);
}

std::vector<Document> three() {
  return {drawn(9, 1), drawn(23, 2), drawn(2, 3)};
}

// As the tests of adapters need them: B is not zero.
void stir(const Network& network) {
  const torch::NoGradGuard no_gradients;
  torch::manual_seed(5);
  for (const auto& [name, weight] : network.learnt()) weight.add_(torch::randn_like(weight) * 0.05);
}

Lora all_seven(double dropout = 0) {
  Lora lora;
  lora.rank = 4;
  lora.dropout = dropout;
  return lora;
}

double loss_of(const Network& network, const PackedBatch& batch, const PassOptions& options = {}) {
  return network.summed_loss(batch, options).item<double>();
}

TEST(Network, PackedDocumentsAreReadAsIfEachWereAlone) {
  for (const bool halves : {false, true}) {
    auto shape = small_shape();
    shape.rotates_halves = shape.input_biases = shape.own_head = halves;
    const auto network = Network::random(shape, {.lora = {}, .arithmetic = Arithmetic::kPlain}, 3);
    ASSERT_TRUE(network);
    const auto documents = three();
    const auto together = network->log_likelihoods(batch_of(documents));
    for (std::size_t d = 0; d < documents.size(); ++d) {
      const auto alone = network->log_likelihoods(batch_of({documents[d]}));
      EXPECT_NEAR(together[static_cast<std::int64_t>(d)].item<double>(), alone.item<double>(),
                  1e-4);
    }
  }
}

TEST(Network, AdaptersThatHaveLearntNothingOrAreOffChangeNothing) {
  const Method plain{.lora = {}, .arithmetic = Arithmetic::kPlain};
  const Method adapted{.lora = all_seven(), .arithmetic = Arithmetic::kPlain};
  const auto bare = Network::random(small_shape(), plain, 3);
  const auto network = Network::random(small_shape(), adapted, 3);
  ASSERT_TRUE(bare && network);
  const auto batch = batch_of(three());
  EXPECT_EQ(loss_of(*bare, batch), loss_of(*network, batch));
  stir(*network);
  EXPECT_NE(loss_of(*bare, batch), loss_of(*network, batch));
  EXPECT_EQ(loss_of(*bare, batch), loss_of(*network, batch, {.adapters = Adapters::kOff}));
}

TEST(Network, TheSameSeedDropsTheSameInputs) {
  const auto network =
      Network::random(small_shape(), {.lora = all_seven(0.3), .arithmetic = Arithmetic::kPlain}, 3);
  ASSERT_TRUE(network);
  stir(*network);
  const auto batch = batch_of(three());
  EXPECT_EQ(loss_of(*network, batch, {.dropout = 7}), loss_of(*network, batch, {.dropout = 7}));
  EXPECT_NE(loss_of(*network, batch, {.dropout = 7}), loss_of(*network, batch, {.dropout = 8}));
  EXPECT_NE(loss_of(*network, batch, {.dropout = 7}), loss_of(*network, batch));
}

TEST(Network, OnlyAdaptersLearnBesideFrozenWeights) {
  Lora lora = all_seven();
  lora.targets = {"attn_q", "ffn_down"};
  const auto network = Network::random(small_shape(), {.lora = lora}, 3);
  ASSERT_TRUE(network);
  ASSERT_EQ(network->learnt().size(), 8U);
  EXPECT_EQ(network->learnt()[0].first, "blk.0.attn_q.weight.lora_a");
  EXPECT_EQ(network->learnt()[3].first, "blk.0.ffn_down.weight.lora_b");
}

struct Pass {
  double loss;
  std::vector<torch::Tensor> gradients;
};

Pass pass_of(const Network& network, const PackedBatch& batch, const PassOptions& options) {
  const auto loss = network.summed_loss(batch, options);
  std::vector<torch::Tensor> learnt;
  for (const auto& [name, weight] : network.learnt()) learnt.push_back(weight);
  return {.loss = loss.item<double>(), .gradients = torch::autograd::grad({loss}, learnt)};
}

std::vector<NetworkShape> kinds() {
  std::vector<NetworkShape> all(2, small_shape());
  all[1].rotates_halves = all[1].input_biases = all[1].own_head = true;
  return all;
}

// Every kind of network and method, computed plainly and in `arithmetic`.
template <class F>
void compare(Arithmetic arithmetic, const F& with) {
  for (const auto& shape : kinds()) {
    for (const std::optional<Lora>& lora :
         {std::optional<Lora>(), std::optional<Lora>(all_seven(0.25))}) {
      const Method reference{.lora = lora, .arithmetic = Arithmetic::kPlain};
      const Method method{.lora = lora, .arithmetic = arithmetic};
      const auto plain = Network::random(shape, reference, 3);
      auto fast = Network::random(shape, method, 3);
      ASSERT_TRUE(plain && fast);
      stir(*plain);
      stir(*fast);
      fast->renew();
      const auto batch = batch_of({drawn(9, 1), drawn(80, 2), drawn(2, 3)});
      const PassOptions options{.dropout = 7};
      with(pass_of(*plain, batch, options), pass_of(*fast, batch, options));
    }
  }
}

TEST(Network, FusedOperationsGiveTheLossAndGradientsOfPlainOnes) {
  compare(Arithmetic::kF32, [](const Pass& plain, const Pass& fast) {
    EXPECT_NEAR(fast.loss, plain.loss, 1e-4 * plain.loss / 80);
    for (std::size_t n = 0; n < plain.gradients.size(); ++n) {
      const double norm = plain.gradients[n].norm().item<double>();
      EXPECT_LT((fast.gradients[n] - plain.gradients[n]).norm().item<double>(), 1e-4 * norm + 1e-6);
    }
  });
}

// Weights, activations and gradients of 8 bits each: a few hundredths after two blocks.
TEST(Network, HalvesGiveNearlyTheLossAndGradientsOfPlainOperations) {
  compare(Arithmetic::kBf16, [](const Pass& plain, const Pass& fast) {
    EXPECT_NEAR(fast.loss, plain.loss, 2e-3 * plain.loss);
    for (std::size_t n = 0; n < plain.gradients.size(); ++n) {
      const double norm = plain.gradients[n].norm().item<double>();
      EXPECT_LT((fast.gradients[n] - plain.gradients[n]).norm().item<double>(), 0.05 * norm + 1e-6);
    }
  });
}

TEST(Network, LayersComputedAgainChangeNoBit) {
  Lora two = all_seven(0.25);
  two.targets = {"attn_v", "ffn_gate"};
  for (const auto& shape : kinds()) {
    for (const std::optional<Lora>& lora :
         {std::optional<Lora>(), std::optional<Lora>(all_seven(0.25)), std::optional<Lora>(two)}) {
      for (const auto arithmetic : {Arithmetic::kF32, Arithmetic::kBf16}) {
        auto network = Network::random(shape, {.lora = lora, .arithmetic = arithmetic}, 3);
        ASSERT_TRUE(network);
        stir(*network);
        network->renew();
        const auto batch = batch_of({drawn(9, 1), drawn(80, 2), drawn(2, 3)});
        const Pass whole = pass_of(*network, batch, {.dropout = 7});
        const Pass again = pass_of(*network, batch, {.dropout = 7, .keep = Keep::kInputs});
        EXPECT_EQ(whole.loss, again.loss);
        for (std::size_t n = 0; n < whole.gradients.size(); ++n) {
          EXPECT_TRUE(torch::equal(whole.gradients[n], again.gradients[n]))
              << network->learnt()[n].first;
          EXPECT_GT(whole.gradients[n].norm().item<double>(), 0) << network->learnt()[n].first;
        }
      }
    }
  }
}

TEST(Network, APassThatRecomputesNeedsItsBatchNoLonger) {
  const auto network = Network::random(small_shape(), {.lora = all_seven(0.25)}, 3);
  ASSERT_TRUE(network);
  stir(*network);
  std::vector<torch::Tensor> learnt;
  for (const auto& [name, weight] : network->learnt()) learnt.push_back(weight);
  torch::Tensor loss;
  {
    const auto batch = batch_of(three());
    const PassOptions options{.dropout = 7, .keep = Keep::kInputs};
    loss = network->summed_loss(batch, options);
  }
  const auto gradients = torch::autograd::grad({loss}, learnt);
  const auto expected = pass_of(*network, batch_of(three()), {.dropout = 7}).gradients;
  for (std::size_t n = 0; n < gradients.size(); ++n)
    EXPECT_TRUE(torch::equal(gradients[n], expected[n]));
}

TEST(Network, NothingThatCountsIsNoLoss) {
  for (const auto arithmetic : {Arithmetic::kPlain, Arithmetic::kF32, Arithmetic::kBf16}) {
    const auto network = Network::random(small_shape(), {.lora = {}, .arithmetic = arithmetic}, 3);
    ASSERT_TRUE(network);
    Document silent = drawn(9, 1);
    silent.learnt.assign(9, false);
    EXPECT_EQ(loss_of(*network, batch_of({silent})), 0);
    EXPECT_EQ(network->log_likelihoods(batch_of({silent, drawn(5, 2)}))[0].item<double>(), 0);
  }
}

TEST(Network, RefusesWhatNoAdapterCanBe) {
  Lora lora = all_seven();
  lora.targets = {"attn_q", "q_proj"};
  const auto unknown = Network::random(small_shape(), {.lora = lora}, 3);
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().what.find("\"q_proj\""), std::string::npos);
  lora = all_seven();
  lora.rank = 0;
  EXPECT_FALSE(Network::random(small_shape(), {.lora = lora}, 3));
}

}  // namespace
}  // namespace dramatis::train
