// What is wrong with a sheet, where, and how to mend it.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace dramatis::persona {

enum class Severity { kWarning, kError };

// One fault of one file.
struct Finding {
  std::string file{};   // as the reader was given it
  int line = 0;         // from 1; 0: the file as a whole
  std::string field{};  // "backstory[2].episode"; empty: the file as a whole
  Severity severity = Severity::kError;
  std::string what{};        // a sentence
  std::string suggestion{};  // how to mend it; may be empty

  friend bool operator==(const Finding&, const Finding&) = default;
};

// "luminaria/orlando-marlo.yaml:12: error: field: what (suggestion)".
[[nodiscard]] std::string print(const Finding& finding);

// Nothing where `found` holds no error; else kInvalidArgument with the first one and how many
// follow.
[[nodiscard]] Status judge(const std::vector<Finding>& found);

}  // namespace dramatis::persona
