// Members of a foreign JSON object, by type.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "text/json.h"

namespace dramatis::tokens::internal {

// An absent or null member is nothing (or `otherwise`). Errors: kCorrupt naming `place` and key
// where it is of another type.
[[nodiscard]] Result<std::optional<std::string>> text_at(const text::Json& object,
                                                         std::string_view key,
                                                         std::string_view place);
[[nodiscard]] Result<std::optional<bool>> truth_at(const text::Json& object, std::string_view key,
                                                   std::string_view place);
// Its elements; none where it is absent or null. Kept alive by `object`.
[[nodiscard]] Result<const text::JsonArray*> array_at(const text::Json& object,
                                                      std::string_view key, std::string_view place);

// A document of at most `most_bytes`, whose outermost value is an object. Errors: kCorrupt and
// kOverBudget naming `place`.
[[nodiscard]] Result<text::Json> parse_object(std::string_view document, std::string_view place,
                                              std::size_t most_bytes);

}  // namespace dramatis::tokens::internal
