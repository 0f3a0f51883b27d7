#include "model/model.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>

#include "formats/testing/gguf_bytes.h"
#include "model/limits.h"
#include "model/testing/small_model.h"

namespace dramatis::model {
namespace {

using tensor::Dtype;

Model bind_small(Dtype dtype = Dtype::kQ8_0, std::string_view family = "llama") {
  const auto shape = testing::small_of(family);
  return Model::bind(formats::Gguf::parse(testing::small_model(shape, dtype)).value()).value();
}
std::vector<TokenId> some_ids(std::size_t count) {
  std::vector<TokenId> ids;
  for (std::size_t n = 0; n < count; ++n) ids.push_back(static_cast<TokenId>(n * 37 % 80));
  return ids;
}
std::vector<float> last_row(const Logits& logits) {
  const auto row = logits.row(logits.rows - 1);
  return {row.begin(), row.end()};
}
std::vector<float> logits_after(const Model& model, std::span<const TokenId> ids,
                                std::size_t threads) {
  runtime::ThreadPool pool(threads);
  auto cache = KvCache::make(model.config(), ids.size(), Dtype::kF16).value();
  return last_row(model.prefill(ids, cache, Rows::kLast, {.threads = pool}).value());
}

TEST(Model, GivesTheSameBitsOnAnyNumberOfThreads) {
  for (const auto dtype : {Dtype::kF32, Dtype::kQ8_0}) {
    const auto model = bind_small(dtype);
    const auto ids = some_ids(100);
    const auto alone = logits_after(model, ids, 1);
    EXPECT_EQ(logits_after(model, ids, 2), alone);
    EXPECT_EQ(logits_after(model, ids, 5), alone);
  }
}

void expect_same_bits_step_by_step(const Model& model) {
  const auto ids = some_ids(70);
  runtime::ThreadPool pool(2);
  auto cache = KvCache::make(model.config(), 70, Dtype::kF16).value();
  std::vector<float> stepped;
  for (const TokenId id : ids) stepped = last_row(model.step(id, cache, pool).value());
  EXPECT_EQ(stepped, logits_after(model, ids, 1));
  EXPECT_EQ(cache.length(), 70U);
}

TEST(Model, GivesTheSameBitsStepByStep) {
  for (const auto dtype : {Dtype::kF32, Dtype::kF16, Dtype::kQ8_0, Dtype::kQ4_1, Dtype::kQ5_1})
    expect_same_bits_step_by_step(bind_small(dtype));
}

TEST(Model, GivesTheSameBitsStepByStepInEveryFamily) {
  for (const auto* family : {"qwen2", "qwen3", "gemma2"}) {
    SCOPED_TRACE(family);
    const auto model = bind_small(Dtype::kQ8_0, family);
    EXPECT_EQ(model.config().architecture, family);
    EXPECT_TRUE(model.warnings().empty());
    expect_same_bits_step_by_step(model);
  }
}

TEST(Model, SequencesInOneBatchDoNotMeet) {
  const auto model = bind_small();
  runtime::ThreadPool pool(2);
  const auto ids = some_ids(20);
  const auto others = some_ids(40);
  auto first = KvCache::make(model.config(), 20, Dtype::kF32).value();
  auto second = KvCache::make(model.config(), 20, Dtype::kF32).value();
  std::vector<Row> mixed;
  for (std::size_t n = 0; n < 20; ++n) {
    mixed.push_back(
        {.id = ids[n], .cache = &first, .wanted = n == 19 ? Wanted::kLogits : Wanted::kNothing});
    mixed.push_back({.id = others[20 + n],
                     .cache = &second,
                     .wanted = n == 19 ? Wanted::kLogits : Wanted::kNothing});
  }
  const auto together = model.forward(mixed, pool).value();
  ASSERT_EQ(together.rows, 2U);
  auto lone = KvCache::make(model.config(), 20, Dtype::kF32).value();
  const auto alone = model.prefill(ids, lone, Rows::kLast, {.threads = pool}).value();
  EXPECT_TRUE(std::ranges::equal(together.row(0), alone.row(0)));
  EXPECT_FALSE(std::ranges::equal(together.row(1), alone.row(0)));
}

TEST(Model, GivesAllRowsAcrossBatches) {
  const auto model = bind_small();
  runtime::ThreadPool pool(1);
  const auto ids = some_ids(2 * kMaxBatchRows + 3);
  auto cache = KvCache::make(model.config(), ids.size(), Dtype::kF16).value();
  const auto all = model.prefill(ids, cache, Rows::kAll, {.threads = pool}).value();
  ASSERT_EQ(all.rows, ids.size());
  EXPECT_EQ(last_row(all), logits_after(model, ids, 1));
  const auto shorter = logits_after(model, std::span(ids).first(80), 1);
  EXPECT_TRUE(std::ranges::equal(all.row(79), shorter));
}

// The output layer is linear, so it makes of the mean state the mean of all logits.
TEST(Model, TheMeanStateIsTheMeanOfWhatTheOutputReads) {
  const auto model = bind_small(Dtype::kF32);
  runtime::ThreadPool pool(2);
  const auto ids = some_ids(kMaxBatchRows + 9);
  const auto state = model.mean_state(ids, {.threads = pool}).value();
  ASSERT_EQ(state.size(), model.config().width);
  auto cache = KvCache::make(model.config(), ids.size(), Dtype::kF32).value();
  const auto all = model.prefill(ids, cache, Rows::kAll, {.threads = pool}).value();
  const auto* output = model.file().tensor("output.weight");
  if (output == nullptr) output = model.file().tensor("token_embd.weight");
  ASSERT_EQ(output->dtype, Dtype::kF32);
  std::vector<float> weights(output->bytes.size() / sizeof(float));
  std::memcpy(weights.data(), output->bytes.data(), output->bytes.size());
  for (std::size_t v = 0; v < all.vocabulary; ++v) {
    double mean = 0;
    for (std::size_t n = 0; n < all.rows; ++n) mean += all.row(n)[v] / double(all.rows);
    double product = 0;
    for (std::size_t d = 0; d < state.size(); ++d)
      product += weights[v * state.size() + d] * state[d];
    EXPECT_NEAR(product, mean, 1e-4) << v;
  }
}

TEST(Model, RefusesWhatDoesNotFit) {
  const auto model = bind_small();
  runtime::ThreadPool pool(1);
  auto cache = KvCache::make(model.config(), 4, Dtype::kF16).value();
  EXPECT_EQ(model.prefill(some_ids(5), cache, Rows::kLast, {.threads = pool}).error().code,
            ErrorCode::kOverBudget);
  EXPECT_EQ(cache.length(), 0U);
  ASSERT_TRUE(model.prefill(some_ids(4), cache, Rows::kNone, {.threads = pool}));
  EXPECT_EQ(model.step(TokenId{1}, cache, pool).error().code, ErrorCode::kOverBudget);
  cache.truncate(0);
  for (const int id : {-1, 80, std::numeric_limits<int>::max()}) {
    EXPECT_EQ(model.step(static_cast<TokenId>(id), cache, pool).error().code,
              ErrorCode::kInvalidArgument);
  }
}

TEST(Model, StopsBetweenBatches) {
  const auto model = bind_small();
  runtime::ThreadPool pool(1);
  auto cache = KvCache::make(model.config(), 200, Dtype::kF16).value();
  std::stop_source asked;
  asked.request_stop();
  const runtime::Stop stop{.token = asked.get_token()};
  EXPECT_EQ(model.prefill(some_ids(100), cache, Rows::kLast, {.threads = pool, .stop = stop})
                .error()
                .code,
            ErrorCode::kCancelled);
  const runtime::Stop late{.deadline = std::chrono::steady_clock::now()};
  EXPECT_EQ(model.prefill(some_ids(100), cache, Rows::kLast, {.threads = pool, .stop = late})
                .error()
                .code,
            ErrorCode::kDeadline);
}

TEST(KvCache, AForkGoesItsOwnWay) {
  const auto model = bind_small();
  runtime::ThreadPool pool(1);
  auto cache = KvCache::make(model.config(), 50, Dtype::kF16).value();
  const auto ids = some_ids(50);
  ASSERT_TRUE(model.prefill(std::span(ids).first(30), cache, Rows::kNone, {.threads = pool}));
  auto fork = cache.fork(30, 40).value();
  EXPECT_EQ(fork.length(), 30U);
  EXPECT_EQ(fork.capacity(), 40U);
  EXPECT_EQ(cache.fork(12, 12).value().length(), 12U);
  ASSERT_TRUE(model.prefill(std::span(ids).subspan(40, 5), fork, Rows::kNone, {.threads = pool}));
  const auto rest =
      model.prefill(std::span(ids).subspan(30), cache, Rows::kLast, {.threads = pool}).value();
  EXPECT_EQ(last_row(rest), logits_after(model, ids, 1));
}

TEST(KvCache, TruncatingForgets) {
  const auto model = bind_small();
  runtime::ThreadPool pool(1);
  auto cache = KvCache::make(model.config(), 50, Dtype::kF16).value();
  const auto ids = some_ids(50);
  ASSERT_TRUE(model.prefill(some_ids(45), cache, Rows::kNone, {.threads = pool}));
  cache.truncate(7);
  const auto rest =
      model.prefill(std::span(ids).subspan(7), cache, Rows::kLast, {.threads = pool}).value();
  EXPECT_EQ(last_row(rest), logits_after(model, ids, 1));
}

TEST(KvCache, RefusesMoreThanItsLimit) {
  const auto refused = KvCache::make(testing::kSmall, std::size_t{1} << 40, Dtype::kF16);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kOverBudget);
  EXPECT_FALSE(
      KvCache::make(testing::kSmall, std::numeric_limits<std::size_t>::max(), Dtype::kF16));
}

// A model whose heads are whole blocks of 32.
ModelConfig wide_heads() {
  ModelConfig shape = testing::kSmall;
  shape.heads = 2;
  shape.kv_heads = 1;
  shape.head_width = 32;
  shape.rope_width = 32;
  return shape;
}

TEST(KvCache, SharesWholePagesAndCopiesBeforeItWrites) {
  const auto model = bind_small();
  runtime::ThreadPool pool(1);
  const auto ids = some_ids(60);
  const auto pages = KvPool::make(kv_shape(model.config(), Dtype::kF16).value(), 1 << 20);
  KvCache cache(pages, 60);
  ASSERT_TRUE(model.prefill(std::span(ids).first(40), cache, Rows::kNone, {.threads = pool}));
  EXPECT_EQ(pages->used_pages(), 3U);
  auto fork = cache.fork(40, 60).value();  // two whole pages and a copy of half a page
  EXPECT_EQ(pages->used_pages(), 4U);
  EXPECT_EQ(fork.pages()[1], cache.pages()[1]);
  EXPECT_NE(fork.pages()[2], cache.pages()[2]);
  fork.truncate(20);  // into a page that both hold
  const auto other =
      model.prefill(std::span(ids).subspan(45, 15), fork, Rows::kLast, {.threads = pool}).value();
  EXPECT_NE(fork.pages()[1], cache.pages()[1]);
  auto expected = std::vector<TokenId>(ids.begin(), ids.begin() + 20);
  expected.insert(expected.end(), ids.begin() + 45, ids.end());
  EXPECT_EQ(last_row(other), logits_after(model, expected, 1));
  const auto rest =
      model.prefill(std::span(ids).subspan(40), cache, Rows::kLast, {.threads = pool}).value();
  EXPECT_EQ(last_row(rest), logits_after(model, ids, 1));
}

TEST(KvCache, EightBitsGiveTheSameHoweverTheyWereComputed) {
  const auto file = testing::small_model(wide_heads());
  const auto model = Model::bind(formats::Gguf::parse(file).value()).value();
  const auto ids = some_ids(50);
  runtime::ThreadPool pool(2);
  auto whole = KvCache::make(model.config(), 50, Dtype::kQ8_0).value();
  const auto at_once = model.prefill(ids, whole, Rows::kLast, {.threads = pool}).value();
  auto parts = KvCache::make(model.config(), 50, Dtype::kQ8_0).value();
  for (std::size_t n = 0; n + 1 < ids.size(); ++n) ASSERT_TRUE(model.step(ids[n], parts, pool));
  EXPECT_EQ(last_row(model.step(ids.back(), parts, pool).value()), last_row(at_once));
  auto exact = KvCache::make(model.config(), 50, Dtype::kF32).value();
  const auto exactly = model.prefill(ids, exact, Rows::kLast, {.threads = pool}).value();
  double largest = 0;
  for (std::size_t n = 0; n < exactly.vocabulary; ++n)
    largest = std::max<double>(largest, std::abs(exactly.row(0)[n] - at_once.row(0)[n]));
  EXPECT_LT(largest, 0.05);  // half a step of 1/127 in each key and value, averaged over 50 tokens
  EXPECT_GT(largest, 0);
}

TEST(KvPool, CountsItsPagesAndClearsThem) {
  const auto shape = kv_shape(testing::kSmall, Dtype::kF16).value();
  const auto pool = KvPool::make(shape, 2 * shape.page_bytes() + 1);
  auto first = pool->take().value();
  const auto second = pool->take().value();
  EXPECT_EQ(pool->take().error().code, ErrorCode::kOverBudget);
  std::ranges::fill(first->bytes(), std::byte{7});
  first.reset();
  EXPECT_EQ(pool->used_pages(), 1U);
  const auto third = pool->take().value();
  EXPECT_TRUE(std::ranges::all_of(third->bytes(), [](std::byte b) { return b == std::byte{0}; }));
}

TEST(KvPool, RefusesTypesAndHeadsThatItCannotKeep) {
  EXPECT_EQ(kv_shape(testing::kSmall, Dtype::kQ4_0).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(kv_shape(testing::kSmall, Dtype::kQ8_0).error().code, ErrorCode::kUnsupported);
}

// The small file with one value of metadata replaced.
struct Lie {
  std::string key;
  std::uint32_t kind;  // 4 u32, 5 i32, 6 f32, 8 text, 9 one u32 for each of two layers, 10 u64
  double value;
  std::string text = "plamo2";
};
Result<Model> bind_with(const Lie& lie) {
  using formats::testing::GgufBytes;
  const auto prefix = lie.key.substr(0, lie.key.find('.'));
  const bool family = prefix == "qwen2" || prefix == "qwen3" || prefix == "gemma2";
  const auto honest =
      formats::Gguf::parse(testing::small_model(testing::small_of(family ? prefix : "llama")))
          .value();
  GgufBytes file;
  file.header(honest.tensors().size(),
              honest.metadata().size() + (honest.find(lie.key) == nullptr ? 1 : 0));
  const auto put = [&](std::uint32_t kind, double value) {
    if (kind == 4) file.put(static_cast<std::uint32_t>(value));
    if (kind == 5) file.put(static_cast<std::int32_t>(value));
    if (kind == 6) file.put(static_cast<float>(value));
    if (kind == 8) file.text(lie.text);
    if (kind == 9)
      file.put(4U).put(std::uint64_t{2}).put(static_cast<std::uint32_t>(value)).put(1U);
    if (kind == 10) file.put(static_cast<std::uint64_t>(value));
  };
  for (const auto& [key, value] : honest.metadata()) {
    if (key == lie.key) continue;
    if (const auto* text = std::get_if<std::string>(&value)) file.key(key, 8).text(*text);
    if (const auto* integer = std::get_if<std::int64_t>(&value))
      file.key(key, 4).put(static_cast<std::uint32_t>(*integer));
    if (const auto* real = std::get_if<double>(&value))
      file.key(key, 6).put(static_cast<float>(*real));
  }
  file.key(lie.key, lie.kind);
  put(lie.kind, lie.value);
  std::uint64_t offset = 0;
  for (const auto& tensor : honest.tensors()) {
    file.tensor(tensor.name, {tensor.shape.begin(), tensor.shape.end()},
                tensor::dtype_row(tensor.dtype).ggml_id, offset);
    offset += (tensor.bytes.size() + 31) / 32 * 32;
  }
  for (const auto& tensor : honest.tensors()) file.pad().zeros(tensor.bytes.size());
  return Model::bind(formats::Gguf::parse(file.pad().bytes()).value());
}

// G18, G19, G20, G21, G22, G28
TEST(ModelConfig, RefusesNumbersOutOfRange) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinite = std::numeric_limits<double>::infinity();
  const std::vector<Lie> lies = {{"general.architecture", 8, 0},
                                 {"llama.block_count", 4, 0},
                                 {"llama.block_count", 4, 3},
                                 {"llama.block_count", 4, 513},
                                 {"llama.block_count", 4, 2147483648.0},
                                 {"llama.block_count", 4, 4294967295.0},
                                 {"llama.block_count", 8, 0},
                                 {"llama.attention.head_count", 4, 0},
                                 {"llama.attention.head_count_kv", 4, 0},
                                 {"llama.attention.head_count_kv", 4, 8},
                                 {"llama.attention.head_count_kv", 4, 3},
                                 {"llama.attention.head_count", 4, 6},
                                 {"llama.attention.head_count", 9, 4},
                                 {"llama.attention.head_count_kv", 9, 2},
                                 {"llama.feed_forward_length", 9, 96},
                                 {"llama.attention.key_length", 4, 0},
                                 {"llama.attention.value_length", 4, 8},
                                 {"llama.context_length", 4, 0},
                                 {"llama.context_length", 4, 2147483648.0},
                                 {"llama.context_length", 10, 4611686018427387904.0},
                                 {"llama.feed_forward_length", 10, 1099511627776.0},
                                 {"llama.expert_count", 4, 8},
                                 {"llama.expert_count", 4, 2147483648.0},
                                 {"llama.attention.sliding_window", 5, -1},
                                 {"llama.attention.layer_norm_rms_epsilon", 6, 0},
                                 {"llama.attention.layer_norm_rms_epsilon", 6, -1},
                                 {"llama.attention.layer_norm_rms_epsilon", 6, nan},
                                 {"llama.rope.freq_base", 6, 0},
                                 {"llama.rope.freq_base", 6, nan},
                                 {"llama.rope.freq_base", 6, -infinite},
                                 {"llama.rope.dimension_count", 4, 18},
                                 {"llama.rope.dimension_count", 4, 3},
                                 {"llama.rope.scaling.type", 8, 0},
                                 {"split.count", 4, 65535},
                                 {"split.count", 4, 2},
                                 {"split.count", 8, 0, "../../part.gguf"},
                                 {"llama.rope.scaling.factor", 6, 0},
                                 {"llama.rope.scaling.factor", 6, -2},
                                 {"llama.rope.scaling.factor", 6, nan},
                                 {"llama.rope.scale_linear", 6, infinite},
                                 {"llama.rope.scaling.type", 4, 1},
                                 {"llama.attention.scale", 6, 0},
                                 {"llama.attention.scale", 6, nan},
                                 {"llama.attn_logit_softcapping", 6, 50},
                                 {"llama.logit_scale", 6, 8},
                                 {"llama.residual_scale", 6, 0.5},
                                 {"qwen2.final_logit_softcapping", 6, 30},
                                 {"qwen3.attention.head_count_kv", 4, 3},
                                 {"qwen3.expert_count", 4, 128},
                                 {"gemma2.attn_logit_softcapping", 6, 0},
                                 {"gemma2.attn_logit_softcapping", 6, -50},
                                 {"gemma2.attn_logit_softcapping", 6, nan},
                                 {"gemma2.final_logit_softcapping", 6, infinite},
                                 {"gemma2.final_logit_softcapping", 8, 0},
                                 {"gemma2.attention.sliding_window", 4, 0},
                                 {"gemma2.attention.sliding_window", 5, -1},
                                 {"gemma2.block_count", 4, 513},
                                 {"llama.vocab_size", 4, 81},
                                 {"llama.embedding_length", 4, 32},
                                 {"tokenizer.ggml.tokens", 4, 1}};
  for (const auto& lie : lies) {
    const auto bound = bind_with(lie);
    ASSERT_FALSE(bound) << lie.key << " = " << lie.value;
    EXPECT_FALSE(bound.error().what.empty());
  }
  EXPECT_TRUE(bind_with({"llama.vocab_size", 4, 80}));
  EXPECT_TRUE(bind_with({"llama.rope.freq_base", 6, 500000}));
  EXPECT_TRUE(bind_with({"llama.expert_count", 4, 0}));
  EXPECT_TRUE(bind_with({"gemma2.attn_logit_softcapping", 6, 20}));
}

// G28: parts that lie elsewhere are named and never looked for.
TEST(ModelConfig, NamesASplitFile) {
  const auto refused = bind_with({"split.count", 4, 3});
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(refused.error().what.find("split.count is 3"), std::string::npos);
  EXPECT_TRUE(bind_with({"split.count", 4, 1}));
}

// G17
TEST(ModelConfig, NamesAnArchitectureThatIsNotComputed) {
  const auto refused = bind_with({"general.architecture", 8, 0});
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
  for (const auto* name : {"plamo2", "llama", "qwen2", "qwen3", "gemma2"})
    EXPECT_NE(refused.error().what.find(name), std::string::npos) << name;
  for (const auto& name :
       {std::string(), std::string("LLAMA"), std::string("llama "), std::string(1 << 20, 'l')}) {
    const auto other = bind_with({"general.architecture", 8, 0, name});
    ASSERT_FALSE(other) << name.substr(0, 20);
    EXPECT_EQ(other.error().code, ErrorCode::kUnsupported);
    EXPECT_LT(other.error().what.size(), 400U);
  }
  formats::GgufWriter nameless;
  nameless.add_u32("llama.block_count", 2);
  const auto missing = Model::bind(formats::Gguf::parse(nameless.finish().value()).value());
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_NE(missing.error().what.find("general.architecture"), std::string::npos);
}

// G21
TEST(ModelConfig, NamesAKeyThatDoesNotFitItsFamily) {
  const auto refused = bind_with({"qwen3.attn_logit_softcapping", 6, 50});
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(refused.error().what.find("qwen3.attn_logit_softcapping"), std::string::npos);
}

TEST(ModelConfig, ReadsLinearScalingWithAndWithoutItsType) {
  EXPECT_EQ(bind_with({"llama.rope.scaling.factor", 6, 4})->config().rope_divisor, 4);
  EXPECT_EQ(bind_with({"llama.rope.scale_linear", 6, 2})->config().rope_divisor, 2);
  EXPECT_EQ(bind_small().config().rope_divisor, 1);
}

TEST(ModelConfig, GemmaHasItsCapsAndWindowsWhereAFileIsSilent) {
  const auto config = bind_small(Dtype::kQ8_0, "gemma2").config();
  EXPECT_EQ(config.score_cap, 50);
  EXPECT_EQ(config.logit_cap, 30);
  EXPECT_EQ(config.embedding_scale, 8);
  EXPECT_EQ(config.score_scale, 0.25F);
  EXPECT_EQ(config.context, 256U);
  EXPECT_EQ(config.window_of(0), 24U);
  EXPECT_GT(config.window_of(1), config.context);
  EXPECT_EQ(config.window_of(2), 24U);
  EXPECT_GT(bind_small().config().window_of(0), config.context);
}

// A rotation that Llama 3 stretches, told by keys.
struct StretchLie {
  float low;
  float high;
  std::uint32_t trained;
};
Result<Model> bind_stretched(const StretchLie& lie, bool with_divisors) {
  formats::GgufWriter to;
  testing::add_keys(to, testing::kSmall);
  to.add_text("llama.rope.scaling.type", "llama3");
  to.add_f32("llama.rope.scaling.factor", 8);
  to.add_f32("llama.rope.scaling.low_freq_factor", lie.low);
  to.add_f32("llama.rope.scaling.high_freq_factor", lie.high);
  to.add_u32("llama.rope.scaling.original_context_length", lie.trained);
  const auto honest = formats::Gguf::parse(testing::small_model()).value();
  for (const auto& tensor : honest.tensors()) {
    to.add_tensor({.name = tensor.name,
                   .dtype = tensor.dtype,
                   .shape = tensor.shape,
                   .bytes = {tensor.bytes.begin(), tensor.bytes.end()}});
  }
  if (with_divisors) {
    const std::vector<float> ones(8, 1.0F);
    to.add_tensor({.name = "rope_freqs.weight",
                   .dtype = Dtype::kF32,
                   .shape = {8},
                   .bytes = kernels::quantise(ones, Dtype::kF32).value()});
  }
  return Model::bind(formats::Gguf::parse(to.finish().value()).value());
}

// G21
TEST(ModelConfig, JudgesAStretchedRotation) {
  EXPECT_EQ(bind_stretched({1, 4, 8192}, false)->config().rope_stretch.trained, 8192U);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const StretchLie lie : {StretchLie{4, 4, 8192}, StretchLie{0, 4, 8192},
                               StretchLie{1, nan, 8192}, StretchLie{1, 4, 0}}) {
    EXPECT_EQ(bind_stretched(lie, false).error().code, ErrorCode::kCorrupt);
  }
  EXPECT_EQ(bind_stretched({1, 4, 8192}, true).error().code, ErrorCode::kCorrupt);
}

// The small file with its tensors changed.
template <class Change>
Result<Model> bind_changed(const Change& change, std::string_view family = "llama") {
  const auto shape = testing::small_of(family);
  formats::GgufWriter to;
  testing::add_keys(to, shape);
  const auto honest = formats::Gguf::parse(testing::small_model(shape)).value();
  for (const auto& tensor : honest.tensors()) {
    formats::GgufTensorToWrite copy{.name = tensor.name,
                                    .dtype = tensor.dtype,
                                    .shape = tensor.shape,
                                    .bytes = {tensor.bytes.begin(), tensor.bytes.end()}};
    if (change(copy)) to.add_tensor(std::move(copy));
  }
  formats::GgufTensorToWrite extra{
      .name = "", .dtype = Dtype::kF32, .shape = {2}, .bytes = std::vector<std::byte>(8)};
  change(extra);
  if (!extra.name.empty()) to.add_tensor(extra);
  return Model::bind(formats::Gguf::parse(to.finish().value()).value());
}

// G25
TEST(Weights, NamesAMissingTensor) {
  const auto bound =
      bind_changed([](auto& tensor) { return tensor.name != "blk.1.ffn_up.weight"; });
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().code, ErrorCode::kNotFound);
  EXPECT_NE(bound.error().what.find("blk.1.ffn_up.weight"), std::string::npos);
}

// G25
TEST(Weights, RefusesOtherShapes) {
  const auto swapped = bind_changed([](auto& tensor) {
    if (tensor.name == "blk.0.ffn_gate.weight") std::swap(tensor.shape[0], tensor.shape[1]);
    return true;
  });
  EXPECT_EQ(swapped.error().code, ErrorCode::kCorrupt);
  const auto flat = bind_changed([](auto& tensor) {
    if (tensor.name == "blk.0.attn_q.weight") tensor.shape = {tensor.shape[0] * tensor.shape[1]};
    return true;
  });
  EXPECT_EQ(flat.error().code, ErrorCode::kCorrupt);
}

// G25
TEST(Weights, WarnsOfStrangers) {
  const auto odd = bind_changed([](auto& tensor) {
    if (tensor.name.empty()) tensor.name = "vision.weight";
    return true;
  });
  ASSERT_TRUE(odd);
  ASSERT_EQ(odd->warnings().size(), 1U);
  EXPECT_NE(odd->warnings()[0].find("vision.weight"), std::string::npos);
}

// G25
TEST(Weights, RefusesBiasesAndNormsWithoutAPlace) {
  for (const auto* name : {"blk.0.ffn_up.bias", "blk.1.attn_output.bias",
                           "blk.0.attn_q_norm.weight", "blk.1.post_ffw_norm.weight"}) {
    const auto refused = bind_changed([name](auto& tensor) {
      if (tensor.name.empty()) tensor.name = name;
      return true;
    });
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
    EXPECT_NE(refused.error().what.find(name), std::string::npos);
  }
}

TEST(Weights, ComputesBiasesThatALlamaFileHas) {
  const auto biased = bind_changed([](auto& tensor) {
    if (!tensor.name.empty()) return true;
    tensor.name = "blk.0.attn_q.bias";
    tensor.shape = {64};
    tensor.bytes = kernels::quantise(std::vector<float>(64, 0.5F), Dtype::kF32).value();
    return true;
  });
  ASSERT_TRUE(biased);
  EXPECT_NE(logits_after(*biased, some_ids(5), 1), logits_after(bind_small(), some_ids(5), 1));
  const auto short_one = bind_changed([](auto& tensor) {
    if (tensor.name.empty()) tensor.name = "blk.0.attn_q.bias";  // of 2 numbers
    return true;
  });
  EXPECT_EQ(short_one.error().code, ErrorCode::kCorrupt);
}

// G25
TEST(Weights, NamesWhatAFamilyMustHave) {
  const std::pair<const char*, const char*> needs[] = {{"qwen2", "blk.1.attn_v.bias"},
                                                       {"qwen3", "blk.0.attn_k_norm.weight"},
                                                       {"gemma2", "blk.1.post_ffw_norm.weight"}};
  for (const auto& [family, name] : needs) {
    const auto bound =
        bind_changed([wanted = name](auto& tensor) { return tensor.name != wanted; }, family);
    ASSERT_FALSE(bound) << name;
    EXPECT_EQ(bound.error().code, ErrorCode::kNotFound);
    EXPECT_NE(bound.error().what.find(name), std::string::npos);
  }
}

// G25
TEST(Weights, ReadsNormsOfSixteenBitsAndRefusesQuantisedOnes) {
  const auto with_norm = [](Dtype dtype) {
    return bind_changed([dtype](auto& tensor) {
      if (tensor.name != "blk.0.ffn_norm.weight") return true;
      tensor.dtype = dtype;
      tensor.bytes = kernels::quantise(std::vector<float>(64, 1.0F), dtype).value();
      return true;
    });
  };
  EXPECT_EQ(logits_after(with_norm(Dtype::kF16).value(), some_ids(5), 1),
            logits_after(with_norm(Dtype::kF32).value(), some_ids(5), 1));
  EXPECT_EQ(with_norm(Dtype::kQ8_0).error().code, ErrorCode::kUnsupported);
}

// G25: a matrix of another type than its neighbours is read as what it is.
TEST(Weights, TypesMayDifferFromMatrixToMatrix) {
  const auto mixed = bind_changed([](auto& tensor) {
    if (tensor.name != "blk.1.attn_q.weight") return true;
    tensor.bytes = kernels::quantise(std::vector<float>(64 * 64, 0.5F), Dtype::kF16).value();
    tensor.dtype = Dtype::kF16;
    return true;
  });
  ASSERT_TRUE(mixed) << mixed.error().what;
  const auto logits = logits_after(*mixed, some_ids(5), 1);
  EXPECT_TRUE(std::ranges::all_of(logits, [](float logit) { return std::isfinite(logit); }));
  EXPECT_NE(logits, logits_after(bind_small(), some_ids(5), 1));
}

// G26
TEST(Weights, BrokenScalesAreFoundInTheLogits) {
  const auto model = bind_changed([](auto& tensor) {
    if (tensor.name == "blk.1.ffn_down.weight")
      std::fill(tensor.bytes.begin(), tensor.bytes.begin() + 2, std::byte{0xFF});
    return true;
  });
  const auto logits = logits_after(model.value(), some_ids(3), 1);
  EXPECT_TRUE(std::ranges::any_of(logits, [](float logit) { return !std::isfinite(logit); }));
}

}  // namespace
}  // namespace dramatis::model
