// {"type":"say","id":"1","npc_id":"...","user_id":"...","message":"Hello"}
#include "server/socket_frames.h"

#include <fmt/format.h>

#include "server/fields.h"
#include "server/limits.h"
#include "text/utterance.h"

namespace dramatis::server {
namespace {

Result<std::string> take_id(Fields& fields) {
  std::string id = fields.required_text("id");
  if (id.size() > kMaxFrameIdBytes || text::printable(id) != id) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("id is a line of at most {} bytes.", kMaxFrameIdBytes));
  }
  return id;
}

Result<ClientFrame> take_say(Fields& fields) {
  SayFrame say;
  DRAMATIS_TRY(say.id, take_id(fields));
  say.conversation_id = fields.text("conversation_id").value_or("");
  say.npc_id = fields.text("npc_id").value_or("");
  say.user_id = fields.text("user_id").value_or("");
  say.message = fields.required_text("message");
  say.key = fields.text("key").value_or("");
  DRAMATIS_DO(fields.judge());
  if (say.id.empty()) return fail(ErrorCode::kInvalidArgument, "id is empty.");
  const bool pair = !say.npc_id.empty() && !say.user_id.empty();
  if (say.conversation_id.empty() != pair || (!pair && !(say.npc_id + say.user_id).empty())) {
    return fail(ErrorCode::kInvalidArgument,
                "Say to whom: either conversation_id, or npc_id and user_id.");
  }
  return say;
}

}  // namespace

std::string frame_id(std::string_view text) {
  const auto frame = text::parse_json(text, kMaxSocketMessageBytes);
  const text::Json* id = frame ? frame->find("id") : nullptr;
  const std::string* words = id == nullptr ? nullptr : id->as_string();
  return words == nullptr || words->size() > kMaxFrameIdBytes ? std::string() : *words;
}

Result<ClientFrame> parse_frame(std::string_view text) {
  DRAMATIS_TRY(Fields fields, Fields::read(text));
  const std::string type = fields.required_text("type");
  if (type == "say") return take_say(fields);
  if (type == "cancel") {
    CancelFrame cancel;
    DRAMATIS_TRY(cancel.id, take_id(fields));
    DRAMATIS_DO(fields.judge());
    return cancel;
  }
  if (type == "typing") {
    for (const char* to : {"conversation_id", "npc_id", "user_id", "id"})
      static_cast<void>(fields.text(to));
    DRAMATIS_DO(fields.judge());
    return TypingFrame{};
  }
  return fail(ErrorCode::kInvalidArgument, "type is one of say, cancel and typing.");
}

std::string print_frame(std::string_view type, std::string_view id, text::JsonObject more) {
  text::JsonObject frame{{"type", type}, {"id", id}};
  for (auto& member : more) frame.push_back(std::move(member));
  return text::print_json(frame);
}

}  // namespace dramatis::server
