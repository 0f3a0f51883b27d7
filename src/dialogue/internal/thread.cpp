// A conversation is begun by its first turn, in the same transaction.
#include "dialogue/internal/thread.h"

#include <algorithm>

#include "base/random.h"

namespace dramatis::dialogue::internal {

Result<Thread> Thread::find(Pair pair, std::optional<ConversationId> id, std::size_t count,
                            Instant now, const Store& store) {
  Thread thread;
  std::optional<Conversation> found;
  if (id) {
    DRAMATIS_TRY(found, store.find_conversation(*id));
  } else {
    DRAMATIS_TRY(found, store.current_conversation(pair));
  }
  if (!found) {
    DRAMATIS_TRY(const std::uint64_t drawn, random_u64());
    thread.conversation_ = {.id = ConversationId{drawn}, .pair = pair, .started = now};
    thread.is_stored_ = false;
    return thread;
  }
  thread.conversation_ = *std::move(found);
  // One at least: the next turn follows it, or another server spoke in between.
  DRAMATIS_TRY(thread.turns_,
               store.newest_turns(thread.conversation_.id, std::max<std::size_t>(1, count)));
  return thread;
}

Status Thread::keep(const Turn& turn, Store& store) const {
  if (!is_stored_) return store.begin(conversation_, {&turn, 1});
  return store.add_turn(turn, turns_.empty() ? std::nullopt : std::optional(turns_.back().id));
}

}  // namespace dramatis::dialogue::internal
