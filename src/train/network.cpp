// Binds, draws and hands out weights; the passes are in plain_forward.cpp and fast_forward.cpp.
#include "train/network.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>

#include "base/check.h"
#include "kernels/matmul.h"
#include "model/config.h"
#include "model/weights.h"
#include "train/internal/fast_forward.h"
#include "train/internal/network_parts.h"
#include "train/precision.h"

namespace dramatis::train {
namespace {

using internal::NetworkBlock;
using internal::NetworkParts;
using internal::Projection;

std::int64_t i(std::size_t n) {
  return static_cast<std::int64_t>(n);
}

// The seven matrices of a block with the middles of their names.
std::array<std::pair<const char*, Projection*>, 7> matrices_of(NetworkBlock& block) {
  return {{{"attn_q", &block.q},
           {"attn_k", &block.k},
           {"attn_v", &block.v},
           {"attn_output", &block.attn_out},
           {"ffn_gate", &block.gate},
           {"ffn_up", &block.up},
           {"ffn_down", &block.down}}};
}

Status check_method(const Method& method) {
  if (!method.lora) return {};
  const Lora& lora = *method.lora;
  if (lora.rank == 0)
    return fail(ErrorCode::kInvalidArgument, "An adapter of rank 0 learns nothing; take 4 to 64.");
  if (!(lora.dropout >= 0 && lora.dropout < 1)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("An adapter's dropout is from 0 up to, not including, 1; it is {}.",
                            lora.dropout));
  }
  for (const auto& target : lora.targets) {
    const auto& known = lora_targets();
    if (std::find(known.begin(), known.end(), target) == known.end()) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("\"{}\" is no matrix that an adapter can stand beside; there are {}.",
                              target, fmt::join(known, ", ")));
    }
  }
  return {};
}

// f32 rows of any format.
torch::Tensor unpacked(const tensor::MatrixView& from, torch::Dtype dtype) {
  auto rows = torch::empty({i(from.rows), i(from.columns)}, dtype);
  std::vector<float> row(from.columns);
  for (std::size_t r = 0; r < from.rows; ++r) {
    kernels::unpack_row(from, r, row);
    rows[i(r)].copy_(torch::from_blob(row.data(), {i(row.size())}, torch::kFloat32));
  }
  return rows;
}

torch::Tensor unpacked(const std::vector<float>& from) {
  return torch::tensor(from, torch::kFloat32);
}

Status refuse_uncomputed(const model::ModelConfig& config, const model::Weights& weights) {
  const auto refuse = [](std::string what) {
    return fail(ErrorCode::kUnsupported, std::move(what));
  };
  if (config.architecture != "llama" && config.architecture != "qwen2") {
    return refuse(
        fmt::format("Models of the kind \"{}\" are not trained here, only llama and qwen2.",
                    config.architecture));
  }
  if (config.rope_width != config.head_width) {
    return refuse(fmt::format("Training rotates whole heads; here {} of {} numbers of each turn.",
                              config.rope_width, config.head_width));
  }
  if (config.rope_stretch.trained > 0 || config.rope_divisor != 1 ||
      !weights.rope_divisors.empty()) {
    return refuse("Training does not compute stretched rotations (rope scaling, rope_freqs).");
  }
  if (config.window > 0) return refuse("Training does not compute sliding attention windows.");
  return {};
}

// Products in bf16 take numbers by pairs.
Arithmetic computed(const Shape& sizes, Arithmetic asked) {
  if (asked != Arithmetic::kBf16) return asked;
  const bool by_pairs =
      sizes.width % 2 == 0 && sizes.feed_forward % 2 == 0 && sizes.head_width % 2 == 0;
  return multiplies_bf16() && by_pairs ? Arithmetic::kBf16 : Arithmetic::kF32;
}

// Puts weights in their places and remembers who learns.
class Builder {
 public:
  Builder(const NetworkShape& shape, const Method& method)
      : parts_(std::make_unique<NetworkParts>()) {
    parts_->shape = shape;
    parts_->method = method;
    parts_->arithmetic = computed(shape.sizes, method.arithmetic);
    const auto width = i(shape.sizes.head_width);
    parts_->radians =
        torch::pow(shape.sizes.rope_base,
                   -torch::arange(0, width, 2, torch::kFloat64) / static_cast<double>(width));
    parts_->blocks.resize(shape.sizes.layers);
    if (method.lora) generator_ = at::make_generator<at::CPUGeneratorImpl>(method.lora->seed);
  }

  [[nodiscard]] bool frozen() const { return parts_->method.lora.has_value(); }
  // Of matrices: frozen ones are only ever factors.
  [[nodiscard]] torch::Dtype dtype() const {
    return frozen() && parts_->arithmetic == Arithmetic::kBf16 ? torch::kBFloat16 : torch::kFloat32;
  }

  torch::Tensor keep(const std::string& name, torch::Tensor weights) {
    weights.set_requires_grad(!frozen());
    parts_->weights.emplace_back(name, weights);
    if (!frozen()) parts_->learnt.emplace_back(name, weights);
    return weights;
  }

  NetworkParts& parts() { return *parts_; }
  NetworkBlock& block(std::size_t l) { return parts_->blocks[l]; }

  // Adapters beside the matrices of all blocks, once these are in place.
  void add_adapters() {
    if (!frozen()) return;
    std::uint64_t place = 0;
    for (std::size_t l = 0; l < parts_->blocks.size(); ++l) {
      for (auto& [middle, matrix] : matrices_of(parts_->blocks[l])) {
        matrix->place = place++;
        if (is_target(middle)) add_adapter(fmt::format("blk.{}.{}.weight", l, middle), *matrix);
      }
    }
  }

  std::unique_ptr<NetworkParts> finish() && { return std::move(parts_); }

 private:
  [[nodiscard]] bool is_target(const char* middle) const {
    const auto& targets = parts_->method.lora->targets;
    return targets.empty() || std::find(targets.begin(), targets.end(), middle) != targets.end();
  }

  void add_adapter(const std::string& name, Projection& matrix) {
    const auto rank = i(parts_->method.lora->rank);
    const auto inputs = matrix.weight.size(1);
    const double bound = 1 / std::sqrt(static_cast<double>(inputs));
    matrix.lora_a = torch::rand({rank, inputs}, generator_) * (2 * bound) - bound;
    matrix.lora_b = torch::zeros({matrix.weight.size(0), rank});
    parts_->learnt.emplace_back(name + ".lora_a", matrix.lora_a.set_requires_grad(true));
    parts_->learnt.emplace_back(name + ".lora_b", matrix.lora_b.set_requires_grad(true));
  }

  std::unique_ptr<NetworkParts> parts_;
  at::Generator generator_;
};

void bind_block(const model::LayerWeights& from, std::size_t l, Builder& to) {
  const auto named = [&](const char* middle) { return fmt::format("blk.{}.{}.weight", l, middle); };
  NetworkBlock& block = to.block(l);
  block.attn_norm = to.keep(named("attn_norm"), unpacked(from.attention_norm));
  const tensor::MatrixView* matrices[] = {&from.query, &from.key, &from.value, &from.attention_out,
                                          &from.gate,  &from.up,  &from.down};
  const std::vector<float>* biases[] = {&from.query_bias, &from.key_bias, &from.value_bias};
  std::size_t n = 0;
  for (auto& [middle, matrix] : matrices_of(block)) {
    matrix->weight = to.keep(named(middle), unpacked(*matrices[n], to.dtype()));
    if (n < std::size(biases) && !biases[n]->empty())
      matrix->bias = to.keep(fmt::format("blk.{}.{}.bias", l, middle), unpacked(*biases[n]));
    ++n;
  }
  block.ffn_norm = to.keep(named("ffn_norm"), unpacked(from.ffn_norm));
}

NetworkShape shape_of(const model::ModelConfig& config, const formats::Gguf& file,
                      const model::Weights& weights) {
  NetworkShape shape;
  shape.sizes = {.layers = config.layers,
                 .width = config.width,
                 .feed_forward = config.ffn_width,
                 .heads = config.heads,
                 .kv_heads = config.kv_heads,
                 .head_width = config.head_width,
                 .context = config.context,
                 .rope_base = config.rope_base,
                 .norm_epsilon = static_cast<double>(config.norm_epsilon)};
  shape.vocabulary = config.vocabulary;
  shape.own_head = file.tensor("output.weight") != nullptr;
  shape.input_biases = !weights.layers.front().query_bias.empty();
  shape.rotates_halves = config.rope_pairs == model::RopePairs::kHalves;
  return shape;
}

// One block of drawn weights.
void draw_block(std::size_t l, const at::Generator& generator, Builder& to) {
  const NetworkShape& shape = to.parts().shape;
  const Shape& sizes = shape.sizes;
  const auto named = [&](const char* middle) { return fmt::format("blk.{}.{}.weight", l, middle); };
  const auto queries = i(sizes.heads * sizes.head_width);
  const auto keys = i(sizes.kv_heads * sizes.head_width);
  const auto width = i(sizes.width);
  const auto inner = i(sizes.feed_forward);
  const double residual = 1 / std::sqrt(2 * static_cast<double>(sizes.layers));
  const auto draw = [&](std::int64_t out, std::int64_t in, double scale) {
    return (torch::randn({out, in}, generator) * (scale / std::sqrt(static_cast<double>(in))))
        .to(to.dtype());
  };
  NetworkBlock& block = to.block(l);
  block.attn_norm = to.keep(named("attn_norm"), torch::ones({width}));
  const std::array<std::array<std::int64_t, 2>, 7> sizes_of = {{{queries, width},
                                                                {keys, width},
                                                                {keys, width},
                                                                {width, queries},
                                                                {inner, width},
                                                                {inner, width},
                                                                {width, inner}}};
  std::size_t n = 0;
  for (auto& [middle, matrix] : matrices_of(block)) {
    const bool ends_block = n == 3 || n == 6;
    matrix->weight =
        to.keep(named(middle), draw(sizes_of[n][0], sizes_of[n][1], ends_block ? residual : 1));
    if (n < 3 && shape.input_biases) {
      matrix->bias = to.keep(fmt::format("blk.{}.{}.bias", l, middle),
                             torch::randn({sizes_of[n][0]}, generator) * 0.02);
    }
    ++n;
  }
  block.ffn_norm = to.keep(named("ffn_norm"), torch::ones({width}));
}

void check_batch(const NetworkParts& parts, const PackedBatch& batch) {
  const auto most = [](const torch::Tensor& ids) {
    return ids.numel() == 0 ? 0 : ids.max().item<std::int64_t>();
  };
  DRAMATIS_CHECK(std::max(most(batch.ids), most(batch.targets)) < i(parts.shape.vocabulary));
}

torch::Tensor losses(const NetworkParts& parts, const PackedBatch& batch,
                     const PassOptions& options) {
  check_batch(parts, batch);
  return parts.arithmetic == Arithmetic::kPlain ? internal::plain_losses(parts, batch, options)
                                                : internal::fast_losses(parts, batch, options);
}

}  // namespace

double Lora::scale() const {
  const auto r = static_cast<double>(rank);
  return alpha / (rank_stabilised ? std::sqrt(r) : r);
}

const std::vector<std::string>& lora_targets() {
  static const std::vector<std::string> targets = {"attn_q",   "attn_k", "attn_v",  "attn_output",
                                                   "ffn_gate", "ffn_up", "ffn_down"};
  return targets;
}

Network::Network(std::unique_ptr<NetworkParts> parts) : parts_(std::move(parts)) {
  renew();
}
Network::Network(Network&&) noexcept = default;
Network& Network::operator=(Network&&) noexcept = default;
Network::~Network() = default;

Result<Network> Network::load(const formats::Gguf& file, const Method& method) {
  DRAMATIS_DO(check_method(method));
  DRAMATIS_TRY(const auto config, model::read_config(file));
  DRAMATIS_TRY(const auto weights, model::bind_weights(file, config));
  DRAMATIS_DO(refuse_uncomputed(config, weights));
  Builder builder(shape_of(config, file, weights), method);
  NetworkParts& parts = builder.parts();
  parts.embedding = builder.keep("token_embd.weight", unpacked(weights.embedding, builder.dtype()));
  for (std::size_t l = 0; l < config.layers; ++l) bind_block(weights.layers[l], l, builder);
  parts.norm = builder.keep("output_norm.weight", unpacked(weights.output_norm));
  parts.head = parts.shape.own_head
                   ? builder.keep("output.weight", unpacked(weights.output, builder.dtype()))
                   : parts.embedding;
  builder.add_adapters();
  return Network(std::move(builder).finish());
}

Result<Network> Network::random(const NetworkShape& shape, const Method& method,
                                std::uint64_t seed) {
  DRAMATIS_DO(check_method(method));
  Builder builder(shape, method);
  NetworkParts& parts = builder.parts();
  const auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  const auto drawn_head = [&] {
    return (torch::randn({i(shape.vocabulary), i(shape.sizes.width)}, generator) * 0.02)
        .to(builder.dtype());
  };
  parts.embedding = builder.keep("token_embd.weight", drawn_head());
  for (std::size_t l = 0; l < shape.sizes.layers; ++l) draw_block(l, generator, builder);
  parts.norm = builder.keep("output_norm.weight", torch::ones({i(shape.sizes.width)}));
  parts.head = shape.own_head ? builder.keep("output.weight", drawn_head()) : parts.embedding;
  builder.add_adapters();
  return Network(std::move(builder).finish());
}

torch::Tensor Network::summed_loss(const PackedBatch& batch, const PassOptions& options) const {
  return losses(*parts_, batch, options).sum();
}

torch::Tensor Network::log_likelihoods(const PackedBatch& batch, const PassOptions& options) const {
  const auto owners = torch::repeat_interleave(torch::tensor(batch.counts, torch::kInt64));
  return torch::zeros({batch.documents()}).index_add(0, owners, -losses(*parts_, batch, options));
}

torch::Tensor Network::logits(const PackedBatch& batch, const PassOptions& options) const {
  const torch::NoGradGuard no_gradients;
  check_batch(*parts_, batch);
  return torch::nn::functional::linear(internal::plain_hidden(*parts_, batch, options),
                                       parts_->head.to(torch::kFloat32));
}

const Parameters& Network::learnt() const {
  return parts_->learnt;
}
Parameters Network::all() const {
  return parts_->weights;
}
void Network::renew() {
  internal::pack_weights(*parts_);
}

const NetworkShape& Network::shape() const {
  return parts_->shape;
}
const Method& Network::method() const {
  return parts_->method;
}
Arithmetic Network::arithmetic() const {
  return parts_->arithmetic;
}

}  // namespace dramatis::train
