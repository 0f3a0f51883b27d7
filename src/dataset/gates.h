// Made exchanges -> those that may be learnt from, and why the others may not.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "dataset/question.h"
#include "persona/cast.h"
#include "signs/strangers.h"
#include "text/json.h"

namespace dramatis::dataset {

struct Made {
  std::string id{};
  std::string question{};
  std::string answer{};
  std::string other{};  // the name of who asks

  friend bool operator==(const Made&, const Made&) = default;
};

struct Refusal {
  std::string id{};
  std::string gate{};    // "too-long", "repeats", or the name of a sign
  std::string reason{};  // a sentence
  std::string answer{};

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

struct GateOptions {
  std::size_t least_words = 3;
  std::size_t most_words = 120;
  double recited = 0.5;  // the share of an answer's runs of kReadAloudRun words that the sheet may
                         // have word for word; above it the answer reads the sheet aloud
};

// Eight words in a row: a saying may come word for word, an episode may not.
constexpr std::size_t kReadAloudRun = 8;

// What passed, in its order, and what did not. Each of the refused has the first gate that it fell
// at: length, the signs in their order, "reads-aloud", then "repeats" for answers that are alike to
// an earlier one that passed.
struct Gated {
  std::vector<Made> passed{};
  std::vector<Refusal> refused{};

  [[nodiscard]] std::map<std::string, std::size_t> counts() const;
};

// One character's gates. Immutable; thread-safe.
class Gates {
 public:
  // What `cast` holds must outlive the gates. kNotFound for a character that is not of it.
  [[nodiscard]] static Result<Gates> make(const persona::Cast& cast, std::string_view character,
                                          const GateOptions& options);

  // The first gate that `made` falls at, alone; an empty one where it passes them all.
  [[nodiscard]] Refusal judge(const Made& made) const;

  [[nodiscard]] Gated judge_all(std::span<const Made> made) const;

 private:
  Gates(const persona::Character& character, const persona::World& world,
        signs::Strangers strangers, const GateOptions& options);

  const persona::Character& character_;
  const persona::World& world_;
  signs::Strangers strangers_;
  KnownRuns life_;
  GateOptions options_;
};

// Counts, and at most `examples` refusals of each gate.
[[nodiscard]] text::JsonObject json_of(const Gated& gated, std::size_t examples = 3);

}  // namespace dramatis::dataset
