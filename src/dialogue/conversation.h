// A thread of turns between an NPC and a player, and what is known of each.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "dialogue/npc.h"
#include "lm/language_model.h"
#include "prompt/compose.h"

namespace dramatis::dialogue {

struct Conversation {
  ConversationId id{};
  Pair pair{};
  std::string title{};    // for lists; may be empty
  prompt::Scene scene{};  // a field that is set goes before the NPC's and the player's own
  std::string note{};     // the director's, told to the model and to no player
  std::optional<TurnId>
      branched_after{};  // a turn of another conversation, of which this is another end
  Instant started{};

  friend bool operator==(const Conversation&, const Conversation&) = default;
};

// A line of the author's that the model was shown for a reply.
struct ExampleUsed {
  std::string topic{};
  std::string player{};
  std::string npc{};
  double relevance = 0;

  friend bool operator==(const ExampleUsed&, const ExampleUsed&) = default;
};

// How a reply came about: enough to tell an owner why, and to make it again.
struct Account {
  std::string model{};  // the name that it has in Models, or under which it told its name
  std::vector<lm::AdapterUsed> adapters{};
  lm::Sampling how{};  // as it was asked for, the seed that was used included; no deadline
  lm::StopReason why = lm::StopReason::kEndOfTurn;
  lm::Origin origin = lm::Origin::kOwn;
  std::size_t prompt_tokens = 0;
  std::size_t cached_tokens = 0;
  std::size_t computed_tokens = 0;
  std::size_t generated_tokens = 0;
  std::chrono::nanoseconds first_word{0};
  std::chrono::nanoseconds total{0};
  std::vector<prompt::Section> sections{};
  std::vector<ExampleUsed> examples{};
  std::string prompt_digest{};  // SHA-256 of the prompt's messages, in hexadecimal digits

  friend bool operator==(const Account&, const Account&) = default;
};

// One of the replies that a message got.
struct Alternative {
  std::string reply{};               // what the player saw
  std::string thoughts{};            // what nobody saw; may be empty
  std::optional<Account> account{};  // nothing: no model was asked (a greeting, an edit, an import)
  Instant at{};

  friend bool operator==(const Alternative&, const Alternative&) = default;
};

// A message and its reply. Stored whole or not at all.
struct Turn {
  TurnId id{};
  ConversationId conversation{};
  Pair pair{};
  std::optional<std::string> message{};  // nothing: the NPC spoke first
  Alternative spoken{};                  // the reply that counts
  std::size_t chosen = 0;                // its place among the alternatives
  std::size_t alternatives = 1;          // how many there are
  std::string key{};                     // the client's, against doing it twice; may be empty

  friend bool operator==(const Turn&, const Turn&) = default;
};

}  // namespace dramatis::dialogue
