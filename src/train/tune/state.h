// Where a run stands, on disk: everything that the next update depends on.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "base/result.h"
#include "train/network.h"
#include "train/tune/update_rule.h"

namespace dramatis::train::tune {

struct State {
  std::size_t update = 0;       // done
  double first_loss = 0;        // held-out, before the first update
  double best_loss = 0;         // held-out, of the best evaluation
  std::size_t best_update = 0;  // after which that was
  std::size_t waits = 0;        // evaluations since
  bool ended = false;           // nothing is left to do
  double seconds = 0;           // of updates
  double tokens = 0;            // read by updates
};

// Written at once or not at all. `digest`: of recipe, base and data.
[[nodiscard]] Status write_state(const std::filesystem::path& path, const Network& network,
                                 const UpdateRule& rule, const State& state,
                                 const std::string& digest);
// Fills network and rule. Errors: kNotFound where there is no file; kConflict where it is of
// another recipe, base or data; kCorrupt.
[[nodiscard]] Result<State> read_state(const std::filesystem::path& path, Network& network,
                                       UpdateRule& rule, const std::string& digest);

// What was learnt, alone.
[[nodiscard]] Status write_learnt(const std::filesystem::path& path, const Network& network);
[[nodiscard]] Status read_learnt(const std::filesystem::path& path, Network& network);

}  // namespace dramatis::train::tune
