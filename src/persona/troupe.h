// A troupe: who might come and talk to the characters of a world.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "persona/finding.h"

namespace dramatis::persona {

// As thin as a visiting card: who asks must not recite what the character would answer.
struct Interlocutor {
  std::string name{};                 // "Brother Anselm Kettle"
  std::string role{};                 // "collector of the tithe in the southern villages"
  std::vector<std::string> manner{};  // one to three adjectives: "weary", "exact"

  friend bool operator==(const Interlocutor&, const Interlocutor&) = default;
};

struct Troupe {
  std::string world{};                        // its id
  std::vector<Interlocutor> interlocutors{};  // with different names

  friend bool operator==(const Troupe&, const Troupe&) = default;
};

// The troupe of `world` that `yaml` describes. What is wrong is appended to `found` under the name
// `file`; fewer than kFewInterlocutors are a warning. A troupe with errors comes back as far as it
// could be read.
[[nodiscard]] Troupe parse_troupe(std::string_view yaml, const std::string& file,
                                  std::string_view world, std::vector<Finding>& found);

// Below this, conversations that are made with a troupe repeat their company.
constexpr std::size_t kFewInterlocutors = 10;

}  // namespace dramatis::persona
