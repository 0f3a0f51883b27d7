// Turns that were put off, as servers on one database tell each other of them: which are under way,
// which failed, and which are not wanted any more.
#pragma once

#include <memory>
#include <optional>

#include "accounts/notices.h"
#include "base/clock.h"
#include "base/ids.h"
#include "dialogue/npc.h"
#include "server/problem.h"

namespace dramatis::server {

// Thread-safe.
class TurnsElsewhere {
 public:
  // Both outlive it. Null: there are no other servers, and all of this does nothing.
  TurnsElsewhere(accounts::Notices* notices, const Clock& clock)
      : notices_(notices), clock_(clock) {}

  // This server takes the turn, until `until` at the latest.
  void begin(TurnId id, dialogue::Pair pair, Instant until) const;
  // It was stored.
  void finish(TurnId id) const;
  // It failed, which is remembered for kTurnKeptTime.
  void finish(TurnId id, dialogue::Pair pair, const Failure& failed) const;
  // Whether somebody asked another server to stop it. Errors count as no.
  [[nodiscard]] bool is_cancelled(TurnId id) const;

  // What another server tells of a turn.
  struct Told {
    dialogue::Pair pair{};
    std::optional<text::JsonObject> problem{};  // it failed; nothing: it is under way
    Instant until{};
  };
  // Nothing where no server tells of it. Errors: those of the notices.
  [[nodiscard]] Result<std::optional<Told>> find(TurnId id) const;
  // Its server is asked to stop it.
  [[nodiscard]] Status cancel(TurnId id, const Told& told) const;

 private:
  accounts::Notices* const notices_;
  const Clock& clock_;
};

}  // namespace dramatis::server
