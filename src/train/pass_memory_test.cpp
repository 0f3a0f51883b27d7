#include "train/pass_memory.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "train/testing/counted_memory.h"

namespace dramatis::train {
namespace {

NetworkShape shape_of(std::size_t layers) {
  NetworkShape shape;
  shape.sizes = {.layers = layers,
                 .width = 64,
                 .feed_forward = 192,
                 .heads = 4,
                 .kv_heads = 2,
                 .head_width = 16,
                 .context = 256};
  shape.vocabulary = 96;
  return shape;
}

PackedBatch drawn_batch(std::size_t documents, std::size_t length) {
  Rng rng(1);
  std::vector<Document> drawn(documents);
  for (auto& document : drawn) {
    for (std::size_t n = 0; n < length; ++n)
      document.ids.push_back(static_cast<std::int32_t>(rng.below(96)));
    document.learnt.assign(length, true);
  }
  std::vector<const Document*> them;
  for (const auto& document : drawn) them.push_back(&document);
  return pack_batch(them);
}

Lora adapter(double dropout) {
  Lora lora;
  lora.rank = 4;
  lora.dropout = dropout;
  return lora;
}

std::vector<Method> methods() {
  std::vector<Method> all;
  for (const auto arithmetic : {Arithmetic::kF32, Arithmetic::kBf16}) {
    all.push_back({.lora = {}, .arithmetic = arithmetic});
    for (const double dropout : {0.0, 0.2})
      all.push_back({.lora = adapter(dropout), .arithmetic = arithmetic});
  }
  return all;
}

// What one pass held at its end, and the most that it and its way back did.
struct Held {
  double kept, peak;
};

Held held_by_a_pass(const Network& network, const PackedBatch& batch, Keep keep) {
  std::vector<torch::Tensor> learnt;
  for (const auto& [name, weight] : network.learnt()) learnt.push_back(weight);
  const testing::CountedMemory memory;
  const auto loss = network.summed_loss(batch, {.dropout = 7, .keep = keep});
  const auto kept = memory.live();
  (void)torch::autograd::grad({loss}, learnt);
  return {.kept = static_cast<double>(kept), .peak = static_cast<double>(memory.peak())};
}

// The last positions of documents are only asked for, and nothing goes back through the first
// layer's input where the embedding is frozen: a few hundredths less than the figure.
TEST(PassMemory, IsWhatAPassKeeps) {
  const auto batch = drawn_batch(4, 100);
  const auto tokens = static_cast<std::size_t>(batch.tokens());
  for (const Method& method : methods()) {
    const auto network = Network::random(shape_of(8), method, 1);
    ASSERT_TRUE(network);
    const auto figure = static_cast<double>(pass_bytes(*network, tokens, Keep::kEverything));
    const double kept = held_by_a_pass(*network, batch, Keep::kEverything).kept;
    EXPECT_LE(kept, figure);
    EXPECT_GT(kept, 0.93 * figure);
  }
}

// At the end of the way there: inputs and the head. The one layer of the way back is the difference
// that a network of as many more layers makes.
TEST(PassMemory, IsWhatAPassOfInputsKeeps) {
  const auto batch = drawn_batch(4, 100);
  const auto tokens = static_cast<std::size_t>(batch.tokens());
  for (const Method& method : methods()) {
    const auto network = Network::random(shape_of(8), method, 1);
    const auto flat = Network::random(shape_of(0), method, 1);
    ASSERT_TRUE(network && flat);
    const auto layer = (pass_bytes(*network, tokens, Keep::kEverything) -
                        pass_bytes(*flat, tokens, Keep::kEverything)) /
                       8;
    const auto figure = static_cast<double>(pass_bytes(*network, tokens, Keep::kInputs) - layer);
    const double kept = held_by_a_pass(*network, batch, Keep::kInputs).kept;
    EXPECT_LE(kept, figure);
    EXPECT_GT(kept, 0.93 * figure);
  }
}

TEST(PassMemory, ComputingLayersAgainTakesSoMuchLess) {
  const auto batch = drawn_batch(20, 100);
  const auto tokens = static_cast<std::size_t>(batch.tokens());
  for (const Method& method : methods()) {
    const auto network = Network::random(shape_of(8), method, 1);
    ASSERT_TRUE(network);
    const double everything = held_by_a_pass(*network, batch, Keep::kEverything).peak;
    const double inputs = held_by_a_pass(*network, batch, Keep::kInputs).peak;
    const auto promised = static_cast<double>(pass_bytes(*network, tokens, Keep::kEverything) -
                                              pass_bytes(*network, tokens, Keep::kInputs));
    // Where everything is kept, gradients take the places of activations as these go; where it is
    // not, the last gradients stand beside all inputs.
    EXPECT_GT(everything - inputs, 0.85 * promised - static_cast<double>(gradient_bytes(*network)));
    EXPECT_LT(inputs, 0.5 * everything);
  }
}

TEST(PassMemory, GrowsWithTheTokens) {
  const auto network = Network::random(shape_of(2), {.lora = adapter(0)}, 1);
  ASSERT_TRUE(network);
  EXPECT_EQ(pass_bytes(*network, 0, Keep::kEverything), 0U);
  EXPECT_EQ(pass_bytes(*network, 30, Keep::kInputs), 3 * pass_bytes(*network, 10, Keep::kInputs));
  // Two layers of seven adapters of rank 4: both sides of q, k, v, o, gate, up, down.
  EXPECT_EQ(gradient_bytes(*network), 2U * 4 * 4 * (128 + 96 + 96 + 128 + 256 + 256 + 256));
}

}  // namespace
}  // namespace dramatis::train
