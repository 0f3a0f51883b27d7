#include "model/adapter.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

#include <gtest/gtest.h>

#include "model/limits.h"
#include "model/model.h"
#include "model/testing/small_adapter.h"

namespace dramatis::model {
namespace {

using tensor::Dtype;
using testing::SmallPair;

constexpr std::size_t kRank = 4;
constexpr float kAlpha = 6;

std::vector<std::byte> small_file(std::string_view family) {
  return testing::small_model(testing::small_of(family), Dtype::kF32);
}
Model bind(std::vector<std::byte> bytes) {
  return Model::bind(formats::Gguf::parse(std::move(bytes)).value()).value();
}
std::vector<SmallPair> pairs_of(const Model& model, std::uint64_t seed = 1) {
  auto shape = model.config();
  return testing::small_pairs(shape, kRank, seed);
}
Result<Adapter> from_gguf(std::vector<std::byte> bytes, const ModelConfig& config) {
  DRAMATIS_TRY(const auto file, formats::Gguf::parse(std::move(bytes)));
  return Adapter::from_gguf(file, config);
}
Adapter gguf_of(const Model& model, const std::vector<SmallPair>& pairs) {
  return from_gguf(testing::gguf_adapter(model.config().architecture, pairs, kAlpha),
                   model.config())
      .value();
}

std::vector<TokenId> some_ids(std::size_t count, std::size_t step = 37) {
  std::vector<TokenId> ids;
  for (std::size_t n = 0; n < count; ++n) ids.push_back(static_cast<TokenId>(n * step % 80));
  return ids;
}
std::vector<float> logits_of(const Model& model, std::span<const TokenId> ids,
                             std::span<const AdapterUse> uses, std::size_t threads = 2) {
  runtime::ThreadPool pool(threads);
  auto cache = KvCache::make(model.config(), ids.size(), Dtype::kF32).value();
  const auto logits =
      model.prefill(ids, cache, Rows::kAll, {.threads = pool, .adapters = uses}).value();
  return {logits.values.span().begin(), logits.values.span().end()};
}
double farthest(std::span<const float> one, std::span<const float> other) {
  EXPECT_EQ(one.size(), other.size());
  double most = 0;
  for (std::size_t n = 0; n < one.size(); ++n)
    most = std::max(most, std::abs(static_cast<double>(one[n]) - static_cast<double>(other[n])));
  return most;
}

TEST(Adapter, AgreesWithTheMergedModelInEveryFamily) {
  for (const auto* family : {"llama", "qwen2", "qwen3", "gemma2"}) {
    SCOPED_TRACE(family);
    const auto model = bind(small_file(family));
    const auto pairs = pairs_of(model);
    const auto adapter = gguf_of(model, pairs);
    const auto merged = bind(testing::merged_model(testing::small_of(family), small_file(family),
                                                   pairs, 0.5 * kAlpha / kRank));
    const auto ids = some_ids(20);
    const auto plain = logits_of(model, ids, {});
    const AdapterUse use{.adapter = &adapter, .scale = 0.5F};
    const auto adapted = logits_of(model, ids, {&use, 1});
    EXPECT_LE(farthest(adapted, logits_of(merged, ids, {})), 1e-3);
    EXPECT_GE(farthest(adapted, plain), 0.1);  // it does something
  }
}

// PEFT has the rows of queries and keys in another order than a Llama file.
TEST(Adapter, BothFormatsGiveTheSameBits) {
  for (const auto* family : {"llama", "qwen2", "qwen3", "gemma2"}) {
    SCOPED_TRACE(family);
    const auto model = bind(small_file(family));
    const auto pairs = pairs_of(model);
    const auto one = gguf_of(model, pairs);
    const auto other =
        Adapter::from_peft(testing::peft_adapter(pairs, kAlpha), model.config()).value();
    const AdapterUse uses[] = {{.adapter = &one}, {.adapter = &other}};
    const auto ids = some_ids(9);
    EXPECT_EQ(logits_of(model, ids, std::span(uses).first(1)),
              logits_of(model, ids, std::span(uses).last(1)));
  }
}

TEST(Adapter, SeveralAddUp) {
  const auto model = bind(small_file("llama"));
  const auto first_pairs = pairs_of(model, 1);
  const auto second_pairs = pairs_of(model, 2);
  const auto first = gguf_of(model, first_pairs);
  const auto second = gguf_of(model, second_pairs);
  auto bytes = testing::merged_model(testing::kSmall, small_file("llama"), first_pairs,
                                     0.75 * kAlpha / kRank);
  const auto merged = bind(testing::merged_model(testing::kSmall, std::move(bytes), second_pairs,
                                                 -0.25 * kAlpha / kRank));
  const AdapterUse uses[] = {{.adapter = &first, .scale = 0.75F},
                             {.adapter = &second, .scale = -0.25F}};
  const auto ids = some_ids(20);
  EXPECT_LE(farthest(logits_of(model, ids, uses), logits_of(merged, ids, {})), 1e-3);
}

TEST(Adapter, RootScalingDividesByTheRootOfTheRank) {
  const auto model = bind(small_file("llama"));
  auto folder = testing::peft_adapter(pairs_of(model), 6);
  EXPECT_EQ(Adapter::from_peft(folder, model.config())->part(1, Adapted::kUp).scale, 1.5F);
  folder.config.scaling = formats::LoraScaling::kByRootOfRank;
  EXPECT_EQ(Adapter::from_peft(folder, model.config())->part(1, Adapted::kUp).scale, 3.0F);
}

TEST(Adapter, AScaleOfZeroIsAsIfItWereNotThere) {
  for (const auto dtype : {Dtype::kF32, Dtype::kQ8_0}) {
    const auto model = bind(testing::small_model(testing::kSmall, dtype));
    const auto adapter = gguf_of(model, pairs_of(model));
    const AdapterUse use{.adapter = &adapter, .scale = 0};
    const auto ids = some_ids(9);
    EXPECT_EQ(logits_of(model, ids, {&use, 1}), logits_of(model, ids, {}));
  }
}

// Rows of one batch have no adapter, one, another, and both, and get what they get alone.
TEST(Adapter, EachRowOfABatchHasItsOwn) {
  for (const auto dtype : {Dtype::kF32, Dtype::kF16, Dtype::kQ8_0, Dtype::kQ4_1}) {
    const auto model = bind(testing::small_model(testing::kSmall, dtype));
    const auto one = gguf_of(model, pairs_of(model, 1));
    const auto two = gguf_of(model, pairs_of(model, 2));
    const AdapterUse both[] = {{.adapter = &one}, {.adapter = &two, .scale = 0.5F}};
    const std::vector<std::span<const AdapterUse>> choices = {
        {}, std::span(both).first(1), std::span(both).last(1), both};
    constexpr std::size_t kSequences = 16;
    const auto ids = some_ids(3);
    runtime::ThreadPool pool(2);
    std::vector<KvCache> caches;
    for (std::size_t n = 0; n < kSequences; ++n)
      caches.push_back(KvCache::make(model.config(), 3, Dtype::kF32).value());
    std::vector<Row> rows;
    for (std::size_t n = 0; n < kSequences; ++n) {
      for (std::size_t t = 0; t < 3; ++t)
        rows.push_back({.id = ids[t],
                        .cache = &caches[n],
                        .wanted = t == 2 ? Wanted::kLogits : Wanted::kNothing,
                        .adapters = choices[n * 7 / 4 % 4]});
    }
    const auto together = model.forward(rows, pool).value();
    for (std::size_t n = 0; n < kSequences; ++n) {
      const auto alone = logits_of(model, ids, choices[n * 7 / 4 % 4], 1);
      EXPECT_TRUE(std::ranges::equal(together.row(n), std::span(alone).last(80))) << n;
    }
  }
}

TEST(Adapter, StepsGiveTheBitsOfAPrefill) {
  const auto model = bind(testing::small_model());
  const auto adapter = gguf_of(model, pairs_of(model));
  const AdapterUse use{.adapter = &adapter};
  const auto ids = some_ids(21);
  runtime::ThreadPool pool(2);
  auto cache = KvCache::make(model.config(), 21, Dtype::kF32).value();
  std::vector<float> stepped;
  for (const TokenId id : ids) {
    const Row row{.id = id, .cache = &cache, .wanted = Wanted::kLogits, .adapters = {&use, 1}};
    const auto logits = model.forward({&row, 1}, pool).value();
    stepped.insert(stepped.end(), logits.row(0).begin(), logits.row(0).end());
  }
  EXPECT_EQ(stepped, logits_of(model, ids, {&use, 1}));
}

TEST(Adapter, ReadsHalvesAndQuantisedNumbers) {
  const auto model = bind(small_file("llama"));
  const auto pairs = pairs_of(model);
  for (const auto dtype : {Dtype::kF16, Dtype::kBF16, Dtype::kQ8_0}) {
    auto to = testing::adapter_keys("llama", 1);
    testing::add_half(to, "blk.0.attn_v.weight.lora_a", {64, kRank}, pairs[2].a, dtype);
    testing::add_half(to, "blk.0.attn_v.weight.lora_b", {kRank, 32}, pairs[2].b, Dtype::kF16);
    const auto adapter = from_gguf(to.finish().value(), model.config()).value();
    EXPECT_NEAR(adapter.part(0, Adapted::kValue).a[7], pairs[2].a[7], 2e-3);
    EXPECT_EQ(adapter.part(0, Adapted::kQuery).rank, 0U);
    EXPECT_EQ(adapter.part(1, Adapted::kValue).rank, 0U);
  }
}

// Rows L of the list of hostile inputs.

std::string refusal_of(const Result<Adapter>& adapter, ErrorCode code) {
  EXPECT_FALSE(adapter);
  if (adapter) return {};
  EXPECT_EQ(adapter.error().code, code) << adapter.error().what;
  return adapter.error().what;
}

// A GGUF adapter whose one pair is `a` [a_rank, columns] and `b` [rows, b_rank] of a value matrix.
Result<Adapter> with_shapes(std::size_t columns, std::size_t a_rank, std::size_t rows,
                            std::size_t b_rank, const char* matrix = "blk.0.attn_v") {
  auto to = testing::adapter_keys("llama", 4);
  const std::string name = std::string(matrix) + ".weight.lora_";
  if (a_rank > 0)
    testing::add_half(to, name + "a", {columns, a_rank}, std::vector<float>(columns * a_rank));
  if (b_rank > 0)
    testing::add_half(to, name + "b", {b_rank, rows}, std::vector<float>(rows * b_rank));
  return from_gguf(to.finish().value(), testing::kSmall);
}

// L1, L3
TEST(HostileAdapters, RanksAndShapesMustFit) {
  EXPECT_TRUE(with_shapes(64, 4, 32, 4));
  EXPECT_TRUE(with_shapes(64, 1, 32, 1));
  EXPECT_TRUE(with_shapes(64, 32, 32, 32));
  const auto corrupt = ErrorCode::kCorrupt;
  EXPECT_NE(refusal_of(with_shapes(64, 33, 32, 33), corrupt).find("between 1 and 32"),
            std::string::npos);
  EXPECT_NE(refusal_of(with_shapes(64, 4, 32, 3), corrupt).find("A of rank 4 and B of rank 3"),
            std::string::npos);
  EXPECT_NE(refusal_of(with_shapes(63, 4, 32, 4), corrupt).find("blk.0.attn_v.weight.lora_a"),
            std::string::npos);
  EXPECT_NE(refusal_of(with_shapes(64, 4, 33, 4), corrupt).find("[32, 64]"), std::string::npos);
  EXPECT_NE(refusal_of(with_shapes(64, 4, 32, 0), corrupt).find("has A and no B"),
            std::string::npos);
  EXPECT_NE(refusal_of(with_shapes(64, 0, 32, 4), corrupt).find("has B and no A"),
            std::string::npos);
  EXPECT_NE(refusal_of(with_shapes(64, 4, 32, 4, "blk.2.attn_v"), corrupt).find("2 layers"),
            std::string::npos);
  EXPECT_EQ(refusal_of(with_shapes(64, 0, 32, 0), ErrorCode::kNotFound),
            "The adapter has no tensors.");
}

// L1
TEST(HostileAdapters, AConfigsRankMustBeItsTensors) {
  const auto model = bind(small_file("llama"));
  auto folder = testing::peft_adapter(pairs_of(model), 8);
  folder.config.rank = 8;
  refusal_of(Adapter::from_peft(folder, model.config()), ErrorCode::kCorrupt);
  folder.config.ranks = formats::LoraRanks::kByTensor;
  EXPECT_TRUE(Adapter::from_peft(folder, model.config()));
}

// L1
TEST(HostileAdapters, AnEmptyTensorIsRefused) {
  const std::vector<formats::SafeTensor> tensors = {
      {.name = "base_model.model.model.layers.0.self_attn.v_proj.lora_A.weight",
       .dtype = formats::SafeDtype::kF32,
       .shape = {0, 64},
       .bytes = {}}};
  const auto folder = testing::peft_folder(tensors, 1, 1);
  refusal_of(Adapter::from_peft(folder, testing::kSmall), ErrorCode::kCorrupt);
}

// L2
TEST(HostileAdapters, AlphaIsJudged) {
  const auto model = bind(small_file("llama"));
  const auto pairs = pairs_of(model);
  const auto alpha = [&](float value) {
    return from_gguf(testing::gguf_adapter("llama", pairs, value), model.config());
  };
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  for (const float value : {-1.0F, kInfinite, -kInfinite, std::nanf(""), 1e38F, 16.1F * kRank})
    refusal_of(alpha(value), ErrorCode::kCorrupt);
  EXPECT_EQ(alpha(0)->part(0, Adapted::kQuery).scale, 1.0F);
  EXPECT_EQ(alpha(16.0F * kRank)->part(0, Adapted::kQuery).scale, 16.0F);
}

// L2, L3
TEST(HostileAdapters, MetadataIsJudged) {
  const auto judged = [](const char* type, const char* kind, const char* architecture) {
    formats::GgufWriter to;
    if (type != nullptr) to.add_text("general.type", type);
    if (kind != nullptr) to.add_text("adapter.type", kind);
    if (architecture != nullptr) to.add_text("general.architecture", architecture);
    return from_gguf(to.finish().value(), testing::kSmall);
  };
  refusal_of(judged(nullptr, "lora", "llama"), ErrorCode::kNotFound);
  refusal_of(judged("model", "lora", "llama"), ErrorCode::kInvalidArgument);
  refusal_of(judged("adapter", nullptr, "llama"), ErrorCode::kNotFound);
  refusal_of(judged("adapter", "control", "llama"), ErrorCode::kUnsupported);
  refusal_of(judged("adapter", "lora", nullptr), ErrorCode::kNotFound);
  refusal_of(judged("adapter", "lora", "qwen2"), ErrorCode::kUnsupported);
  const auto alpha = refusal_of(judged("adapter", "lora", "llama"), ErrorCode::kNotFound);
  EXPECT_NE(alpha.find("adapter.lora.alpha"), std::string::npos);
  refusal_of(from_gguf(small_file("llama"), testing::kSmall), ErrorCode::kNotFound);
}

// L3
TEST(HostileAdapters, TensorsWithoutAPlaceAreNamed) {
  for (const std::string name :
       {"token_embd.weight.lora_a", "output.weight.lora_a", "blk.0.attn_norm.weight.lora_a",
        "blk.0.attn_v.weight", "blk.00.attn_v.weight.lora_a", "blk.-1.attn_v.weight.lora_a",
        "blk.99999999999999999999.attn_v.weight.lora_a", "blk.0.attn_v.bias.lora_a", "blk.",
        "blk.0", "blk.0.", "blk.0.attn_v.weight.lora_magnitude_vector"}) {
    auto to = testing::adapter_keys("llama", 4);
    testing::add_half(to, name, {64, 4}, std::vector<float>(256));
    const auto what =
        refusal_of(from_gguf(to.finish().value(), testing::kSmall), ErrorCode::kUnsupported);
    EXPECT_NE(what.find(name), std::string::npos);
  }
  const std::vector<float> numbers(64);
  for (const std::string name :
       {"base_model.model.model.embed_tokens.lora_embedding_A",
        "base_model.model.lm_head.lora_A.weight",
        "base_model.model.model.layers.0.self_attn.v_proj.lora_magnitude_vector",
        "base_model.model.model.layers.0.self_attn.v_proj.lora_A.default.weight",
        "model.layers.0.self_attn.v_proj.lora_A.weight"}) {
    const std::vector<formats::SafeTensor> tensors = {{.name = name,
                                                       .dtype = formats::SafeDtype::kF32,
                                                       .shape = {1, 64},
                                                       .bytes = std::as_bytes(std::span(numbers))}};
    const auto folder = testing::peft_folder(tensors, 1, 1);
    const auto what =
        refusal_of(Adapter::from_peft(folder, testing::kSmall), ErrorCode::kUnsupported);
    EXPECT_NE(what.find(name), std::string::npos);
  }
}

// L1
TEST(HostileAdapters, TwoTensorsForOnePlaceAreRefused) {
  const std::vector<float> numbers(64);
  std::vector<formats::SafeTensor> tensors;
  for (const char* prefix : {"base_model.model.model.", "base_model.model."}) {
    tensors.push_back({.name = std::string(prefix) + "layers.0.self_attn.v_proj.lora_A.weight",
                       .dtype = formats::SafeDtype::kF32,
                       .shape = {1, 64},
                       .bytes = std::as_bytes(std::span(numbers))});
  }
  const auto folder = testing::peft_folder(tensors, 1, 1);
  refusal_of(Adapter::from_peft(folder, testing::kSmall), ErrorCode::kCorrupt);
}

// L4
TEST(HostileAdapters, NumbersMustBeFiniteAndMayBeZero) {
  const auto model = bind(small_file("llama"));
  auto pairs = pairs_of(model);
  for (auto& pair : pairs) std::ranges::fill(pair.a, 0.0F);
  const auto adapter = gguf_of(model, pairs);
  const AdapterUse use{.adapter = &adapter};
  const auto ids = some_ids(5);
  EXPECT_EQ(farthest(logits_of(model, ids, {&use, 1}), logits_of(model, ids, {})), 0);
  pairs[3].b[17] = std::nanf("");
  const auto what = refusal_of(Adapter::from_peft(testing::peft_adapter(pairs, 4), model.config()),
                               ErrorCode::kCorrupt);
  EXPECT_NE(what.find("o_proj.lora_B.weight"), std::string::npos);
  EXPECT_NE(what.find("number 1 of row 4 is not finite"), std::string::npos);
}

// L2, L3
TEST(HostileAdapters, ACallersScalesAndShapesAreJudged) {
  const auto model = bind(small_file("llama"));
  const auto adapter = gguf_of(model, pairs_of(model));
  runtime::ThreadPool pool(1);
  auto cache = KvCache::make(model.config(), 2, Dtype::kF32).value();
  const auto judged = [&](const Model& by, std::span<const AdapterUse> uses) {
    const Row row{.id = TokenId{1}, .cache = &cache, .wanted = Wanted::kLogits, .adapters = uses};
    const auto logits = by.forward({&row, 1}, pool);
    cache.truncate(0);
    return logits ? ErrorCode::kInternal : logits.error().code;
  };
  for (const float scale : {std::nanf(""), 1e9F, -16.5F}) {
    const AdapterUse use{.adapter = &adapter, .scale = scale};
    EXPECT_EQ(judged(model, {&use, 1}), ErrorCode::kInvalidArgument) << scale;
  }
  const std::vector<AdapterUse> many(kMaxAdaptersOfRow + 1, AdapterUse{.adapter = &adapter});
  EXPECT_EQ(judged(model, many), ErrorCode::kInvalidArgument);
  EXPECT_EQ(judged(model, std::span(many).first(kMaxAdaptersOfRow)), ErrorCode::kInternal);
  auto other = testing::kSmall;
  other.ffn_width = 128;
  const auto wider = bind(testing::small_model(other, Dtype::kF32));
  EXPECT_EQ(judged(wider, std::span(many).first(1)), ErrorCode::kInvalidArgument);
}

// L5: a thousand adapters are read, used and dropped by eight talks at once on one model.
TEST(HostileAdapters, MayComeAndGoWhileOthersCompute) {
  const auto model = bind(testing::small_model());
  const auto ids = some_ids(2);
  const std::vector<std::vector<SmallPair>> kinds = {pairs_of(model, 1), pairs_of(model, 2)};
  std::vector<std::vector<float>> wanted;
  for (const auto& pairs : kinds) {
    const auto adapter = gguf_of(model, pairs);
    const AdapterUse use{.adapter = &adapter};
    wanted.push_back(logits_of(model, ids, {&use, 1}));
  }
  std::atomic<std::size_t> same = 0;
  const auto talk = [&](std::size_t talker) {
    for (std::size_t n = 0; n < 125; ++n) {
      const std::size_t kind = (talker + n) % 2;
      const auto adapter = gguf_of(model, kinds[kind]);
      const AdapterUse use{.adapter = &adapter};
      same += logits_of(model, ids, {&use, 1}, 1) == wanted[kind] ? 1 : 0;
    }
  };
  std::vector<std::thread> talkers;
  for (std::size_t n = 0; n < 8; ++n) talkers.emplace_back(talk, n);
  for (auto& talker : talkers) talker.join();
  EXPECT_EQ(same, 1000U);
}

// G30, of an adapter.
TEST(HostileAdapters, EveryBitOfTheMetadataMayFlip) {
  auto shape = testing::kSmall;
  shape.layers = 1;
  const auto pairs = testing::small_pairs(shape, 1, 3);
  const std::vector<SmallPair> few(pairs.begin(), pairs.begin() + 1);
  const auto whole = testing::gguf_adapter("llama", few, 1);
  const std::size_t metadata = whole.size() - few[0].a.size() * 4 - few[0].b.size() * 4;
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < metadata * 8; ++bit) {
    auto flipped = whole;
    flipped[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    const auto adapter = from_gguf(std::move(flipped), shape);
    if (adapter) continue;
    ++refused;
    ASSERT_FALSE(adapter.error().what.empty());
  }
  EXPECT_GT(refused, 1000U);
}

}  // namespace
}  // namespace dramatis::model
