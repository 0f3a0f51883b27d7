// A few rows against the whole head, then the next.
#include "train/ops/cross_entropy.h"

#include <algorithm>

#include "base/check.h"
#include "kernels/gradients.h"
#include "train/ops/rows.h"

namespace dramatis::train::ops {
namespace {

using kernels::Put;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Rows whose logits exist at once: 12 MB at 49,152 tokens, and enough rows to pay for reading the
// head once.
constexpr std::int64_t kRowsAtOnce = 64;
// Columns of the head's gradient that are packed at once.
constexpr std::int64_t kColumnsAtOnce = 4096;

struct KeptHead : torch::CustomClassHolder {
  std::shared_ptr<const PackedWeight> packed;  // shared with the network
  bool rows_learn = false;
  bool head_learns = false;
};

// What one sweep over the rows makes.
struct Sweep {
  torch::Tensor losses;   // [N] f32
  torch::Tensor drows;    // [N, D] like the rows
  torch::Tensor dlogits;  // [N, V (even)] like the rows, where the head learns
};

class Sweeper {
 public:
  Sweeper(const torch::Tensor& rows, const torch::Tensor& head, const torch::Tensor& targets,
          const KeptHead& how)
      : rows_(rows), head_(head), targets_(targets), how_(how), vocabulary_(head.size(0)) {
    wide_ = vocabulary_ + vocabulary_ % 2;
    logits_ = torch::zeros({std::min(kRowsAtOnce, rows.size(0)), wide_});
    sweep_.losses = torch::empty({rows.size(0)});
    if (how.rows_learn || how.head_learns) {
      const auto height = how.head_learns ? rows.size(0) : logits_.size(0);
      sweep_.dlogits = torch::zeros({height, wide_}, rows.scalar_type());
      sweep_.drows = torch::empty_like(rows);
    }
  }

  Sweep run() && {
    for (std::int64_t first = 0; first < rows_.size(0); first += kRowsAtOnce)
      step(first, std::min(kRowsAtOnce, rows_.size(0) - first));
    if (!how_.head_learns) sweep_.dlogits = torch::Tensor();
    return std::move(sweep_);
  }

 private:
  void step(std::int64_t first, std::int64_t count) {
    const auto rows = rows_.narrow(0, first, count);
    auto logits = logits_.narrow(0, 0, count);
    if (is_half(rows)) {
      auto to = to_rows32(logits);
      to.columns = z(vocabulary_);
      kernels::multiply_pairs(rows16(rows), how_.packed->forth, to, Put::kReplace);
    } else {
      logits.narrow(1, 0, vocabulary_).copy_(torch::mm(rows, head_.t()));
    }
    const auto slopes = sweep_.dlogits.defined()
                            ? sweep_.dlogits.narrow(0, how_.head_learns ? first : 0, count)
                            : torch::Tensor();
    for (std::int64_t n = 0; n < count; ++n) settle(logits, n, first + n, slopes);
    if (slopes.defined()) return_rows(slopes, first, count);
  }

  // The loss of a row, and its gradient in place of its logits.
  void settle(const torch::Tensor& logits, std::int64_t n, std::int64_t row,
              const torch::Tensor& slopes) {
    const std::span<float> all(floats(logits) + n * wide_, z(vocabulary_));
    const std::size_t target = z(targets_.data_ptr<std::int64_t>()[row]);
    const float wanted = all[target];
    floats(sweep_.losses)[row] = kernels::softmax_with_log(all) - wanted;
    if (!slopes.defined()) return;
    all[target] -= 1.0F;
    write_row(all, slopes, z(n * wide_));
  }

  void return_rows(const torch::Tensor& slopes, std::int64_t first, std::int64_t count) {
    auto to = sweep_.drows.narrow(0, first, count);
    if (!is_half(to)) {
      to.copy_(torch::mm(slopes.narrow(1, 0, vocabulary_), head_));
      return;
    }
    auto sums = torch::empty({count, rows_.size(1)});
    kernels::multiply_pairs(rows16(slopes), how_.packed->back, to_rows32(sums), Put::kReplace);
    kernels::narrow_bf16({floats(sums), z(sums.numel())}, {halves(to), z(to.numel())});
  }

  const torch::Tensor &rows_, &head_, &targets_;
  const KeptHead& how_;
  std::int64_t vocabulary_;
  std::int64_t wide_ = 0;
  torch::Tensor logits_;
  Sweep sweep_;
};

// dhead [V, D] f32 = dlogits^T rows, the rows already weighted.
torch::Tensor head_gradient(const torch::Tensor& dlogits, const torch::Tensor& rows,
                            std::int64_t vocabulary) {
  if (!is_half(rows)) return torch::mm(dlogits.narrow(1, 0, vocabulary).t(), rows);
  auto gradient = torch::empty({vocabulary, rows.size(1)});
  const auto right = kernels::pair_rows(rows16(rows));
  for (std::int64_t first = 0; first < vocabulary; first += kColumnsAtOnce) {
    const auto count = std::min(kColumnsAtOnce, vocabulary - first);
    auto columns = rows16(dlogits);
    columns.numbers += first;
    columns.columns = z(count);
    kernels::multiply_pairs(kernels::pair_rows(columns), right,
                            to_rows32(gradient.narrow(0, first, count)), Put::kReplace);
  }
  return gradient;
}

class CrossEntropy : public torch::autograd::Function<CrossEntropy> {
 public:
  static torch::Tensor forward(AutogradContext* kept, const torch::Tensor& rows,
                               const torch::Tensor& head, const torch::Tensor& targets,
                               const c10::intrusive_ptr<KeptHead>& how) {
    const auto weights = head.detach();
    Sweep sweep = Sweeper(rows.detach(), weights, targets, *how).run();
    kept->save_for_backward({rows});
    if (sweep.drows.defined()) kept->saved_data["drows"] = sweep.drows;
    if (sweep.dlogits.defined()) kept->saved_data["dlogits"] = sweep.dlogits;
    kept->saved_data["vocabulary"] = head.size(0);
    return sweep.losses;
  }

  static variable_list backward(AutogradContext* kept, variable_list grads) {
    const auto rows = kept->get_saved_variables()[0];
    const auto weights = grads[0].to(torch::kFloat32).unsqueeze(1);
    const auto drows = (kept->saved_data["drows"].toTensor() * weights).to(rows.scalar_type());
    torch::Tensor dhead;
    if (kept->saved_data.count("dlogits") != 0) {
      const auto weighted = (rows.detach() * weights).to(rows.scalar_type()).contiguous();
      dhead = head_gradient(kept->saved_data["dlogits"].toTensor(), weighted,
                            kept->saved_data["vocabulary"].toInt());
    }
    return {drows, dhead, torch::Tensor(), torch::Tensor()};
  }
};

}  // namespace

torch::Tensor cross_entropy(const torch::Tensor& rows, const torch::Tensor& head,
                            const std::shared_ptr<const PackedWeight>& packed,
                            const torch::Tensor& targets) {
  DRAMATIS_CHECK(!is_half(rows) || packed);
  if (rows.size(0) == 0) return torch::zeros({0});
  auto how = c10::make_intrusive<KeptHead>();
  how->packed = packed;
  how->rows_learn = torch::GradMode::is_enabled() && rows.requires_grad();
  how->head_learns = torch::GradMode::is_enabled() && head.requires_grad();
  return CrossEntropy::apply(rows.contiguous(), head, targets, how);
}

torch::Tensor plain_cross_entropy(const torch::Tensor& rows, const torch::Tensor& head,
                                  const torch::Tensor& targets) {
  return torch::nn::functional::cross_entropy(
      torch::matmul(rows, head.to(rows.dtype()).t()), targets,
      torch::nn::functional::CrossEntropyFuncOptions().reduction(torch::kNone));
}

}  // namespace dramatis::train::ops
