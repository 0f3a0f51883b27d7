// Passes in waves: as many at once as there are threads, summed before the next begin, so that no
// more gradients are held than threads.
#include "train/tune/objective.h"

#include <algorithm>

#include "train/batch.h"
#include "train/parallel.h"
#include "train/tune/documents.h"
#include "train/tune/order.h"

namespace dramatis::train::tune {
namespace {

using Items = std::vector<std::size_t>;

PackedBatch batch_of(const Material& material, const Items& items) {
  std::vector<const Document*> documents;
  for (const std::size_t item : items) {
    for (std::size_t n = 0; n < material.per_item(); ++n)
      documents.push_back(&material.documents[item * material.per_item() + n]);
  }
  return pack_batch(documents);
}

double weight_of(const Material& material, const Items& items) {
  double sum = 0;
  for (const std::size_t item : items) sum += material.weight(item);
  return sum;
}

// Source: Rafailov et al. 2023, "Direct Preference Optimization", equation 7.
torch::Tensor preference_loss(const Network& network, const PackedBatch& batch,
                              const PassOptions& how, double beta, Tally& tally) {
  torch::Tensor reference;
  {
    const torch::NoGradGuard no_gradients;
    reference = network.log_likelihoods(batch, {.adapters = Adapters::kOff, .dropout = {}});
  }
  const auto gained = (network.log_likelihoods(batch, how) - reference).view({-1, 2});
  const auto margin = beta * (gained.select(1, 0) - gained.select(1, 1));
  tally.right = static_cast<double>((margin > 0).sum().item<std::int64_t>());
  return torch::softplus(-margin).sum();
}

// The summed loss of one pass; `tally` gets its figures.
torch::Tensor loss_of(const Network& network, const Material& material, const Items& items,
                      const Passes& passes, const PassOptions& how, Tally& tally) {
  const PackedBatch batch = batch_of(material, items);
  tally.weight = weight_of(material, items);
  auto loss = material.kind == Material::Kind::kLessons
                  ? network.summed_loss(batch, how)
                  : preference_loss(network, batch, how, passes.beta, tally);
  tally.loss = loss.item<double>();
  return loss;
}

// A number of its own for each pass of each update.
std::uint64_t mixed(std::uint64_t seed, std::uint64_t with) {
  std::uint64_t x = seed * 0x9E3779B97F4A7C15U + with + 1;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

void add(Tally& to, const Tally& more) {
  to.loss += more.loss;
  to.weight += more.weight;
  to.right += more.right;
}

Gradients pass_gradients(const Network& network, const Material& material, const Items& items,
                         double weight, const Passes& passes) {
  Gradients made;
  PassOptions how{.keep = passes.keep};
  if (passes.drops) how.dropout = mixed(passes.dropout_seed, items.front());
  const auto loss = loss_of(network, material, items, passes, how, made.tally);
  if (!loss.requires_grad()) return made;  // nothing in it counts
  std::vector<torch::Tensor> learnt;
  for (const auto& [name, parameter] : network.learnt()) learnt.push_back(parameter);
  made.sums = torch::autograd::grad({loss / weight}, learnt, {}, c10::nullopt, false, true);
  return made;
}

void add(Gradients& to, Gradients&& more) {
  add(to.tally, more.tally);
  if (more.sums.empty()) return;
  if (to.sums.empty()) {
    to.sums = std::move(more.sums);
    return;
  }
  for (std::size_t n = 0; n < to.sums.size(); ++n) {
    if (!more.sums[n].defined()) continue;
    if (to.sums[n].defined()) {
      to.sums[n].add_(more.sums[n]);
    } else {
      to.sums[n] = std::move(more.sums[n]);
    }
  }
}

}  // namespace

std::vector<std::size_t> Material::lengths() const {
  std::vector<std::size_t> sums(items());
  for (std::size_t n = 0; n < documents.size(); ++n)
    sums[n / per_item()] += documents[n].ids.size();
  return sums;
}

double Material::weight(std::size_t item) const {
  if (kind == Kind::kPreferences) return 1;
  return static_cast<double>(counted_in(documents[item]));
}

Gradients gradients_of(const Network& network, const Material& material,
                       std::span<const std::size_t> items, double weight, const Passes& passes) {
  Gradients sum;
  const auto parted = passes_of(items, material.lengths(), passes.tokens);
  for (std::size_t first = 0; first < parted.size(); first += threads_at_once()) {
    std::vector<Gradients> wave(std::min(threads_at_once(), parted.size() - first));
    in_parallel(wave.size(), [&](std::size_t n) {
      wave[n] = pass_gradients(network, material, parted[first + n], weight, passes);
    });
    for (auto& one : wave) add(sum, std::move(one));
  }
  // Every process has the same tensors to sum, whatever its items asked of them.
  sum.sums.resize(network.learnt().size());
  for (std::size_t n = 0; n < sum.sums.size(); ++n) {
    if (!sum.sums[n].defined())
      sum.sums[n] = torch::zeros_like(network.learnt()[n].second.detach());
  }
  return sum;
}

Tally measure(const Network& network, const Material& material, std::span<const std::size_t> items,
              const Passes& passes) {
  const auto parted = passes_of(items, material.lengths(), passes.tokens);
  std::vector<Tally> tallies(parted.size());
  in_parallel(parted.size(), [&](std::size_t n) {
    const torch::NoGradGuard no_gradients;
    (void)loss_of(network, material, parted[n], passes, {}, tallies[n]);
  });
  Tally sum;
  for (const Tally& one : tallies) add(sum, one);
  return sum;
}

}  // namespace dramatis::train::tune
