// Tokens per second of a model of the size that Dramatis ships: 9 million parameters in Q8_0.
#include <benchmark/benchmark.h>

#include "model/limits.h"
#include "model/model.h"
#include "model/testing/small_model.h"

namespace dramatis::model {
namespace {

constexpr ModelConfig kShipped{.layers = 8,
                               .width = 256,
                               .ffn_width = 768,
                               .heads = 8,
                               .kv_heads = 4,
                               .head_width = 32,
                               .vocabulary = 4096,
                               .context = 2048,
                               .rope_width = 32};

const Model& shipped() {
  static const auto model =
      Model::bind(formats::Gguf::parse(testing::small_model(kShipped)).value()).value();
  return model;
}

void decode(benchmark::State& state) {
  runtime::ThreadPool threads(static_cast<std::size_t>(state.range(0)));
  auto cache = KvCache::make(kShipped, 1024, tensor::Dtype::kF16).value();
  const std::vector<TokenId> prompt(512, TokenId{7});
  benchmark::DoNotOptimize(shipped().prefill(prompt, cache, Rows::kNone, {.threads = threads}));
  std::int64_t tokens = 0;
  for (auto _ : state) {
    if (cache.length() == cache.capacity()) cache.truncate(512);
    benchmark::DoNotOptimize(shipped().step(TokenId{9}, cache, threads));
    ++tokens;
  }
  state.SetItemsProcessed(tokens);
}
BENCHMARK(decode)->Arg(1)->Arg(2)->UseRealTime();

void prefill(benchmark::State& state) {
  runtime::ThreadPool threads(static_cast<std::size_t>(state.range(0)));
  const std::vector<TokenId> prompt(512, TokenId{7});
  auto cache = KvCache::make(kShipped, 512, tensor::Dtype::kF16).value();
  for (auto _ : state) {
    cache.truncate(0);
    benchmark::DoNotOptimize(shipped().prefill(prompt, cache, Rows::kLast, {.threads = threads}));
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * 512);
}
BENCHMARK(prefill)->Arg(1)->Arg(2)->UseRealTime();

}  // namespace
}  // namespace dramatis::model
