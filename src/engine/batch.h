// Sessions that run -> the rows of the next step.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/session.h"
#include "model/model.h"

namespace dramatis::engine {

// What one session has of a batch.
struct Share {
  Session* session;
  std::size_t before;  // tokens that its cache held
  std::size_t logits;  // rows that give logits
};

struct Batch {
  std::vector<model::Row> rows;
  std::vector<Share> shares;  // in the order of the rows
};

// One row for each session that has one token left to compute, then as many rows of the others' as
// fit, in the order given. A common beginning is computed by the first session that has it, in
// whole pages, while the others wait for them; its last row ends a batch for its session, so that
// its last page can be kept before a player's words stand in it.
[[nodiscard]] Batch compose_batch(std::span<Session* const> running);

}  // namespace dramatis::engine
