// Binds a file, places rows in their sequences, and runs the layers over them.
#include "model/model.h"

#include <algorithm>
#include <map>
#include <new>

#include <fmt/format.h>

#include "base/check.h"
#include "model/internal/forward_pass.h"
#include "model/internal/read_rope.h"
#include "model/limits.h"

namespace dramatis::model {
namespace {

// How many rows each cache of a batch gets, in the order of the caches' addresses.
using Growth = std::map<KvCache*, std::size_t>;

Result<std::vector<internal::PlacedRow>> place(std::span<const Row> rows, const ModelConfig& config,
                                               Growth& growth) {
  const std::size_t vocabulary = config.vocabulary;
  std::vector<internal::PlacedRow> placed;
  for (const Row& row : rows) {
    if (static_cast<std::int64_t>(row.id) < 0 || static_cast<std::size_t>(row.id) >= vocabulary) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("Token {} is outside the vocabulary of {}.",
                              static_cast<std::int32_t>(row.id), vocabulary));
    }
    DRAMATIS_DO(check_adapters(row.adapters, config));
    const std::size_t position = row.cache->length() + growth[row.cache]++;
    if (position >= row.cache->capacity()) {
      return fail(ErrorCode::kOverBudget,
                  fmt::format("Token {} does not fit into a context of {} tokens.", position + 1,
                              row.cache->capacity()));
    }
    placed.push_back({.row = row, .position = position});
  }
  for (const auto& [cache, tokens] : growth) DRAMATIS_DO(cache->prepare(tokens));
  return placed;
}

void append(Logits& all, Logits&& more, std::size_t expected) {
  if (more.rows == 0) return;
  if (all.rows == 0 && more.rows == expected) {
    all = std::move(more);
    return;
  }
  if (all.rows == 0)
    all = {.rows = 0,
           .vocabulary = more.vocabulary,
           .values = tensor::Buffer<float>(expected * more.vocabulary)};
  std::ranges::copy(more.values.span(),
                    all.values.span().subspan(all.rows * all.vocabulary).begin());
  all.rows += more.rows;
}

}  // namespace

Model::Model(std::unique_ptr<const formats::Gguf> file, ModelConfig config, Weights weights)
    : file_(std::move(file)),
      config_(config),
      weights_(std::move(weights)),
      frequencies_(internal::frequencies(config_, weights_.rope_divisors)) {}

Result<Model> Model::bind(formats::Gguf file, std::optional<kernels::Rounding> rounding) {
  auto kept = std::make_unique<const formats::Gguf>(std::move(file));
  DRAMATIS_TRY(auto config, read_config(*kept));
  config.rounding = rounding.value_or(config.rounding);
  DRAMATIS_TRY(auto weights, bind_weights(*kept, config));
  weights.warnings.insert(weights.warnings.begin(), kept->warnings().begin(),
                          kept->warnings().end());
  return Model(std::move(kept), config, std::move(weights));
}

template <class Take>
Status Model::compute(std::span<const Row> rows, runtime::ThreadPool& threads,
                      const Take& take) const {
  DRAMATIS_CHECK(!rows.empty() && rows.size() <= kMaxBatchRows);
  Growth growth;
  DRAMATIS_TRY(const auto placed, place(rows, config_, growth));
  try {
    internal::ForwardPass pass({.config = config_,
                                .weights = weights_,
                                .frequencies = frequencies_,
                                .rows = placed,
                                .threads = threads});
    pass.embed();
    for (std::size_t l = 0; l < config_.layers; ++l) {
      pass.attention_block(l);
      pass.ffn_block(l);
    }
    take(pass);
    for (const auto& [cache, tokens] : growth) cache->advance(tokens);
    return {};
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("There is no memory to compute {} tokens.", rows.size()));
  }
}

Result<Logits> Model::forward(std::span<const Row> rows, runtime::ThreadPool& threads) const {
  Logits logits;
  DRAMATIS_DO(compute(rows, threads, [&](internal::ForwardPass& pass) { logits = pass.logits(); }));
  return logits;
}

Result<std::vector<float>> Model::mean_state(std::span<const TokenId> ids,
                                             const Compute& how) const {
  DRAMATIS_CHECK(!ids.empty());
  DRAMATIS_TRY(auto cache, KvCache::make(config_, ids.size(), tensor::Dtype::kF32));
  std::vector<double> sum(config_.width);
  for (std::size_t from = 0; from < ids.size(); from += kMaxBatchRows) {
    DRAMATIS_DO(how.stop.check());
    std::vector<Row> rows;
    for (const TokenId id : ids.subspan(from, std::min(kMaxBatchRows, ids.size() - from))) {
      rows.push_back(
          {.id = id, .cache = &cache, .wanted = Wanted::kNothing, .adapters = how.adapters});
    }
    DRAMATIS_DO(
        compute(rows, how.threads, [&](internal::ForwardPass& pass) { pass.add_states(sum); }));
  }
  std::vector<float> mean(sum.size());
  std::transform(sum.begin(), sum.end(), mean.begin(), [&](double total) {
    return static_cast<float>(total / static_cast<double>(ids.size()));
  });
  return mean;
}

Result<Logits> Model::prefill(std::span<const TokenId> ids, KvCache& cache, Rows wanted,
                              const Compute& how) const {
  DRAMATIS_CHECK(!ids.empty());
  if (ids.size() > cache.capacity() - cache.length()) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("{} tokens do not fit after {} into a context of {}.", ids.size(),
                            cache.length(), cache.capacity()));
  }
  Logits all{.rows = 0, .vocabulary = config_.vocabulary, .values = {}};
  for (std::size_t from = 0; from < ids.size(); from += kMaxBatchRows) {
    DRAMATIS_DO(how.stop.check());
    std::vector<Row> rows;
    for (const TokenId id : ids.subspan(from, std::min(kMaxBatchRows, ids.size() - from))) {
      const bool last = from + rows.size() + 1 == ids.size();
      const bool gives = wanted == Rows::kAll || (wanted == Rows::kLast && last);
      rows.push_back({.id = id,
                      .cache = &cache,
                      .wanted = gives ? Wanted::kLogits : Wanted::kNothing,
                      .adapters = how.adapters});
    }
    DRAMATIS_TRY(auto logits, forward(rows, how.threads));
    append(all, std::move(logits), wanted == Rows::kAll ? ids.size() : 1);
  }
  return all;
}

Result<Logits> Model::step(TokenId id, KvCache& cache, runtime::ThreadPool& threads) const {
  const Row row{.id = id, .cache = &cache, .wanted = Wanted::kLogits};
  return forward({&row, 1}, threads);
}

}  // namespace dramatis::model
