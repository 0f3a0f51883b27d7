// A suite in YAML: who is asked how much, and which candidates answer.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dramatis::study {

// Settings that a candidate changes, by their keys in dramatis.yaml; "baseline" asks no model.
struct SuiteCandidate {
  std::string name{};
  std::map<std::string, std::string, std::less<>> settings{};

  friend bool operator==(const SuiteCandidate&, const SuiteCandidate&) = default;
};

struct Suite {
  std::string name{};
  std::vector<std::string> characters{};     // as typed; empty: as `all`
  std::size_t single = 20;                   // questions that stand alone, of each character
  std::size_t multi = 0;                     // interviews of several turns, of each
  std::size_t turns = 5;                     // questions of one such interview
  std::string questions{};                   // a file of questions; empty: made from the sheets
  std::vector<SuiteCandidate> candidates{};  // empty: what the settings say
  std::vector<std::string> fail_under{};     // "memory=5.5"

  friend bool operator==(const Suite&, const Suite&) = default;
};

// "10x5": ten interviews of five questions. Errors: kInvalidArgument.
struct MultiTurn {
  std::size_t interviews = 0, turns = 5;
};
[[nodiscard]] Result<MultiTurn> parse_multi(std::string_view text);

// docs/formats/suites.md. Errors begin with `place` and the line: kInvalidArgument naming the
// field.
[[nodiscard]] Result<Suite> parse_suite(std::string_view yaml, std::string_view place);

}  // namespace dramatis::study
