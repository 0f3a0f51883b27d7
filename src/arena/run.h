// NPCs talk with each other, each seeing the others as a player: begun, one line, many lines.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "arena/store.h"
#include "arena/talk.h"
#include "base/result.h"
#include "dialogue/conversation.h"
#include "dialogue/ports.h"
#include "lm/language_model.h"

namespace dramatis::arena {

// Both outlive the calls.
struct Ports {
  const dialogue::Ports& service;  // of players and NPCs
  Store& talks;
};

// A talk that somebody wants to begin.
struct Beginning {
  std::vector<NpcId> npcs{};                    // at least two, none twice; the first begins
  std::string opening = "Hello! Who are you?";  // what the first hears; blank: it greets
  prompt::Scene scene{};                        // the same for all; who the other is, is filled in
  std::string note{};                           // the director's, to all
  Order order = Order::kRoundRobin;
  std::vector<std::size_t> named{};     // kNamed: places among `npcs`
  std::optional<std::uint64_t> seed{};  // nothing: drawn
};

// Begins a new conversation for each NPC, and registers each as a player where it is none yet.
// Errors: kInvalidArgument naming what is wrong, kNpcNotFound, and those of the stores.
[[nodiscard]] Result<Talk> begin(const Beginning& beginning, const Ports& with);

// The next line, kept when the call returns. A reply that fails is an error and no line; the next
// call tries again. After a kill, a reply that was stored and not yet a line becomes one, and no
// model is asked again. Errors: kNotFound (no such talk), kOverBudget past kMaxLines, kConflict
// where somebody else runs the same talk, and those of dialogue::take_turn.
[[nodiscard]] Result<Line> run_turn(TalkId id, const Ports& with, lm::TextSink& watcher,
                                    const std::stop_token& stop = {});

// Called with the speaker before each line, and with the line after it.
struct Watch {
  std::function<void(const Participant& speaker)> begins{};
  std::function<void(const Participant& speaker, const Line& line)> ends{};
};

// What came of a run.
struct Run {
  Talk talk{};                     // with all its lines, earlier runs' too
  std::size_t said = 0;            // lines of this run
  std::optional<Error> failure{};  // why it ended before its time; kCancelled: it was stopped
};

// So many lines more. Stops at the first failure, and tells it.
[[nodiscard]] Result<Run> run(TalkId id, std::size_t lines, const Ports& with,
                              lm::TextSink& watcher, const Watch& watch = {},
                              const std::stop_token& stop = {});

}  // namespace dramatis::arena
