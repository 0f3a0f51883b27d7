// What is kept between turns, behind one port. store/ implements it on disk, dialogue/testing in
// memory.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"

namespace dramatis::dialogue {

struct User {
  UserId id{};
  std::string name{};  // one player's alone
  Instant registered{};

  friend bool operator==(const User&, const User&) = default;
};

// How an NPC is made and how it behaves. Either `character` or `character_description` is set.
struct NpcSettings {
  std::string character{};               // id of a character of the cast
  std::string world_description{};       // in plain words; may be empty
  std::string character_description{};   // in plain words
  std::string scene{};                   // where and when; may be empty
  std::size_t history_size = 10;         // messages of both that the NPC sees again; 0: none
  std::optional<bool> has_scratchpad{};  // nothing: as the sheet says; in plain words: no
  double temperature = 0.6;              // larger: bolder. [0, 5]
  int max_tokens = 200;                  // the reply's, thoughts included

  friend bool operator==(const NpcSettings&, const NpcSettings&) = default;
};

struct Npc {
  NpcId id{};
  NpcSettings settings{};
  Instant registered{};

  friend bool operator==(const Npc&, const Npc&) = default;
};

// Whose conversation it is.
struct Pair {
  NpcId npc{};
  UserId user{};

  friend auto operator<=>(const Pair&, const Pair&) = default;
};

// A message and its reply. Stored whole or not at all.
struct Turn {
  TurnId id{};
  Pair pair{};
  std::optional<std::string> message{};  // nothing: the NPC spoke first
  std::string reply{};                   // what the player saw
  std::string thoughts{};                // what nobody saw; may be empty
  std::string key{};                     // the client's, against doing it twice; may be empty
  Instant at{};

  friend bool operator==(const Turn&, const Turn&) = default;
};

// Thread-safe. Every change is whole and lasting when the call returns. An id that nobody has is
// kUserNotFound or kNpcNotFound, and `what` holds it; a store that cannot answer is kUnavailable.
class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  // Adds a user under `name`, or under the first free of name_1, name_2, ... kConflict for a taken
  // id, kOverBudget past kMaxNamesakes.
  [[nodiscard]] virtual Result<User> add_user(const User& user) = 0;
  [[nodiscard]] virtual Result<User> find_user(UserId id) const = 0;
  // kUserNotFound where nobody has this name.
  [[nodiscard]] virtual Result<User> find_user_named(std::string_view name) const = 0;
  // In the order of registration.
  [[nodiscard]] virtual Result<std::vector<User>> list_users() const = 0;
  // With all turns.
  [[nodiscard]] virtual Status remove_user(UserId id) = 0;

  // kConflict for a taken id.
  [[nodiscard]] virtual Status add_npc(const Npc& npc) = 0;
  [[nodiscard]] virtual Result<Npc> find_npc(NpcId id) const = 0;
  // In the order of registration.
  [[nodiscard]] virtual Result<std::vector<Npc>> list_npcs() const = 0;
  // With all turns.
  [[nodiscard]] virtual Status remove_npc(NpcId id) = 0;

  // The newest `count` turns, oldest first.
  [[nodiscard]] virtual Result<std::vector<Turn>> newest_turns(Pair pair,
                                                               std::size_t count) const = 0;
  // The turn which a client stored under this key, or nothing.
  [[nodiscard]] virtual Result<std::optional<Turn>> find_turn(Pair pair,
                                                              std::string_view key) const = 0;
  // Appends. kConflict for a taken id or a key of the pair that was used before.
  [[nodiscard]] virtual Status add_turn(const Turn& turn) = 0;
  // Puts `turn` in the place of the pair's newest, which has the id `old`; kConflict where it has
  // not.
  [[nodiscard]] virtual Status replace_newest(TurnId old, const Turn& turn) = 0;
  // Takes the pair's newest turn away; nothing where there is none.
  [[nodiscard]] virtual Result<std::optional<Turn>> remove_newest(Pair pair) = 0;
  // Forgets all turns of the pair, and says how many there were.
  [[nodiscard]] virtual Result<std::size_t> remove_turns(Pair pair) = 0;
};

// The errors that every store and caller gives alike.
[[nodiscard]] Error no_such(NpcId id);
[[nodiscard]] Error no_such(UserId id);

}  // namespace dramatis::dialogue
