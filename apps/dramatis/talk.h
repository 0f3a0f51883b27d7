// A conversation in the terminal: lines in, replies out, and what can be done with what was said.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "dialogue/ports.h"
#include "dialogue/turn.h"
#include "persona/character.h"
#include "persona/world.h"
#include "terminal.h"

namespace dramatis::app {

// Who talks to whom, and with what. All of it outlives the talk.
struct Talk {
  dialogue::Ports ports;
  dialogue::Pair pair{};
  const persona::World& world;
  const persona::Character& character;
  std::string player;
  std::optional<std::uint64_t>
      seed{};  // of the first reply; each further one takes the next number
  Signals& signals;
  bool shows_thoughts = false;  // the scratchpad after each reply, for a person
};

// With a person at the terminal, until they leave. The exit code.
[[nodiscard]] int talk_with_person(Talk& talk, const std::filesystem::path& history);

// With a pipe: each line of standard input that is not blank gets one line on standard output, an
// empty one where the turn failed; faults go to standard error. The exit code of the first fault,
// or 0.
[[nodiscard]] int talk_with_pipe(Talk& talk);

}  // namespace dramatis::app
