#include "train/tune/keeping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "train/parallel.h"
#include "train/pass_memory.h"

namespace dramatis::train::tune {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kTokens = 10'000;

Network some_network() {
  NetworkShape shape;
  shape.sizes = {.layers = 6,
                 .width = 32,
                 .feed_forward = 64,
                 .heads = 2,
                 .kv_heads = 2,
                 .head_width = 16,
                 .context = 64};
  shape.vocabulary = 64;
  return Network::random(shape, {.lora = train::Lora{}}, 1).value();
}

std::uint64_t bytes(const Network& network, Keep keep) {
  return pass_bytes(network, kTokens, keep);
}

TEST(Keeping, ARecipeMayDecide) {
  const auto network = some_network();
  const auto always = keeping_of({.recompute = Recompute::kAlways}, network, kTokens, 1ULL << 60U);
  EXPECT_EQ(always.keep, Keep::kInputs);
  EXPECT_THAT(always.why, HasSubstr("recompute is always"));
  const auto never = keeping_of({.recompute = Recompute::kNever}, network, kTokens, 1);
  EXPECT_EQ(never.keep, Keep::kEverything);
  EXPECT_THAT(never.why, HasSubstr("recompute is never"));
}

TEST(Keeping, ThePassMemoryOfARecipeIsTheLimit) {
  const auto network = some_network();
  const auto everything = bytes(network, Keep::kEverything);
  const auto with = [&](std::uint64_t limit) {
    return keeping_of({.pass_memory = limit}, network, kTokens, 1);
  };
  EXPECT_EQ(with(everything).keep, Keep::kEverything);
  EXPECT_EQ(with(everything - 1).keep, Keep::kInputs);
  EXPECT_THAT(with(everything - 1).why, HasSubstr("pass_memory is "));
  EXPECT_EQ(with(bytes(network, Keep::kInputs)).why.find("even that"), std::string::npos);
  EXPECT_THAT(with(bytes(network, Keep::kInputs) - 1).why,
              HasSubstr("even that is more; should memory run out, take fewer pass_tokens"));
}

TEST(Keeping, ElseThreeQuartersOfWhatGradientsLeave) {
  const auto network = some_network();
  const auto gradients = gradient_bytes(network) * (threads_at_once() + 1);
  const auto enough = gradients + bytes(network, Keep::kEverything) * 4 / 3 + 2;
  EXPECT_EQ(keeping_of({}, network, kTokens, enough).keep, Keep::kEverything);
  const auto tight = keeping_of({}, network, kTokens, enough - 8);
  EXPECT_EQ(tight.keep, Keep::kInputs);
  EXPECT_THAT(tight.why, HasSubstr("Layers are computed again on the way back, so that 10000 "
                                   "tokens at once take "));
  EXPECT_THAT(tight.why, HasSubstr("of the free memory are theirs"));
  EXPECT_EQ(keeping_of({}, network, kTokens, 0).keep, Keep::kInputs);
}

TEST(Keeping, EverythingWhereNothingTellsOrNothingIsSaved) {
  const auto network = some_network();
  const auto unknown = keeping_of({}, network, kTokens, std::nullopt);
  EXPECT_EQ(unknown.keep, Keep::kEverything);
  EXPECT_THAT(unknown.why, HasSubstr("nothing here tells"));
  NetworkShape shape = network.shape();
  shape.sizes.layers = 1;
  const auto one = Network::random(shape, {.lora = train::Lora{}}, 1).value();
  EXPECT_EQ(keeping_of({}, one, kTokens, 0).keep, Keep::kEverything);
}

}  // namespace
}  // namespace dramatis::train::tune
