// Compares, and says what was compared.
#include "train/tune/keeping.h"

#include <algorithm>

#include <fmt/format.h>

#include "train/limits.h"
#include "train/parallel.h"
#include "train/pass_memory.h"

namespace dramatis::train::tune {
namespace {

std::string shown(double bytes) {
  if (bytes < 1e6) return fmt::format("{:.0f} kB", bytes / 1e3);
  return bytes < 1e9 ? fmt::format("{:.0f} MB", bytes / 1e6)
                     : fmt::format("{:.2f} GB", bytes / 1e9);
}

// Each thread has a pass with its gradients, which are added to one sum.
double room_beside_gradients(const Network& network, std::uint64_t available) {
  const auto gradients =
      static_cast<double>(gradient_bytes(network)) * static_cast<double>(threads_at_once() + 1);
  return std::max(0.0, static_cast<double>(available) - gradients) * kPassShare;
}

// What everything may take; nothing where nobody says.
std::optional<double> limit_of(const Steps& steps, const Network& network,
                               std::optional<std::uint64_t> available) {
  if (steps.pass_memory > 0) return static_cast<double>(steps.pass_memory);
  if (!available) return std::nullopt;
  return room_beside_gradients(network, *available);
}

}  // namespace

Keeping keeping_of(const Steps& steps, const Network& network, std::size_t tokens,
                   std::optional<std::uint64_t> available) {
  const auto everything = static_cast<double>(pass_bytes(network, tokens, Keep::kEverything));
  const auto inputs = static_cast<double>(pass_bytes(network, tokens, Keep::kInputs));
  const auto kept = [&](std::string_view why) {
    return Keeping{.keep = Keep::kEverything,
                   .why = fmt::format("Passes keep what their way back needs, up to {} for {} "
                                      "tokens at once: {}.",
                                      shown(everything), tokens, why)};
  };
  const auto recomputed = [&](std::string_view why) {
    return Keeping{.keep = Keep::kInputs,
                   .why = fmt::format("Layers are computed again on the way back, so that {} "
                                      "tokens at once take {} instead of {}: {}.",
                                      tokens, shown(inputs), shown(everything), why)};
  };
  if (steps.recompute == Recompute::kAlways) return recomputed("recompute is always");
  if (steps.recompute == Recompute::kNever) return kept("recompute is never");
  const auto limit = limit_of(steps, network, available);
  if (!limit) return kept("nothing here tells how much memory is free");
  const std::string may = steps.pass_memory > 0
                              ? fmt::format("pass_memory is {}", shown(*limit))
                              : fmt::format("{} of the free memory are theirs", shown(*limit));
  if (everything <= *limit || inputs >= everything) return kept(may);
  if (inputs <= *limit) return recomputed(may);
  return recomputed(may + ", and even that is more; should memory run out, take fewer pass_tokens");
}

}  // namespace dramatis::train::tune
