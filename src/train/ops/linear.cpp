// Each matrix is one sum of products: its own, and its adapter's.
#include "train/ops/linear.h"

#include "base/check.h"
#include "base/random.h"
#include "train/ops/rows.h"

namespace dramatis::train::ops {
namespace {

using kernels::Paired;
using kernels::PairTerm;
using kernels::Put;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// What a pass hands to its way back beside tensors.
struct KeptLinears : torch::CustomClassHolder {
  std::vector<Linear> matrices;  // packed ones alone are used
  bool input_learns = false;
  bool onto = false;  // the first of the other tensors is what products are added to
};

bool learns(const torch::Tensor& x) {
  return x.defined() && x.requires_grad();
}

// Left factors have an even number of columns.
std::int64_t even(std::int64_t n) {
  return n + n % 2;
}

// [T, rank] f32 -> bf16, an odd rank with a column of zeros more.
torch::Tensor narrow_factor(const torch::Tensor& x) {
  if (x.size(1) % 2 == 0) return narrowed(x);
  auto padded = torch::zeros({x.size(0), even(x.size(1))});
  padded.narrow(1, 0, x.size(1)).copy_(x);
  return narrowed(padded);
}

// a [T, K] bf16 times b [K, N] -> f32.
torch::Tensor product(const torch::Tensor& a, const Paired& b) {
  auto out = torch::empty({a.size(0), i(b.columns())});
  kernels::multiply_pairs(rows16(a), b, to_rows32(out), Put::kReplace);
  return out;
}

torch::Tensor adapter_input(const torch::Tensor& x, const Linear& matrix) {
  if (!matrix.dropping) return x;
  return narrowed(x.to(torch::kFloat32) * dropout_mask(*matrix.dropping, x.size(0), x.size(1)));
}

// The way there of one matrix, and what its way back needs.
struct Forth {
  torch::Tensor inner;   // x' A^T [T, rank] f32
  torch::Tensor factor;  // scale * inner, bf16
  Paired outer;          // B^T
};

Forth through_adapter(const torch::Tensor& x, const Linear& matrix) {
  Forth forth;
  if (!matrix.lora_a.defined()) return forth;
  forth.inner =
      product(adapter_input(x, matrix), kernels::pair_columns(rows32(matrix.lora_a.detach())));
  forth.factor = narrow_factor(forth.inner * matrix.scale);
  forth.outer = kernels::pair_columns(rows32(matrix.lora_b.detach()));
  return forth;
}

std::vector<PairTerm> terms_of(const torch::Tensor& x, const Linear& matrix, const Forth& forth) {
  std::vector<PairTerm> terms = {{.a = rows16(x), .b = &matrix.packed->forth}};
  if (forth.inner.defined()) terms.push_back({.a = rows16(forth.factor), .b = &forth.outer});
  return terms;
}

// What has been gathered of the way back.
struct Back {
  std::vector<PairTerm> terms;         // whose sum is dx
  std::vector<torch::Tensor> factors;  // that terms point into
  std::vector<std::unique_ptr<Paired>> packed;
  torch::Tensor dropped;  // [T, in] f32: what came back through adapters that leave out inputs
  variable_list learnt;
};

class Backward {
 public:
  Backward(const torch::Tensor& x, const KeptLinears& kept) : x_(x), kept_(kept) {}

  void add(const Linear& matrix, const torch::Tensor& inner, const torch::Tensor& dy) {
    back_.factors.push_back(dy);
    back_.terms.push_back({.a = rows16(dy), .b = &matrix.packed->back});
    if (learns(matrix.weight)) back_.learnt.push_back(weight_gradient(dy));
    if (learns(matrix.bias)) back_.learnt.push_back(dy.to(torch::kFloat32).sum(0));
    if (matrix.lora_a.defined()) add_adapter(matrix, inner, dy);
  }

  torch::Tensor input_gradient() {
    if (!kept_.input_learns) return {};
    auto dx = torch::empty(x_.sizes(), torch::kBFloat16);
    kernels::multiply_pairs(back_.terms, to_rows16(dx));
    return back_.dropped.defined() ? narrowed(dx.to(torch::kFloat32) + back_.dropped) : dx;
  }
  variable_list& learnt() { return back_.learnt; }

 private:
  torch::Tensor weight_gradient(const torch::Tensor& dy) {
    if (!packed_x_) packed_x_ = std::make_unique<Paired>(kernels::pair_rows(rows16(x_)));
    auto gradient = torch::empty({dy.size(1), x_.size(1)});
    kernels::multiply_pairs(kernels::pair_rows(rows16(dy)), *packed_x_, to_rows32(gradient),
                            Put::kReplace);
    return gradient;
  }

  void add_adapter(const Linear& matrix, const torch::Tensor& inner, const torch::Tensor& dy) {
    const auto input = adapter_input(x_, matrix);
    const auto b = matrix.lora_b.detach();
    const auto dinner = product(dy, kernels::pair_rows(rows32(b))) * matrix.scale;
    auto da = torch::empty_like(matrix.lora_a.detach());
    kernels::multiply_narrow(rows32(dinner), rows16(input), 1, to_rows32(da));
    auto db = torch::empty({b.size(1), b.size(0)});
    kernels::multiply_narrow(rows32(inner), rows16(dy), static_cast<float>(matrix.scale),
                             to_rows32(db));
    back_.learnt.push_back(da);
    back_.learnt.push_back(db.t().contiguous());
    if (kept_.input_learns) return_through(matrix, narrow_factor(dinner));
  }

  void return_through(const Linear& matrix, const torch::Tensor& dinner) {
    auto a = std::make_unique<Paired>(kernels::pair_rows(rows32(matrix.lora_a.detach())));
    if (!matrix.dropping) {
      back_.factors.push_back(dinner);
      back_.terms.push_back({.a = rows16(dinner), .b = a.get()});
      back_.packed.push_back(std::move(a));
      return;
    }
    const auto returned =
        product(dinner, *a) * dropout_mask(*matrix.dropping, x_.size(0), x_.size(1));
    back_.dropped = back_.dropped.defined() ? back_.dropped + returned : returned;
  }

  const torch::Tensor& x_;
  const KeptLinears& kept_;
  std::unique_ptr<Paired> packed_x_;
  Back back_;
};

class Project : public torch::autograd::Function<Project> {
 public:
  static variable_list forward(AutogradContext* kept, const torch::Tensor& x, at::TensorList others,
                               const c10::intrusive_ptr<KeptLinears>& how) {
    kept->save_for_backward({x});
    kept->saved_data["how"] =
        c10::IValue::make_capsule(c10::intrusive_ptr<torch::CustomClassHolder>(how));
    const torch::Tensor residual = how->onto ? others[0] : torch::Tensor();
    variable_list out;
    c10::List<torch::Tensor> inners;
    for (const Linear& matrix : how->matrices) {
      const Forth forth = through_adapter(x, matrix);
      inners.push_back(forth.inner.defined() ? forth.inner : torch::empty({0}));
      out.push_back(residual.defined() ? onto(residual, x, matrix, forth)
                                       : alone(x, matrix, forth));
    }
    kept->saved_data["inners"] = inners;
    return out;
  }

  static variable_list backward(AutogradContext* kept, variable_list grads) {
    const auto x = kept->get_saved_variables()[0];
    const auto capsule = kept->saved_data["how"].toCapsule();
    const auto& how = static_cast<const KeptLinears&>(*capsule);
    const auto inners = kept->saved_data["inners"].toTensorList();
    Backward back(x, how);
    for (std::size_t n = 0; n < how.matrices.size(); ++n) {
      auto dy = grads[n].contiguous();
      back.add(how.matrices[n], inners.get(n), is_half(dy) ? dy : narrowed(dy));
    }
    variable_list found = {back.input_gradient()};
    if (how.onto) found.push_back(grads[0]);
    for (auto& gradient : back.learnt()) found.push_back(std::move(gradient));
    found.emplace_back();
    return found;
  }

 private:
  static torch::Tensor alone(const torch::Tensor& x, const Linear& matrix, const Forth& forth) {
    auto y = torch::empty({x.size(0), matrix.weight.size(0)}, torch::kBFloat16);
    kernels::multiply_pairs(terms_of(x, matrix, forth), to_rows16(y));
    if (matrix.bias.defined()) y.add_(matrix.bias.detach());
    return y;
  }
  static torch::Tensor onto(const torch::Tensor& residual, const torch::Tensor& x,
                            const Linear& matrix, const Forth& forth) {
    auto y = residual.detach().clone();
    if (matrix.bias.defined()) y.add_(matrix.bias.detach());
    for (const PairTerm& term : terms_of(x, matrix, forth))
      kernels::multiply_pairs(term.a, *term.b, to_rows32(y), Put::kAdd);
    return y;
  }
};

variable_list apply(const torch::Tensor& x, const torch::Tensor& residual,
                    const std::vector<Linear>& matrices) {
  auto how = c10::make_intrusive<KeptLinears>();
  how->matrices = matrices;
  how->input_learns = x.requires_grad();
  how->onto = residual.defined();
  std::vector<torch::Tensor> others;  // the residual, then what learns
  if (how->onto) others.push_back(residual);
  for (const Linear& matrix : matrices) {
    DRAMATIS_CHECK(matrix.packed && matrix.weight.size(0) % 2 == 0 && x.size(1) % 2 == 0);
    if (learns(matrix.weight)) others.push_back(matrix.weight);
    if (learns(matrix.bias)) others.push_back(matrix.bias);
    if (matrix.lora_a.defined()) others.insert(others.end(), {matrix.lora_a, matrix.lora_b});
  }
  return Project::apply(x.contiguous(), at::TensorList(others), how);
}

}  // namespace

std::shared_ptr<PackedWeight> space_for_weight(const torch::Tensor& weight) {
  const std::size_t out = z(weight.size(0));
  const std::size_t in = z(weight.size(1));
  return std::make_shared<PackedWeight>(
      PackedWeight{.forth = Paired(in, out), .back = Paired(out, in)});
}

void pack_weight(const torch::Tensor& weight, PackedWeight& to) {
  const auto held = weight.detach();
  if (is_half(held)) {
    to.forth = kernels::pair_columns(rows16(held));
    to.back = kernels::pair_rows(rows16(held));
    return;
  }
  kernels::pair_columns(rows32(held), 0, to.forth.panels(), to.forth);
  kernels::pair_rows(rows32(held), 0, to.back.panels(), to.back);
}

std::vector<torch::Tensor> project(const torch::Tensor& x, const std::vector<Linear>& matrices) {
  return apply(x, {}, matrices);
}

torch::Tensor project_onto(const torch::Tensor& residual, const torch::Tensor& x,
                           const Linear& matrix) {
  return apply(x, residual.contiguous(), {matrix})[0];
}

torch::Tensor plain_project(const torch::Tensor& x, const Linear& matrix) {
  const auto times = [](const torch::Tensor& rows, const torch::Tensor& weights) {
    return torch::matmul(rows, weights.to(rows.dtype()).t());
  };
  auto y = times(x, matrix.weight);
  if (matrix.bias.defined()) y = y + matrix.bias.to(x.dtype());
  if (!matrix.lora_a.defined()) return y;
  const auto input =
      matrix.dropping ? x * dropout_mask(*matrix.dropping, x.size(0), x.size(1)).to(x.dtype()) : x;
  return y + times(times(input, matrix.lora_a), matrix.lora_b) * matrix.scale;
}

torch::Tensor dropout_mask(const Dropping& dropping, std::int64_t rows, std::int64_t columns) {
  auto mask = torch::empty({rows, columns}, torch::kFloat32);
  float* to = floats(mask);
  Rng rng(dropping.seed * 1'000'003 + dropping.place);
  // Four decisions of 16 bits from each draw.
  const auto dropped = static_cast<std::uint64_t>(dropping.share * 65536);
  const auto kept = static_cast<float>(1 / (1 - static_cast<double>(dropped) / 65536));
  std::uint64_t drawn = 0;
  for (std::int64_t n = 0; n < rows * columns; ++n, drawn >>= 16) {
    if (n % 4 == 0) drawn = rng.next();
    to[n] = (drawn & 0xFFFFU) < dropped ? 0.0F : kept;
  }
  return mask;
}

}  // namespace dramatis::train::ops
