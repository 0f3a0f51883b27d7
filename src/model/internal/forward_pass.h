// The arithmetic of one batch, told layer by layer.
#pragma once

#include <span>
#include <vector>

#include "kernels/matmul.h"
#include "model/config.h"
#include "model/model.h"
#include "model/weights.h"
#include "runtime/thread_pool.h"
#include "tensor/buffer.h"

namespace dramatis::model::internal {

// A row with its place in its sequence.
struct PlacedRow {
  Row row;
  std::size_t position;
};

// What a batch is computed with.
struct PassInputs {
  const ModelConfig& config;
  const Weights& weights;
  std::span<const double> frequencies;  // [R / 2]
  std::span<const PlacedRow> rows;      // T of them
  runtime::ThreadPool& threads;
};

// One thread at a time. Throws std::bad_alloc.
class ForwardPass {
 public:
  explicit ForwardPass(const PassInputs& inputs);

  void embed();
  void attention_block(std::size_t l);
  void ffn_block(std::size_t l);
  [[nodiscard]] Logits logits();
  // Adds every row's last state, normalised as for the output, to `sum`, in order.
  void add_states(std::span<double> sum);

 private:
  struct Product {
    const tensor::MatrixView& weights;  // [O, D]
    std::span<float> out;               // [T, O]
  };

  [[nodiscard]] std::span<float> at(tensor::Buffer<float>& from, std::size_t t, std::size_t width) {
    return from.span().subspan(t * width, width);
  }
  // body(t) for each of the T rows.
  template <class Body>
  void for_each_row(const Body& body);
  // Normalised copies of the rows of x_, rounded too.
  void norm_rows(std::span<const float> weight);
  // `rows` activations of `columns` numbers as a matmul reads them; rounds them where a block
  // format asks.
  [[nodiscard]] kernels::Activations prepare(std::span<const float> x, std::size_t rows,
                                             bool rounded);
  void multiply(std::initializer_list<Product> products, const kernels::Activations& x);
  // What the rows' adapters add to a product of layer l. Shapes: x [T, columns], out [T, rows].
  void adapt(std::size_t l, Adapted which, std::span<const float> x, std::span<float> out);
  // Biases, norms and rotation of what row t gave to the heads of layer l, which the cache then
  // keeps.
  void shape_heads(std::size_t l, std::size_t t);
  void shape_head(std::span<float> head, std::span<const float> norm, std::size_t t);
  void attend(std::size_t l);
  // Adds what a block gave to the stream, normalised first where `norm` is not empty.
  void add_block_out(std::span<const float> norm);

  const PassInputs in_;
  const std::size_t rows_;
  const bool adapted_;                   // some row has adapters
  tensor::Buffer<float> x_;              // [T, D]: the stream that every block adds to
  tensor::Buffer<float> normed_;         // [T, D]
  tensor::Buffer<float> query_;          // [T, heads * H]
  tensor::Buffer<float> key_;            // [T, kv_heads * H]
  tensor::Buffer<float> value_;          // [T, kv_heads * H]
  tensor::Buffer<float> mixed_;          // [T, heads * H]: what the heads saw
  tensor::Buffer<float> gate_;           // [T, F]
  tensor::Buffer<float> up_;             // [T, F]
  tensor::Buffer<float> block_out_;      // [T, D]
  tensor::Buffer<float> cos_;            // [T, R / 2]
  tensor::Buffer<float> sin_;            // [T, R / 2]
  tensor::Buffer<std::int8_t> rounded_;  // [T, widest]
  tensor::Buffer<float> scales_;         // [T, widest / 32]
};

}  // namespace dramatis::model::internal
