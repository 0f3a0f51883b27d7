// Foreign tables -> proof that sizes, types, ids and texts are what the encoders rely on.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "tokens/vocabulary_tables.h"

namespace dramatis::tokens::internal {

// Errors: kUnsupported for a kind that is neither; kCorrupt naming key, entry and both numbers;
// kOverBudget.
[[nodiscard]] Status check_tables(const VocabularyTables& tables);

// The byte that "<0x0A>" names. Errors: kCorrupt for any other text.
[[nodiscard]] Result<unsigned char> parse_byte(std::string_view name);

// A foreign name as it may stand in an error: quoted, escaped, short.
[[nodiscard]] std::string shown(std::string_view name);

}  // namespace dramatis::tokens::internal
