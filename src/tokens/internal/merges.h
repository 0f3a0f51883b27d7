// A vocabulary's merges, as texts -> the table of pairs of ids that encoding asks.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "tokens/internal/join_table.h"
#include "tokens/internal/letters.h"

namespace dramatis::tokens::internal {

// "left right", the earlier the better. Parts and wholes are tokens of letters, by their names.
// Errors: kCorrupt naming the merge.
[[nodiscard]] Result<JoinTable> read_merges(const Pieces& pieces,
                                            const std::vector<std::string>& merges);

}  // namespace dramatis::tokens::internal
