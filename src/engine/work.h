// What one request wants of the model, told as a sequence of tokens.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "base/ids.h"
#include "base/result.h"

namespace dramatis::engine {

// Whether a sequence goes on.
enum class Next { kMore, kEnd };

// One thread at a time: the scheduler's, and the caller's again once the session is over. It must
// not refer to what the caller may take along when it leaves early.
class Work {
 public:
  Work() = default;
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;
  virtual ~Work() = default;

  // The sequence so far; what its cache does not hold is to be computed.
  [[nodiscard]] virtual std::span<const TokenId> tokens() const = 0;
  // The logits after this token are wanted, and those after all later ones.
  [[nodiscard]] virtual std::size_t first_wanted() const = 0;
  // Tokens that the sequence can come to have.
  [[nodiscard]] virtual std::size_t capacity() const = 0;
  // Of the tokens computed, so many leading ones still belong to the sequence.
  [[nodiscard]] virtual std::size_t valid() const = 0;
  // So many leading tokens may be asked for again.
  [[nodiscard]] virtual std::size_t worth_keeping() const = 0;

  // Takes the logits after token first_wanted(), which it may overwrite; `say` gets what can be
  // told. Errors end the session.
  [[nodiscard]] virtual Result<Next> take(std::span<float> logits, std::string& say) = 0;
};

}  // namespace dramatis::engine
