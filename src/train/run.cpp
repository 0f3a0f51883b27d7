// One update after another.
#include "train/run.h"

#include <algorithm>
#include <numeric>

#include "base/random.h"
#include "train/checkpoint.h"
#include "train/parallel.h"

namespace dramatis::train {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Rows as tensors.
struct Batch {
  torch::Tensor ids, targets, allowed;
  torch::Tensor counted;  // flat positions whose prediction counts
};

Batch make_batch(const std::vector<const Sequence*>& rows) {
  const auto height = static_cast<std::int64_t>(rows.size());
  const auto length = static_cast<std::int64_t>(rows.front()->document.size());
  Batch batch;
  batch.ids = torch::empty({height, length}, torch::kInt64);
  batch.targets = torch::empty({height, length}, torch::kInt64);
  const auto documents = torch::empty({height, length}, torch::kInt32);
  std::vector<std::int64_t> counted;
  for (std::int64_t b = 0; b < height; ++b) {
    const Sequence& row = *rows[static_cast<std::size_t>(b)];
    std::copy(row.ids.begin(), row.ids.end() - 1, batch.ids.data_ptr<std::int64_t>() + b * length);
    std::copy(row.ids.begin() + 1, row.ids.end(),
              batch.targets.data_ptr<std::int64_t>() + b * length);
    std::copy(row.document.begin(), row.document.end(),
              documents.data_ptr<std::int32_t>() + b * length);
    for (std::int64_t t = 0; t < length; ++t) {
      if (row.learnt[static_cast<std::size_t>(t)]) counted.push_back(b * length + t);
    }
  }
  batch.counted = torch::tensor(counted, torch::kInt64);
  const auto causal = torch::ones({length, length}, torch::kBool).tril();
  batch.allowed =
      (documents.unsqueeze(2) == documents.unsqueeze(1)).logical_and(causal).unsqueeze(1);
  return batch;
}

// Summed loss over the positions that count.
torch::Tensor summed_loss(const Llama& model, const Batch& batch) {
  const auto rows =
      model.hidden(batch.ids, batch.allowed).flatten(0, 1).index_select(0, batch.counted);
  const auto targets = batch.targets.flatten().index_select(0, batch.counted);
  return torch::nn::functional::cross_entropy(
      model.logits(rows), targets,
      torch::nn::functional::CrossEntropyFuncOptions().reduction(torch::kSum));
}

std::size_t counted_in(const std::vector<const Sequence*>& rows) {
  std::size_t sum = 0;
  for (const Sequence* row : rows)
    sum += static_cast<std::size_t>(std::count(row->learnt.begin(), row->learnt.end(), true));
  return sum;
}

// Which rows step `step` learns from: epoch by epoch, each in an order of its own.
class Order {
 public:
  Order(const std::vector<Sequence>& rows, std::uint64_t seed) : rows_(rows), seed_(seed) {}

  std::vector<const Sequence*> rows_of(std::size_t step, std::size_t count) {
    std::vector<const Sequence*> picked;
    for (std::size_t n = step * count; n < (step + 1) * count; ++n) {
      shuffle_for(n / rows_.size());
      picked.push_back(&rows_[order_[n % rows_.size()]]);
    }
    return picked;
  }

 private:
  void shuffle_for(std::size_t epoch) {
    if (!order_.empty() && epoch == epoch_) return;
    epoch_ = epoch;
    order_.resize(rows_.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    Rng rng(seed_ * 1'000'003 + epoch);
    for (std::size_t n = order_.size(); n > 1; --n) std::swap(order_[n - 1], order_[rng.below(n)]);
  }

  const std::vector<Sequence>& rows_;
  std::uint64_t seed_;
  std::size_t epoch_ = 0;
  std::vector<std::size_t> order_;
};

// What one pass over a few rows gives.
struct Pass {
  double loss = 0;
  std::vector<torch::Tensor>
      gradients;  // in the order of the parameters; empty where nothing counts
};

Pass run_pass(const Llama& model, const std::vector<const Sequence*>& rows,
              double counted_in_step) {
  const Batch batch = make_batch(rows);
  if (batch.counted.numel() == 0) return {};
  const auto mean = summed_loss(model, batch) / counted_in_step;
  std::vector<torch::Tensor> weights;
  for (const auto& [name, weight] : model.parameters()) weights.push_back(weight);
  return {.loss = mean.item<double>(), .gradients = torch::autograd::grad({mean}, weights)};
}

// Gradients of one update, summed over passes that fit the cache; each thread works on a pass of
// its own, which spares it waiting for the others within one. Sums are in the order of the passes,
// so the number of threads changes nothing. Returns the mean loss.
double accumulate(const Llama& model, const std::vector<const Sequence*>& rows,
                  std::size_t per_pass) {
  const auto counted = static_cast<double>(std::max<std::size_t>(counted_in(rows), 1));
  std::vector<Pass> passes((rows.size() + per_pass - 1) / per_pass);
  in_parallel(passes.size(), [&](std::size_t n) {
    const auto first = rows.begin() + static_cast<std::ptrdiff_t>(n * per_pass);
    const auto last =
        rows.begin() + static_cast<std::ptrdiff_t>(std::min((n + 1) * per_pass, rows.size()));
    passes[n] = run_pass(model, {first, last}, counted);
  });
  double loss = 0;
  for (const Pass& pass : passes) {
    loss += pass.loss;
    for (std::size_t n = 0; n < pass.gradients.size(); ++n) {
      torch::Tensor weight = model.parameters()[n].second;
      torch::Tensor& sum = weight.mutable_grad();
      if (sum.defined()) {
        sum.add_(pass.gradients[n]);
      } else {
        sum = pass.gradients[n];
      }
    }
  }
  return loss;
}

}  // namespace

Rates rates_at(const Schedule& plan, std::size_t step) {
  const auto n = static_cast<double>(step);
  const auto steps = static_cast<double>(plan.steps);
  const double rise =
      plan.warmup == 0 ? 1 : std::min(1.0, (n + 1) / static_cast<double>(plan.warmup));
  const double fall = plan.decay <= 0 ? 1 : std::min(1.0, (steps - n) / (steps * plan.decay));
  const double share = std::min(rise, fall);
  return {.matrix = plan.matrix_rate * share,
          .vector = plan.vector_rate * share,
          .weight_decay = plan.weight_decay};
}

double measure(const Llama& model, const std::vector<Sequence>& rows) {
  std::vector<double> sums(rows.size());
  std::vector<std::size_t> counts(rows.size());
  in_parallel(rows.size(), [&](std::size_t n) {
    const torch::NoGradGuard no_gradients;
    const Batch batch = make_batch({&rows[n]});
    if (batch.counted.numel() == 0) return;
    sums[n] = summed_loss(model, batch).item<double>();
    counts[n] = static_cast<std::size_t>(batch.counted.numel());
  });
  const double sum = std::accumulate(sums.begin(), sums.end(), 0.0);
  const std::size_t counted = std::accumulate(counts.begin(), counts.end(), std::size_t{0});
  return counted == 0 ? 0 : sum / static_cast<double>(counted);
}

Status train(const Llama& model, const Run& run, const std::vector<Sequence>& learnt,
             const std::vector<Sequence>& held_out, std::stop_token stop) {
  Optimizer optimizer(model.parameters());
  if (!run.checkpoint.empty()) {
    const auto resumed = read_checkpoint(run.checkpoint, model, optimizer, run.digest);
    if (!resumed && resumed.error().code != ErrorCode::kNotFound) return resumed;
  }
  constexpr auto kBetweenReports = std::chrono::seconds(10);
  constexpr auto kBetweenCheckpoints = std::chrono::minutes(3);
  const std::size_t rows_per_step = run.plan.batch_tokens / run.plan.sequence;
  const std::size_t rows_per_pass = run.plan.micro_tokens / run.plan.sequence;
  // A run looks at a few held-out rows as it goes; whoever wants the exact figure measures all.
  constexpr std::size_t kGlance = 16;
  const std::vector<Sequence> glance(
      held_out.begin(),
      held_out.begin() + static_cast<std::ptrdiff_t>(std::min(kGlance, held_out.size())));
  Order order(learnt, run.seed);
  auto reported = SteadyClock::now();
  auto saved = reported;
  double loss = 0;
  double held = 0;
  std::size_t since = 0;
  for (auto step = static_cast<std::size_t>(optimizer.steps()); step < run.plan.steps; ++step) {
    loss += accumulate(model, order.rows_of(step, rows_per_step), rows_per_pass);
    optimizer.step(rates_at(run.plan, step));
    ++since;
    const auto now = SteadyClock::now();
    const bool last = step + 1 == run.plan.steps;
    if (!run.checkpoint.empty() &&
        (last || now - saved > kBetweenCheckpoints || stop.stop_requested())) {
      DRAMATIS_DO(write_checkpoint(run.checkpoint, model, optimizer, run.digest));
      held = measure(model, glance);
      saved = now;
    }
    if (run.report && (last || now - reported > kBetweenReports)) {
      const std::chrono::duration<double> spent = SteadyClock::now() - reported;
      const double pace = static_cast<double>(since) / spent.count();
      run.report({.step = step + 1,
                  .steps = run.plan.steps,
                  .loss = loss / static_cast<double>(since),
                  .held_out = held,
                  .tokens_per_second = pace * static_cast<double>(run.plan.batch_tokens),
                  .left = std::chrono::seconds(static_cast<std::int64_t>(
                      static_cast<double>(run.plan.steps - step - 1) / pace))});
      reported = SteadyClock::now();
      loss = 0;
      since = 0;
    }
    if (stop.stop_requested() && !last) {
      return fail(ErrorCode::kCancelled,
                  "Stopped after a checkpoint; the same command goes on from there.");
    }
  }
  return {};
}

}  // namespace dramatis::train
