// Short texts per second of an encoder of the shape of all-MiniLM-L6-v2, with twelve tokens each: a
// line of a player.
#include <benchmark/benchmark.h>

#include "model/bert.h"
#include "model/testing/small_bert.h"

namespace dramatis::model {
namespace {

constexpr BertConfig kMiniLm{.layers = 6,
                             .width = 384,
                             .ffn_width = 1536,
                             .heads = 12,
                             .vocabulary = 1000,
                             .context = 512,
                             .types = 2,
                             .norm_epsilon = 1e-12};

const BertEncoder& mini_lm() {
  static const auto encoder =
      BertEncoder::bind(formats::Safetensors::parse(bytes_of(testing::small_bert(kMiniLm))).value(),
                        kMiniLm)
          .value();
  return encoder;
}

void encode(benchmark::State& state) {
  runtime::ThreadPool threads(static_cast<std::size_t>(state.range(0)));
  const std::vector<std::vector<TokenId>> texts(
      static_cast<std::size_t>(state.range(1)),
      std::vector<TokenId>(static_cast<std::size_t>(state.range(2)), TokenId{7}));
  for (auto _ : state) benchmark::DoNotOptimize(mini_lm().encode(texts, threads, {}));
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * texts.size()));
}
// Threads, texts, tokens of each. The time of all processors is told beside the clock's: it stays
// true on a busy machine.
BENCHMARK(encode)
    ->Args({1, 256, 12})
    ->Args({2, 256, 12})
    ->Args({2, 1, 12})
    ->Args({2, 8, 256})
    ->MeasureProcessCPUTime()
    ->UseRealTime();

}  // namespace
}  // namespace dramatis::model
