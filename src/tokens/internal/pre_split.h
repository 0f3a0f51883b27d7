// A text -> the words within which bytes may merge, by the name of the model's pre-tokenizer.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/regex.h"

namespace dramatis::tokens::internal {

// Immutable.
class PreSplit {
 public:
  // Errors: kUnsupported listing the names that have a row.
  [[nodiscard]] static Result<PreSplit> named(std::string_view pre);

  // Stretches of `text` that together are `text`; valid UTF-8. Errors: kOverBudget.
  [[nodiscard]] Result<std::vector<std::string_view>> split(std::string_view text) const;

 private:
  std::vector<text::Regex> stages_;
};

}  // namespace dramatis::tokens::internal
