// Rules -> the network of a Grammar.
#pragma once

#include "base/result.h"
#include "sampling/grammar.h"
#include "sampling/internal/rules.h"

namespace dramatis::sampling::internal {

// Checks the rules first. `max_depth` is how many rules may wait for another to return. Errors:
// those of check_rules; kOverBudget where the network would have more than kMaxGrammarNodes.
[[nodiscard]] Result<Grammar> compile(const Rules& rules, std::size_t max_depth);

}  // namespace dramatis::sampling::internal
