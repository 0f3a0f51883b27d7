// One document, one head, 64 rows at a time: scores, softmax and products stay in the cache.
#include "train/ops/attention.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "base/check.h"
#include "kernels/gradients.h"
#include "kernels/vectors.h"
#include "train/ops/products.h"
#include "train/ops/rows.h"

namespace dramatis::train::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Rows that see a prefix together: what of it lies beyond the diagonal is computed in vain, half a
// block a row.
constexpr std::size_t kBlockRows = 64;

// What a pass hands to its way back beside tensors.
struct KeptPlan : torch::CustomClassHolder {
  explicit KeptPlan(AttentionPlan kept) : plan(std::move(kept)) {}
  AttentionPlan plan;
};

// Turns all heads of x [T, heads R] into `out` by the angles of each row, or back.
enum class Turn { kForth, kBack };

void rotate_row(const AttentionPlan& plan, std::size_t t, Turn turn, std::span<float> row) {
  const std::size_t half = z(plan.cosines.size(1));
  const std::span<const float> cosines(floats(plan.cosines) + t * half, half);
  std::vector<float> sines(floats(plan.sines) + t * half, floats(plan.sines) + (t + 1) * half);
  if (turn == Turn::kBack) kernels::scale(sines, -1.0F);
  for (std::size_t first = 0; first < row.size(); first += 2 * half) {
    const auto head = row.subspan(first, 2 * half);
    if (plan.rotates_halves) {
      kernels::rope_halves(head, cosines, sines);
    } else {
      kernels::rope(head, cosines, sines);
    }
  }
}

torch::Tensor rotated(const torch::Tensor& x, const AttentionPlan& plan) {
  auto out = torch::empty_like(x);
  const std::size_t width = z(x.size(1));
  ReadRow read;
  std::vector<float> row(width);
  for (std::size_t t = 0; t < z(x.size(0)); ++t) {
    const auto from = read(x, t * width, width);
    std::copy(from.begin(), from.end(), row.begin());
    rotate_row(plan, t, Turn::kForth, row);
    write_row(row, out, t * width);
  }
  return out;
}

// f32 gradients of rotated rows -> those of the rows before, in the type of `like`.
torch::Tensor turned_back(const torch::Tensor& gradients, const AttentionPlan& plan,
                          const torch::Tensor& like) {
  auto out = torch::empty_like(like);
  const std::size_t width = z(gradients.size(1));
  for (std::size_t t = 0; t < z(gradients.size(0)); ++t) {
    const std::span<float> row(floats(gradients) + t * width, width);
    rotate_row(plan, t, Turn::kBack, row);
    write_row(row, out, t * width);
  }
  return out;
}

template <class T>
T* numbers_of(const torch::Tensor& x) {
  if constexpr (std::is_same_v<T, float>) {
    return floats(x);
  } else {
    return halves(x);
  }
}

// Where things of one head in one document stand.
template <class T>
struct HeadRows {
  const T* first;
  std::size_t rows, columns, stride;

  [[nodiscard]] kernels::RowsOf<const T> block(std::size_t row, std::size_t count) const {
    return {.numbers = first + row * stride, .rows = count, .columns = columns, .stride = stride};
  }
  [[nodiscard]] kernels::RowsOf<const T> all() const { return block(0, rows); }
};

// The scratch of one block of rows.
template <class T>
class Block {
 public:
  // Rows [first, first + rows) of a document of `length`.
  void resize(std::size_t first, std::size_t length) {
    first_ = first;
    rows_ = std::min(kBlockRows, length - first);
    seen_ = first + rows_;
    stride_ = seen_ + seen_ % 2;
    scores_.assign(rows_ * stride_, 0.0F);
    weights_.resize(rows_ * stride_);
    slopes_.resize(rows_ * stride_);
    changes_.resize(rows_ * stride_);
  }
  [[nodiscard]] std::size_t first() const { return first_; }
  [[nodiscard]] std::size_t rows() const { return rows_; }

  // scores = softmax(scale * q k^T), zero beyond the diagonal; weights the same as factors.
  void weigh(const HeadRows<T>& q, const Right<T>& keys, float scale) {
    keys.multiply(q.block(first_, rows_), out_of(scores_), kernels::Put::kReplace);
    for (std::size_t r = 0; r < rows_; ++r) {
      const std::span<float> row(scores_.data() + r * stride_, stride_);
      const auto seen = row.first(first_ + r + 1);
      kernels::scale(seen, scale);
      kernels::softmax(seen);
      std::fill(row.begin() + static_cast<std::ptrdiff_t>(seen.size()), row.end(), 0.0F);
      round(row, weights_, r);
    }
  }

  // changes = gradients of the products q k^T, from those of the output.
  void blame(const HeadRows<T>& dout, const Right<T>& values, float scale) {
    values.multiply(dout.block(first_, rows_), out_of(slopes_), kernels::Put::kReplace);
    for (std::size_t r = 0; r < rows_; ++r) {
      const std::size_t seen = first_ + r + 1;
      const std::span<float> row(slopes_.data() + r * stride_, stride_);
      kernels::softmax_back({scores_.data() + r * stride_, seen}, scale, row.first(seen));
      std::fill(row.begin() + static_cast<std::ptrdiff_t>(seen), row.end(), 0.0F);
      round(row, changes_, r);
    }
  }

  // [rows, seen], and with the even number of columns that a left factor has.
  [[nodiscard]] kernels::RowsOf<const T> weights(bool even) const { return view(weights_, even); }
  [[nodiscard]] kernels::RowsOf<const T> changes(bool even) const { return view(changes_, even); }

 private:
  static void round(std::span<const float> row, std::vector<T>& to, std::size_t r) {
    T* at = to.data() + r * row.size();
    if constexpr (std::is_same_v<T, float>) {
      std::copy(row.begin(), row.end(), at);
    } else {
      kernels::narrow_bf16(row, {at, row.size()});
    }
  }
  [[nodiscard]] kernels::RowsOf<float> out_of(std::vector<float>& to) const {
    return {.numbers = to.data(), .rows = rows_, .columns = seen_, .stride = stride_};
  }
  [[nodiscard]] kernels::RowsOf<const T> view(const std::vector<T>& of, bool even) const {
    return {
        .numbers = of.data(), .rows = rows_, .columns = even ? stride_ : seen_, .stride = stride_};
  }

  std::size_t first_ = 0, rows_ = 0, seen_ = 0, stride_ = 0;
  std::vector<float> scores_, slopes_;
  std::vector<T> weights_, changes_;
};

// Rotated queries and keys, values, and where each head of each document is.
template <class T>
class Heads {
 public:
  Heads(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
        const AttentionPlan& plan)
      : q_(q), k_(k), v_(v), plan_(plan), width_(z(q.size(1) / plan.heads)) {
    scale_ = 1.0F / std::sqrt(static_cast<float>(width_));
  }

  void forward(const torch::Tensor& out) const {
    std::vector<float> mixed(kBlockRows * width_);
    each([&](std::size_t start, std::size_t length, std::size_t h, std::size_t g) {
      const auto keys = Right<T>::of_columns(rows_of(k_, start, length, g).all());
      const auto values = Right<T>::of_rows(rows_of(v_, start, length, g).all());
      Block<T> block;
      for (std::size_t first = 0; first < length; first += kBlockRows) {
        block.resize(first, length);
        block.weigh(rows_of(q_, start, length, h), keys, scale_);
        values.multiply(block.weights(/*even=*/true), {mixed.data(), block.rows(), width_, width_},
                        kernels::Put::kReplace);
        for (std::size_t r = 0; r < block.rows(); ++r) {
          write_row({mixed.data() + r * width_, width_}, out,
                    (start + first + r) * z(out.size(1)) + h * width_);
        }
      }
    });
  }

  // dq, dk, dv [T, ..] f32, zeros before.
  void backward(const torch::Tensor& dout, const torch::Tensor& dq, const torch::Tensor& dk,
                const torch::Tensor& dv) const {
    each([&](std::size_t start, std::size_t length, std::size_t h, std::size_t g) {
      const auto key_rows = rows_of(k_, start, length, g).all();
      const auto keys = Right<T>::of_columns(key_rows);
      const auto turned_keys = Right<T>::of_rows(key_rows);
      const auto values = Right<T>::of_columns(rows_of(v_, start, length, g).all());
      const auto queries = rows_of(q_, start, length, h);
      const auto douts = rows_of(dout, start, length, h);
      Block<T> block;
      for (std::size_t first = 0; first < length; first += kBlockRows) {
        block.resize(first, length);
        block.weigh(queries, keys, scale_);
        block.blame(douts, values, scale_);
        const std::size_t seen = first + block.rows();
        Right<T>::add_transposed(block.weights(/*even=*/false), douts.block(first, block.rows()),
                                 to_rows(dv, start, seen, g));
        Right<T>::add_transposed(block.changes(/*even=*/false), queries.block(first, block.rows()),
                                 to_rows(dk, start, seen, g));
        turned_keys.multiply(block.changes(/*even=*/true),
                             to_rows(dq, start + first, block.rows(), h), kernels::Put::kReplace);
      }
    });
  }

 private:
  template <class F>
  void each(const F& attend_head) const {
    const std::size_t group = z(plan_.heads / plan_.kv_heads);
    for (std::size_t d = 0; d + 1 < plan_.starts.size(); ++d) {
      const std::size_t start = z(plan_.starts[d]);
      for (std::size_t h = 0; h < z(plan_.heads); ++h)
        attend_head(start, z(plan_.starts[d + 1]) - start, h, h / group);
    }
  }
  [[nodiscard]] HeadRows<T> rows_of(const torch::Tensor& x, std::size_t start, std::size_t length,
                                    std::size_t head) const {
    const std::size_t stride = z(x.size(1));
    return {.first = numbers_of<T>(x) + start * stride + head * width_,
            .rows = length,
            .columns = width_,
            .stride = stride};
  }
  [[nodiscard]] kernels::RowsOf<float> to_rows(const torch::Tensor& x, std::size_t start,
                                               std::size_t rows, std::size_t head) const {
    const std::size_t stride = z(x.size(1));
    return {.numbers = floats(x) + start * stride + head * width_,
            .rows = rows,
            .columns = width_,
            .stride = stride};
  }

  const torch::Tensor &q_, &k_, &v_;
  const AttentionPlan& plan_;
  std::size_t width_;
  float scale_ = 1;
};

class Attention : public torch::autograd::Function<Attention> {
 public:
  static torch::Tensor forward(AutogradContext* kept, const torch::Tensor& q,
                               const torch::Tensor& k, const torch::Tensor& v,
                               const c10::intrusive_ptr<torch::CustomClassHolder>& plan) {
    const auto& how = static_cast<const KeptPlan&>(*plan).plan;
    const auto turned_q = rotated(q, how);
    const auto turned_k = rotated(k, how);
    kept->save_for_backward({v});
    kept->saved_data["q"] = turned_q;
    kept->saved_data["k"] = turned_k;
    kept->saved_data["plan"] = c10::IValue::make_capsule(plan);
    auto out = torch::empty_like(q);
    if (is_half(q)) {
      Heads<std::uint16_t>(turned_q, turned_k, v, how).forward(out);
    } else {
      Heads<float>(turned_q, turned_k, v, how).forward(out);
    }
    return out;
  }

  static variable_list backward(AutogradContext* kept, variable_list grads) {
    const auto v = kept->get_saved_variables()[0];
    const auto q = kept->saved_data["q"].toTensor();
    const auto k = kept->saved_data["k"].toTensor();
    const auto capsule = kept->saved_data["plan"].toCapsule();
    const auto& how = static_cast<const KeptPlan&>(*capsule).plan;
    const auto dout = grads[0].contiguous();
    const auto dq = torch::empty(q.sizes());
    const auto dk = torch::zeros(k.sizes());
    auto dv = torch::zeros(v.sizes());
    if (is_half(q)) {
      Heads<std::uint16_t>(q, k, v, how).backward(dout, dq, dk, dv);
      dv = narrowed(dv);
    } else {
      Heads<float>(q, k, v, how).backward(dout, dq, dk, dv);
    }
    return {turned_back(dq, how, q), turned_back(dk, how, k), dv, torch::Tensor()};
  }
};

torch::Tensor plain_rotated(const torch::Tensor& x, const AttentionPlan& plan) {
  const auto cosines = plan.cosines.to(x.dtype()).unsqueeze(1);
  const auto sines = plan.sines.to(x.dtype()).unsqueeze(1);
  const auto width = x.size(2);
  if (plan.rotates_halves) {
    const auto a = x.narrow(2, 0, width / 2);
    const auto b = x.narrow(2, width / 2, width / 2);
    return torch::cat({a * cosines - b * sines, a * sines + b * cosines}, 2);
  }
  const auto pairs = x.reshape({x.size(0), x.size(1), width / 2, 2});
  const auto a = pairs.select(3, 0);
  const auto b = pairs.select(3, 1);
  return torch::stack({a * cosines - b * sines, a * sines + b * cosines}, 3).view_as(x);
}

}  // namespace

torch::Tensor attend(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                     const AttentionPlan& plan) {
  DRAMATIS_CHECK(plan.starts.back() == q.size(0) && (q.size(1) / plan.heads) % 2 == 0);
  const c10::intrusive_ptr<torch::CustomClassHolder> kept = c10::make_intrusive<KeptPlan>(plan);
  return Attention::apply(q.contiguous(), k.contiguous(), v.contiguous(), kept);
}

torch::Tensor plain_attend(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                           const AttentionPlan& plan) {
  const auto width = q.size(1) / plan.heads;
  const auto group = plan.heads / plan.kv_heads;
  const auto split = [&](const torch::Tensor& x, std::int64_t heads) {
    return x.view({x.size(0), heads, width});
  };
  const auto queries = plain_rotated(split(q, plan.heads), plan);
  const auto keys = plain_rotated(split(k, plan.kv_heads), plan).repeat_interleave(group, 1);
  const auto values = split(v, plan.kv_heads).repeat_interleave(group, 1);
  std::vector<torch::Tensor> mixed;
  for (std::size_t d = 0; d + 1 < plan.starts.size(); ++d) {
    const auto first = plan.starts[d];
    const auto length = plan.starts[d + 1] - first;
    const auto of = [&](const torch::Tensor& rows) {
      return rows.narrow(0, first, length).transpose(0, 1);  // [heads, L, R]
    };
    const auto later = torch::ones({length, length}, torch::kBool).triu(1);
    const auto scores = (torch::matmul(of(queries), of(keys).transpose(1, 2)) /
                         std::sqrt(static_cast<double>(width)))
                            .masked_fill(later, -1e30);
    mixed.push_back(torch::matmul(torch::softmax(scores, -1), of(values))
                        .transpose(0, 1)
                        .reshape({length, -1}));
  }
  return torch::cat(mixed, 0);
}

}  // namespace dramatis::train::ops
