// Norm, attention, norm, feed-forward, for each layer; what each block gives is added to the
// stream. What only some families have (biases, norms of heads and of what a block gives, caps,
// windows) is an option of the config or a weight that is empty elsewhere. Source: Touvron et al.
// 2023, "LLaMA"; Ainslie et al. 2023, "GQA" for shared keys and values; model/config.cpp for the
// other families.
#include "model/internal/forward_pass.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/attention.h"
#include "kernels/vectors.h"
#include "model/internal/adapted.h"

namespace dramatis::model::internal {
namespace {

// Weight rows in one piece of work: small enough that four pieces per thread even out, large enough
// that taking a piece costs nothing beside computing it; sixteens, as the kernels take rows.
std::size_t piece_of(std::size_t rows, std::size_t threads) {
  return std::max<std::size_t>(16, (rows / (threads * 4) + 15) / 16 * 16);
}

}  // namespace

ForwardPass::ForwardPass(const PassInputs& inputs)
    : in_(inputs),
      rows_(inputs.rows.size()),
      adapted_(std::ranges::any_of(
          inputs.rows, [](const auto& placed) { return !placed.row.adapters.empty(); })),
      x_(rows_ * in_.config.width),
      normed_(rows_ * in_.config.width),
      query_(rows_ * in_.config.query_width()),
      key_(rows_ * in_.config.kv_width()),
      value_(rows_ * in_.config.kv_width()),
      mixed_(rows_ * in_.config.query_width()),
      gate_(rows_ * in_.config.ffn_width),
      up_(rows_ * in_.config.ffn_width),
      block_out_(rows_ * in_.config.width),
      cos_(rows_ * in_.config.rope_width / 2),
      sin_(rows_ * in_.config.rope_width / 2) {
  const auto widest = std::max({in_.config.width, in_.config.ffn_width, in_.config.query_width()});
  const std::size_t times = in_.config.rounding == kernels::Rounding::kTwice ? 2 : 1;
  rounded_ = tensor::Buffer<std::int8_t>(times * rows_ * widest);
  scales_ = tensor::Buffer<float>(times * rows_ * (widest / kernels::kRoundBlock));
}

template <class Body>
void ForwardPass::for_each_row(const Body& body) {
  in_.threads.parallel_for(rows_, 4, [&](std::size_t first, std::size_t last) {
    for (std::size_t t = first; t < last; ++t) body(t);
  });
}

void ForwardPass::embed() {
  const std::size_t pairs = in_.config.rope_width / 2;
  for_each_row([&](std::size_t t) {
    const auto& placed = in_.rows[t];
    kernels::unpack_row(in_.weights.embedding, static_cast<std::size_t>(placed.row.id),
                        at(x_, t, in_.config.width));
    if (in_.config.embedding_scale != 1)
      kernels::scale(at(x_, t, in_.config.width), in_.config.embedding_scale);
    for (std::size_t n = 0; n < pairs; ++n) {
      const double angle = static_cast<double>(placed.position) * in_.frequencies[n];
      cos_.span()[t * pairs + n] = static_cast<float>(std::cos(angle));
      sin_.span()[t * pairs + n] = static_cast<float>(std::sin(angle));
    }
  });
}

void ForwardPass::norm_rows(std::span<const float> weight) {
  for_each_row([&](std::size_t t) {
    kernels::rms_norm(at(x_, t, in_.config.width), weight, in_.config.norm_epsilon,
                      at(normed_, t, in_.config.width));
  });
}

kernels::Activations ForwardPass::prepare(std::span<const float> x, std::size_t rows,
                                          bool rounded) {
  const std::size_t columns = x.size() / rows;
  const bool twice = in_.config.rounding == kernels::Rounding::kTwice;
  kernels::Activations ready{.rows = rows,
                             .columns = columns,
                             .exact = x,
                             .rounded = {},
                             .scales = {},
                             .rounding = in_.config.rounding};
  if (!rounded) return ready;
  const std::size_t blocks = columns / kernels::kRoundBlock;
  const auto integers = rounded_.span().first((twice ? 2 : 1) * x.size());
  const auto scales = scales_.span().first((twice ? 2 : 1) * rows * blocks);
  const auto row = [&](std::size_t t) { return integers.subspan(t * columns, columns); };
  const auto scales_of = [&](std::size_t t) { return scales.subspan(t * blocks, blocks); };
  in_.threads.parallel_for(rows, 4, [&](std::size_t first, std::size_t last) {
    for (std::size_t t = first; t < last; ++t) {
      const auto exact = x.subspan(t * columns, columns);
      kernels::round_row(exact, row(t), scales_of(t));
      if (!twice) continue;
      kernels::round_rest(exact, {.integers = row(t), .scales = scales_of(t)}, row(rows + t),
                          scales_of(rows + t));
    }
  });
  ready.rounded = integers;
  ready.scales = scales;
  return ready;
}

// The weight rows of all products stand in one line, so that one pass over the threads serves them
// all.
void ForwardPass::multiply(std::initializer_list<Product> products, const kernels::Activations& x) {
  std::size_t total = 0;
  for (const auto& product : products) total += product.weights.rows;
  in_.threads.parallel_for(
      total, piece_of(total, in_.threads.threads()), [&](std::size_t first, std::size_t last) {
        std::size_t begin = 0;
        for (const auto& product : products) {
          const std::size_t end = begin + product.weights.rows;
          const std::size_t from = std::max(first, begin);
          const std::size_t to = std::min(last, end);
          if (from < to)
            kernels::matmul(product.weights, {.first = from - begin, .last = to - begin}, x,
                            product.out);
          begin = end;
        }
      });
}

void ForwardPass::adapt(std::size_t l, Adapted which, std::span<const float> x,
                        std::span<float> out) {
  if (adapted_) add_adapters(in_, l, which, x, out);
}

void ForwardPass::shape_head(std::span<float> head, std::span<const float> norm, std::size_t t) {
  const auto& config = in_.config;
  const auto cos = at(cos_, t, config.rope_width / 2);
  const auto sin = at(sin_, t, config.rope_width / 2);
  if (!norm.empty()) kernels::rms_norm(head, norm, config.norm_epsilon, head);
  if (config.rope_pairs == RopePairs::kNeighbours) {
    kernels::rope(head.first(config.rope_width), cos, sin);
  } else {
    kernels::rope_halves(head.first(config.rope_width), cos, sin);
  }
}

void ForwardPass::shape_heads(std::size_t l, std::size_t t) {
  const auto& config = in_.config;
  const auto& layer = in_.weights.layers[l];
  const auto query = at(query_, t, config.query_width());
  const auto key = at(key_, t, config.kv_width());
  const auto value = at(value_, t, config.kv_width());
  if (!layer.query_bias.empty()) kernels::add(layer.query_bias, query);
  if (!layer.key_bias.empty()) kernels::add(layer.key_bias, key);
  if (!layer.value_bias.empty()) kernels::add(layer.value_bias, value);
  for (std::size_t h = 0; h < config.heads; ++h)
    shape_head(query.subspan(h * config.head_width, config.head_width), layer.query_norm, t);
  for (std::size_t h = 0; h < config.kv_heads; ++h)
    shape_head(key.subspan(h * config.head_width, config.head_width), layer.key_norm, t);
  const auto& placed = in_.rows[t];
  placed.row.cache->write(l, placed.position, key, value);
}

void ForwardPass::attend(std::size_t l) {
  const auto& config = in_.config;
  const std::size_t sharing = config.heads / config.kv_heads;  // query heads that see the same keys
  in_.threads.parallel_for(rows_ * config.heads, 1, [&](std::size_t first, std::size_t last) {
    for (std::size_t n = first; n < last; ++n) {
      const std::size_t t = n / config.heads;
      const std::size_t h = n % config.heads;
      const auto& placed = in_.rows[t];
      const auto& cache = *placed.row.cache;
      const auto& shape = cache.shape();
      const std::size_t skipped = *tensor::bytes_of(shape.dtype, h / sharing * config.head_width);
      const std::size_t plane = 2 * l * shape.plane_bytes() + skipped;
      const std::size_t before = placed.position + 1;  // rows of this sequence, its own included
      const std::size_t seen = std::min(before, config.window_of(l));
      tensor::Buffer<float> scores(seen);
      kernels::attend({.query = at(query_, n, config.head_width),
                       .dtype = shape.dtype,
                       .pages = cache.starts(),
                       .page_rows = kPageTokens,
                       .keys = plane,
                       .values = plane + shape.plane_bytes(),
                       .row_bytes = shape.row_bytes(),
                       .scale = config.score_scale,
                       .cap = config.score_cap},
                      {.first = before - seen, .length = seen}, scores.span(),
                      at(mixed_, n, config.head_width));
    }
  });
}

void ForwardPass::add_block_out(std::span<const float> norm) {
  for_each_row([&](std::size_t t) {
    const auto gave = at(block_out_, t, in_.config.width);
    if (!norm.empty()) kernels::rms_norm(gave, norm, in_.config.norm_epsilon, gave);
    kernels::add(gave, at(x_, t, in_.config.width));
  });
}

void ForwardPass::attention_block(std::size_t l) {
  const auto& layer = in_.weights.layers[l];
  norm_rows(layer.attention_norm);
  const bool rounded = kernels::wants_rounded(layer.query.dtype) ||
                       kernels::wants_rounded(layer.key.dtype) ||
                       kernels::wants_rounded(layer.value.dtype);
  multiply({{layer.query, query_.span()}, {layer.key, key_.span()}, {layer.value, value_.span()}},
           prepare(normed_.span(), rows_, rounded));
  adapt(l, Adapted::kQuery, normed_.span(), query_.span());
  adapt(l, Adapted::kKey, normed_.span(), key_.span());
  adapt(l, Adapted::kValue, normed_.span(), value_.span());
  for_each_row([&](std::size_t t) { shape_heads(l, t); });
  attend(l);
  multiply({{layer.attention_out, block_out_.span()}},
           prepare(mixed_.span(), rows_, kernels::wants_rounded(layer.attention_out.dtype)));
  adapt(l, Adapted::kAttentionOut, mixed_.span(), block_out_.span());
  add_block_out(layer.attention_out_norm);
}

void ForwardPass::ffn_block(std::size_t l) {
  const auto& layer = in_.weights.layers[l];
  norm_rows(layer.ffn_norm);
  const bool rounded =
      kernels::wants_rounded(layer.gate.dtype) || kernels::wants_rounded(layer.up.dtype);
  multiply({{layer.gate, gate_.span()}, {layer.up, up_.span()}},
           prepare(normed_.span(), rows_, rounded));
  adapt(l, Adapted::kGate, normed_.span(), gate_.span());
  adapt(l, Adapted::kUp, normed_.span(), up_.span());
  for_each_row([&](std::size_t t) {
    const auto gate = at(gate_, t, in_.config.ffn_width);
    const auto up = at(up_, t, in_.config.ffn_width);
    if (in_.config.gate == Gate::kSilu) kernels::silu_mul(gate, up, gate);
    if (in_.config.gate == Gate::kGelu) kernels::gelu_mul(gate, up, gate);
  });
  multiply({{layer.down, block_out_.span()}},
           prepare(gate_.span(), rows_, kernels::wants_rounded(layer.down.dtype)));
  adapt(l, Adapted::kDown, gate_.span(), block_out_.span());
  add_block_out(layer.ffn_out_norm);
}

Logits ForwardPass::logits() {
  const std::size_t width = in_.config.width;
  Logits out{.rows = 0, .vocabulary = in_.config.vocabulary, .values = {}};
  for (std::size_t t = 0; t < rows_; ++t) {
    if (in_.rows[t].row.wanted == Wanted::kNothing) continue;
    kernels::rms_norm(at(x_, t, width), in_.weights.output_norm, in_.config.norm_epsilon,
                      at(normed_, out.rows, width));
    ++out.rows;
  }
  if (out.rows == 0) return out;
  out.values = tensor::Buffer<float>(out.rows * out.vocabulary);
  const auto wanted = normed_.span().first(out.rows * width);
  multiply({{in_.weights.output, out.values.span()}},
           prepare(wanted, out.rows, kernels::wants_rounded(in_.weights.output.dtype)));
  if (in_.config.logit_cap > 0) kernels::soft_cap(out.values.span(), in_.config.logit_cap);
  return out;
}

void ForwardPass::add_states(std::span<double> sum) {
  norm_rows(in_.weights.output_norm);
  for (std::size_t t = 0; t < rows_; ++t) {
    const auto state = at(normed_, t, in_.config.width);
    for (std::size_t n = 0; n < sum.size(); ++n) sum[n] += static_cast<double>(state[n]);
  }
}

}  // namespace dramatis::model::internal
