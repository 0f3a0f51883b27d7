// A whole cast, written or answering -> whether its members have become one: the same names, the
// same openings, the same plots.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "persona/cast.h"
#include "text/json.h"

namespace dramatis::study {

// What a character brings.
struct Presence {
  std::string character{};              // id
  std::string world{};                  // id: those of one world may know the same people
  std::vector<std::string> names{};     // its own first, then those of people around it
  std::vector<std::string> openings{};  // how its replies begin, or its greetings: whole texts
  std::vector<std::string> plots{};     // episodes
};

// Of a sheet: names, greetings and backstory.
[[nodiscard]] std::vector<Presence> presences_of(const persona::Cast& cast);

// Two characters and what they share.
struct Shared {
  std::string a{}, b{};
  std::string what{};

  friend bool operator==(const Shared&, const Shared&) = default;
};

struct Collapse {
  std::vector<Shared> names{};     // one name in two worlds
  std::vector<Shared> openings{};  // texts that begin with the same kOpeningWords words
  std::vector<Shared> plots{};     // episodes that share more than kSamePlot of their words,
                                   // and that do not name each other
  double distinct_openings = 1;    // different openings among all
};

constexpr std::size_t kOpeningWords = 4;
// Two episodes of the cast share a fifth of their words at most; a copy with other names, over
// half.
constexpr double kSamePlot = 0.45;

[[nodiscard]] Collapse find_collapse(const std::vector<Presence>& cast);

[[nodiscard]] text::JsonObject json_of(const Collapse& collapse);

}  // namespace dramatis::study
