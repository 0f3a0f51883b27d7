// The names under which foreign clients find what can answer: the models themselves, and NPCs as
// "npc/<id or name>".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dialogue/ports.h"
#include "dialogue/store.h"
#include "persona/cast.h"
#include "persona/character.h"
#include "server/dialect_fault.h"

namespace dramatis::server {

// The sheets of somebody who speaks. Borrows from the cast, which outlives it, or holds them.
class Sheet {
 public:
  explicit Sheet(const persona::Cast& cast, const persona::Member& member)
      : world_(cast.find_world(member.sheet.world)), character_(&member.sheet) {}
  explicit Sheet(persona::Sheets described) : described_(std::move(described)) {}

  [[nodiscard]] const persona::World& world() const { return world_ ? *world_ : described_.world; }
  [[nodiscard]] const persona::Character& character() const {
    return character_ ? *character_ : described_.character;
  }

 private:
  persona::Sheets described_{};
  const persona::World* world_ = nullptr;
  const persona::Character* character_ = nullptr;
};

// An NPC that is registered, or a character of the cast that nobody has registered yet: it has an
// NPC's usual settings and can be talked to, but no turn of it can be stored.
struct Actor {
  std::optional<dialogue::Npc> npc{};
  dialogue::NpcSettings settings{};
  Sheet sheet;
};

// Who answers to a name.
struct Named {
  std::string name{};                               // as it is listed
  const dialogue::ServingModel* serving = nullptr;  // whose words it has; never null
  std::optional<Actor> actor{};                     // nothing: the model itself, in no role
};

// A name that a client may use.
struct Listed {
  std::string name{};
  std::string title{};  // for people: "Ida Fenn"
  Instant since{};
};

// Names, short names and ids of characters are compared without regard to ASCII case; a trailing
// ":latest" is no part of them. Of several NPCs of one name the one registered first answers; NPCs
// come before the cast. An empty name is the first model's. Errors: kNotFound telling where the
// names are listed.
[[nodiscard]] Judged<Named> find_model(std::string_view name, const dialogue::Ports& with);

// One of the list, by a name as a path holds it ("npc/Ida%20Fenn"). Errors: as of find_model.
[[nodiscard]] Judged<Listed> find_listed(std::string_view escaped, const dialogue::Ports& with);

// NPCs of the list alone, and what they are called.
[[nodiscard]] Judged<std::vector<Listed>> list_npc_names(const dialogue::Ports& with);
// The models first, then NPCs in the order of registration (by name where it leads to them, else by
// id), then characters of the cast that no NPC plays.
[[nodiscard]] Judged<std::vector<Listed>> list_names(const dialogue::Ports& with);

}  // namespace dramatis::server
