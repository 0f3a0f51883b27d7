// The conversation to which a turn belongs, whether it was begun yet or not.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "dialogue/conversation.h"
#include "dialogue/store.h"

namespace dramatis::dialogue::internal {

// One thread at a time.
class Thread {
 public:
  // The conversation `id`, or the pair's current one, or a new one that is not stored yet; with its
  // newest `count` turns.
  [[nodiscard]] static Result<Thread> find(Pair pair, std::optional<ConversationId> id,
                                           std::size_t count, Instant now, const Store& store);

  [[nodiscard]] const Conversation& conversation() const { return conversation_; }
  // Oldest first.
  [[nodiscard]] const std::vector<Turn>& turns() const { return turns_; }
  // Stores the next turn, and the conversation with its first.
  [[nodiscard]] Status keep(const Turn& turn, Store& store) const;

 private:
  Conversation conversation_;
  std::vector<Turn> turns_;
  bool is_stored_ = true;
};

}  // namespace dramatis::dialogue::internal
