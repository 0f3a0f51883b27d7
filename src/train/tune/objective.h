// What is minimised: documents of lessons or of preferences -> losses and gradients, in passes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <torch/torch.h>

#include "train/network.h"
#include "train/packing.h"
#include "train/tune/plan.h"

namespace dramatis::train::tune {

// What is learnt from or measured. A lesson is one document, a preference two: chosen, rejected.
struct Material {
  enum class Kind { kLessons, kPreferences };
  Kind kind = Kind::kLessons;
  std::vector<Document> documents{};

  [[nodiscard]] std::size_t per_item() const { return kind == Kind::kLessons ? 1 : 2; }
  [[nodiscard]] std::size_t items() const { return documents.size() / per_item(); }
  // Tokens of each item.
  [[nodiscard]] std::vector<std::size_t> lengths() const;
  // What an item weighs in a mean: of a lesson the tokens that count, of a preference 1.
  [[nodiscard]] double weight(std::size_t item) const;
};

// Sums over items.
struct Tally {
  double loss = 0;    // nats: of a lesson -log p of its words, of a preference -log sigma(margin)
  double weight = 0;  // of all items
  double right = 0;   // preferences whose margin is above 0

  [[nodiscard]] double mean() const { return weight > 0 ? loss / weight : 0; }
};

// How passes are made.
struct Passes {
  std::size_t tokens = 2048;       // computed at once
  double beta = 0.1;               // of preferences
  std::uint64_t dropout_seed = 0;  // of this update; each pass draws from its own
  bool drops = false;              // whether adapters drop inputs at all
  Keep keep = Keep::kEverything;   // of passes with gradients
};

struct Gradients {
  Tally tally{};
  std::vector<torch::Tensor> sums{};  // of loss / weight, in the order of network.learnt()
};

// Of these items; `weight` is that of everybody's items together. Threads work on a pass each; sums
// are taken in the order of the passes, so that the number of threads changes nothing.
[[nodiscard]] Gradients gradients_of(const Network& network, const Material& material,
                                     std::span<const std::size_t> items, double weight,
                                     const Passes& passes);

// Losses alone, nothing dropped.
[[nodiscard]] Tally measure(const Network& network, const Material& material,
                            std::span<const std::size_t> items, const Passes& passes);

}  // namespace dramatis::train::tune
