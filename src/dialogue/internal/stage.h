// A pair of ids -> the two who speak, and the sheets of the one.
#pragma once

#include <optional>

#include "base/result.h"
#include "dialogue/ports.h"
#include "dialogue/store.h"
#include "persona/character.h"

namespace dramatis::dialogue::internal {

// Who speaks with whom. Borrows from the cast, which outlives it.
class Stage {
 public:
  [[nodiscard]] static Result<Stage> set(Pair pair, const Ports& with);

  [[nodiscard]] const Npc& npc() const { return npc_; }
  [[nodiscard]] const User& user() const { return user_; }
  [[nodiscard]] const persona::World& world() const { return world_ ? *world_ : described_.world; }
  [[nodiscard]] const persona::Character& character() const {
    return character_ ? *character_ : described_.character;
  }
  [[nodiscard]] prompt::Thoughts thoughts() const;

 private:
  Npc npc_;
  User user_;
  persona::Sheets described_;                      // of an NPC in plain words
  const persona::World* world_ = nullptr;          // of one of the cast
  const persona::Character* character_ = nullptr;  // likewise
};

}  // namespace dramatis::dialogue::internal
