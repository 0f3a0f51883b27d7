// A line of a run's log <-> what it tells. What trains writes it, and whatever shows runs reads it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "text/json.h"

namespace dramatis::runs {

// What is going to happen. The first line.
struct Begin {
  std::string name{};
  std::string method{};  // "full", "lora", "dpo"
  std::string base{};    // as the recipe names it
  std::string digest{};  // of recipe, base and lessons
  std::size_t updates = 0;
  std::size_t epochs = 0;
  std::size_t lessons = 0;
  std::size_t held_out = 0;  // likewise, measured and never learnt
  bool recomputes = false;   // whether passes compute their layers again on the way back
  std::string memory{};      // what they keep, in words, and why

  friend bool operator==(const Begin&, const Begin&) = default;
};

struct Update {
  std::size_t update = 0;  // from 1 on
  std::size_t epoch = 0;   // likewise
  double loss = 0;         // of its batch
  double rate = 0;
  double gradient = 0;  // its length
  double tokens_per_second = 0;

  friend bool operator==(const Update&, const Update&) = default;
};

// An answer to one of the same few questions.
struct Sample {
  std::string question{};
  std::string reply{};
  bool ended = false;  // by itself, before the limit

  friend bool operator==(const Sample&, const Sample&) = default;
};

// After so many updates; 0: of the base.
struct Evaluation {
  std::size_t update = 0;
  std::size_t epoch = 0;
  double loss = 0;  // of what is held out
  bool is_best = false;
  std::vector<Sample> samples{};
  std::optional<double> right{};  // of preferences: the share where the chosen one is likelier

  friend bool operator==(const Evaluation&, const Evaluation&) = default;
};

// Nothing more is learnt: the last line.
struct End {
  std::size_t update = 0;

  friend bool operator==(const End&, const End&) = default;
};

using Entry = std::variant<Begin, Update, Evaluation, End>;

// {"kind":"begin|update|evaluation|end","update":n,...}
[[nodiscard]] text::JsonObject json_of(const Entry& entry);
// Nothing for a line of another kind, or without the numbers that its kind has; samples past
// kMaxSamples are left out.
[[nodiscard]] std::optional<Entry> entry_of(const text::Json& line);

}  // namespace dramatis::runs
