// Text messages of a WebSocket <-> what they mean. Knows no socket and no room.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "text/json.h"

namespace dramatis::server {

// A player speaks. The ids are as they came, not yet judged.
struct SayFrame {
  std::string id{};               // the client's own word for this turn
  std::string conversation_id{};  // or, for the current conversation of a pair:
  std::string npc_id{};
  std::string user_id{};
  std::string message{};
  std::string key{};  // against doing it twice; may be empty
};

// The turn with this id is not wanted any more.
struct CancelFrame {
  std::string id{};
};

// The player is writing; nothing has to be done about it.
struct TypingFrame {};

using ClientFrame = std::variant<SayFrame, CancelFrame, TypingFrame>;

// The id of a message that parse_frame() refuses, where it can be seen; or empty.
[[nodiscard]] std::string frame_id(std::string_view text);

// Errors: kInvalidArgument naming what is wrong, kOverBudget.
[[nodiscard]] Result<ClientFrame> parse_frame(std::string_view text);

// {"type": type, "id": id, ...more}
[[nodiscard]] std::string print_frame(std::string_view type, std::string_view id,
                                      text::JsonObject more = {});

}  // namespace dramatis::server
