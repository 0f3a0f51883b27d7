// A talk of NPCs: who takes part, what was said aloud, and who speaks next.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"

namespace dramatis::arena {

enum class TalkId : std::uint64_t {};  // a talk of NPCs

// "talk_0f3c...".
[[nodiscard]] std::string print_id(TalkId id);
[[nodiscard]] std::optional<TalkId> parse_talk_id(std::string_view text);

// Who speaks next.
enum class Order {
  kRoundRobin,  // one after another, in the order in which they were named at the start
  kNamed,       // by a list that begins again at its end
  kNatural,     // whom the last line names first; else who has been silent longest
};

// "round-robin", "named", "natural".
[[nodiscard]] std::string_view print(Order order);
[[nodiscard]] Result<Order> parse_order(std::string_view text);

// An NPC of a talk. To it, the others are one player: the other NPC's own where two talk, and the
// company where more do.
struct Participant {
  NpcId npc{};
  std::string name{};        // "Orlando Marlo"
  std::string short_name{};  // "Orlando"; may be the same
  UserId hears{};            // the player whose messages are the others' lines
  ConversationId conversation{};

  friend bool operator==(const Participant&, const Participant&) = default;
};

// What one of them said aloud. Thoughts are in no line.
struct Line {
  std::size_t speaker = 0;  // its place among the participants
  std::string text{};
  TurnId turn{};                      // of the speaker's conversation; its thoughts are there
  Instant at{};                       // when it was said
  std::chrono::milliseconds took{0};  // as long as the model worked

  friend bool operator==(const Line&, const Line&) = default;
};

struct Talk {
  TalkId id{};
  std::vector<Participant> participants{};
  std::string opening{};  // what the first speaker hears, from none of them; empty: it greets
  Order order = Order::kRoundRobin;
  std::vector<std::size_t> named{};  // kNamed: places among the participants
  std::uint64_t seed = 0;            // line n is drawn with seed + n
  Instant started{};
  std::vector<Line> lines{};  // oldest first

  friend bool operator==(const Talk&, const Talk&) = default;
};

// The place of whoever speaks next: never who spoke last, whatever a list says.
[[nodiscard]] std::size_t next_speaker(const Talk& talk);

// What `speaker` hears before its next line: all that the others said since it last spoke, the
// newest where they do not fit into one message. Of two, the words alone; of more, a line for each
// with its speaker's name. The opening for the first line of all; empty where nobody has spoken.
[[nodiscard]] std::string heard_by(const Talk& talk, std::size_t speaker);

}  // namespace dramatis::arena
