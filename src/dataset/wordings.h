// A cast -> its topics, each with the ways in which players ask for it.
#pragma once

#include <string>
#include <vector>

#include "persona/cast.h"

namespace dramatis::dataset {

struct Wordings {
  std::string character{};           // id
  std::string topic{};               // the question behind the question
  std::vector<std::string> lines{};  // different ones; each can be understood by itself

  friend bool operator==(const Wordings&, const Wordings&) = default;
};

// From the players' lines of the dialogues and from each member's own wordings, in the order in
// which topics are first met. Any two lines of a group mean the same, lines of two groups of one
// character do not.
[[nodiscard]] std::vector<Wordings> wordings(const persona::Cast& cast);

}  // namespace dramatis::dataset
