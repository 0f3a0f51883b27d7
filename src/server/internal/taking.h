// A turn that somebody wishes for -> the turn as it was stored, or what the client is told
// instead: quotas, the table of turns under way, and the model's account around dialogue's verbs.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "base/ids.h"
#include "dialogue/conversation.h"
#include "lm/language_model.h"
#include "server/api.h"
#include "server/problem.h"
#include "server/turns_underway.h"

namespace dramatis::server::internal {

enum class Verb { kSay, kGreet, kAgain };

struct Wish {
  Verb verb = Verb::kSay;
  dialogue::Pair pair{};
  std::optional<ConversationId> conversation{};  // nothing: the pair's current one
  std::string message{};                         // kSay; judged already
  std::string key{};                             // the client's, for kSay
  std::optional<std::uint64_t> seed{};
  TurnId id{};                     // that it will have, or (kAgain) has
  std::function<void()> thinks{};  // called once, where the NPC begins with private thoughts
};

// An id for a turn that is not there yet.
[[nodiscard]] Result<TurnId> draw_turn_id();

// Takes the turn that `turn` stands for in the table, and ends it there. Words go to `sink` and
// into the table; turn.cancel() stops it.
[[nodiscard]] tl::expected<dialogue::Turn, Failure> take(const Api& api, const Identity& who,
                                                         const Wish& wish, TurnUnderway& turn,
                                                         lm::TextSink& sink);

// `error` for a client that waited for words of `npc`: where no model answers, with a line that the
// NPC says instead, for the client to show. Nothing of it is stored.
[[nodiscard]] Failure failure_of(const Error& error, NpcId npc, std::string_view message,
                                 const Api& api);

}  // namespace dramatis::server::internal
