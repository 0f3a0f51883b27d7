// Each term stands beside the operation that keeps it.
#include "train/pass_memory.h"

#include <algorithm>
#include <array>
#include <utility>

namespace dramatis::train {
namespace {

// Bytes of a number of the residual stream, of inner rows of adapters, of losses.
constexpr std::size_t kWide = 4;

// The widths of one layer's rows, in numbers.
struct Widths {
  explicit Widths(const Shape& sizes)
      : stream(sizes.width),
        queries(sizes.heads * sizes.head_width),
        keys(sizes.kv_heads * sizes.head_width),
        inner(sizes.feed_forward) {}
  std::size_t stream, queries, keys, inner;
};

// Bytes of a number that goes from one operation to the next.
std::size_t between(const Network& network) {
  return network.arithmetic() == Arithmetic::kBf16 ? 2 : kWide;
}

// In bf16 masks are drawn again on the way back; in f32 they stay, and what they left.
bool keeps_masks(const Network& network) {
  const auto& lora = network.method().lora;
  return lora && lora->dropout > 0 && network.arithmetic() != Arithmetic::kBf16;
}

// What the adapters of a layer keep of one position.
std::size_t adapter_bytes(const Network& network, const Widths& w) {
  const auto& lora = network.method().lora;
  if (!lora) return 0;
  const std::array<std::pair<const char*, std::size_t>, 7> inputs = {{{"attn_q", w.stream},
                                                                      {"attn_k", w.stream},
                                                                      {"attn_v", w.stream},
                                                                      {"attn_output", w.queries},
                                                                      {"ffn_gate", w.stream},
                                                                      {"ffn_up", w.stream},
                                                                      {"ffn_down", w.inner}}};
  const auto& chosen = lora->targets;
  std::size_t bytes = 0;
  for (const auto& [name, width] : inputs) {
    if (!chosen.empty() && std::find(chosen.begin(), chosen.end(), name) == chosen.end()) continue;
    bytes += kWide * lora->rank + (keeps_masks(network) ? 2 * kWide * width : 0);
  }
  return bytes;
}

// What a layer keeps of one position.
std::size_t layer_bytes(const Network& network, const Widths& w) {
  const std::size_t residuals = 2 * w.stream;  // before each of its halves
  // What matrices read: rows of the norms, what queries gathered, the gated.
  const std::size_t read = keeps_masks(network) ? 0 : 2 * w.stream + w.queries + w.inner;
  // What attention and gate read; queries and keys as they are turned.
  const std::size_t others = w.queries + 2 * w.keys + 2 * w.inner;
  return kWide * residuals + between(network) * (read + others) + adapter_bytes(network, w);
}

// What is kept of one position outside the layers.
std::size_t head_bytes(const Network& network, const Widths& w) {
  const NetworkShape& shape = network.shape();
  const std::size_t angles = kWide * shape.sizes.head_width;     // half cosines, half sines
  const std::size_t numbers = 3 * sizeof(std::int64_t) + kWide;  // ids, places; the loss
  // What the last norm reads and gives, and the slope of that.
  const std::size_t rows = kWide * w.stream + 2 * between(network) * w.stream;
  const bool head_learns = !network.method().lora;
  const std::size_t wide = shape.vocabulary + shape.vocabulary % 2;
  return angles + numbers + rows + (head_learns ? between(network) * wide : 0);
}

}  // namespace

std::size_t pass_bytes(const Network& network, std::size_t tokens, Keep keep) {
  const Widths w(network.shape().sizes);
  const std::size_t layers = network.shape().sizes.layers;
  const std::size_t layer = layer_bytes(network, w);
  const std::size_t kept =
      keep == Keep::kEverything ? layers * layer : layers * kWide * w.stream + layer;
  return tokens * (kept + head_bytes(network, w));
}

std::size_t gradient_bytes(const Network& network) {
  std::size_t bytes = 0;
  for (const auto& [name, weight] : network.learnt())
    bytes += kWide * static_cast<std::size_t>(weight.numel());
  return bytes;
}

}  // namespace dramatis::train
