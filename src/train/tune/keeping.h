// A recipe, a network and the machine's memory -> what passes keep for their way back, and why.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "train/network.h"
#include "train/tune/plan.h"

namespace dramatis::train::tune {

struct Keeping {
  Keep keep = Keep::kEverything;
  std::string why{};  // a sentence with the figures, for people
};

// `tokens`: of all passes that are computed at the same time, at the most. `available`: bytes that
// the machine can still give once weights and moments stand; nothing where it does not tell. Where
// memory decides, layers are computed again if the passes would keep more than the recipe's
// pass_memory, or else more than kPassShare of what remains beside the gradients.
[[nodiscard]] Keeping keeping_of(const Steps& steps, const Network& network, std::size_t tokens,
                                 std::optional<std::uint64_t> available);

}  // namespace dramatis::train::tune
