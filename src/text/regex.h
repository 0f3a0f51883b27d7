// A Unicode regular expression with a bound on the work of a match.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace dramatis::text {

// Where a match lies, in bytes.
struct Match {
  std::size_t first, length;
};

// A compiled PCRE2 pattern over UTF-8. Immutable; matching is thread-safe.
class Regex {
 public:
  // Errors: kInvalidArgument with the offset where the pattern breaks.
  [[nodiscard]] static Result<Regex> compile(std::string_view pattern);

  // The first match at or after byte `from`; nothing where there is none.
  // `subject` must be valid UTF-8. Errors: kOverBudget past kMaxRegexSteps.
  [[nodiscard]] Result<std::optional<Match>> find(std::string_view subject, std::size_t from) const;

 private:
  struct Free {
    void operator()(void* code) const;
  };
  explicit Regex(void* code) : code_(code) {}
  std::unique_ptr<void, Free> code_;
};

}  // namespace dramatis::text
