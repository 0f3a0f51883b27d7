// Who speaks with whom: players, NPCs, and how an NPC behaves.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "lm/language_model.h"

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
  std::string scene{};                   // where it usually is; a conversation's own goes before it
  std::size_t history_size = 10;         // messages of both that the NPC sees again; 0: none
  std::optional<bool> has_scratchpad{};  // nothing: as the sheet says; in plain words: no
  double temperature = 0.6;              // larger: bolder. [0, 5]
  int max_tokens = 200;                  // the reply's, thoughts included
  std::string model{};                   // a name of Models; empty: the first
  std::vector<lm::AdapterChoice> adapters{};  // added to that model, in this order
  // As in lm::Sampling.
  int top_k = lm::Sampling{}.top_k;
  double top_p = lm::Sampling{}.top_p;
  double min_p = lm::Sampling{}.min_p;
  double repetition_penalty = lm::Sampling{}.repetition_penalty;
  double presence_penalty = lm::Sampling{}.presence_penalty;
  double frequency_penalty = lm::Sampling{}.frequency_penalty;

  friend bool operator==(const NpcSettings&, const NpcSettings&) = default;
};

// How the next token is drawn for such an NPC; no seed, no deadline.
[[nodiscard]] lm::Sampling sampling_of(const NpcSettings& settings);

struct Npc {
  NpcId id{};
  NpcSettings settings{};
  Instant registered{};

  friend bool operator==(const Npc&, const Npc&) = default;
};

// Who talk with each other.
struct Pair {
  NpcId npc{};
  UserId user{};

  friend auto operator<=>(const Pair&, const Pair&) = default;
};

}  // namespace dramatis::dialogue
