// A request -> the two who speak, the sheets of the one and the model that speaks for it.
#pragma once

#include <optional>

#include "base/result.h"
#include "dialogue/ports.h"
#include "dialogue/reply.h"
#include "dialogue/store.h"
#include "persona/character.h"

namespace dramatis::dialogue::internal {

// Who speaks with whom. Borrows from the cast and the models, which outlive it.
class Stage {
 public:
  [[nodiscard]] static Result<Stage> set(Pair pair, const Ports& with);

  [[nodiscard]] const Npc& npc() const { return npc_; }
  [[nodiscard]] const User& user() const { return user_; }
  [[nodiscard]] const persona::World& world() const { return world_ ? *world_ : described_.world; }
  [[nodiscard]] const persona::Character& character() const {
    return character_ ? *character_ : described_.character;
  }
  [[nodiscard]] const ServingModel& serving() const { return *serving_; }
  // Borrows from the stage, and from `conversation`, whose scene goes before the NPC's own.
  [[nodiscard]] Speaker speaker(const Conversation& conversation) const&;
  Speaker speaker(const Conversation& conversation) && = delete;

 private:
  Npc npc_;
  User user_;
  persona::Sheets described_;                      // of an NPC in plain words
  const persona::World* world_ = nullptr;          // of one of the cast
  const persona::Character* character_ = nullptr;  // likewise
  const ServingModel* serving_ = nullptr;
};

}  // namespace dramatis::dialogue::internal
