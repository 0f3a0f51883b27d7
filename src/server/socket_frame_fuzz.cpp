// Bytes -> messages of a WebSocket, one for each line, to a talk whose turns are taken at once;
// every answer is one JSON object with a type and an id.
#include <cstdint>

#include "base/check.h"
#include "server/limits.h"
#include "server/socket_talk.h"

namespace {

using namespace dramatis;  // NOLINT: a program of its own

class KeptLink final : public server::SocketLink {
 public:
  server::Reader send(std::string text) override {
    const auto frame = text::parse_json(text);
    DRAMATIS_CHECK(frame.has_value());
    DRAMATIS_CHECK(frame->find("type") != nullptr && frame->find("type")->as_string() != nullptr);
    DRAMATIS_CHECK(frame->find("id") != nullptr && frame->find("id")->as_string() != nullptr);
    DRAMATIS_CHECK(text.find_first_of("\r\n") == text.npos);
    return server::Reader::kThere;
  }
  void close(server::CloseCode, std::string_view) override {}
  server::Taken give(std::function<void()> job) override {
    job();
    return server::Taken::kYes;
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const server::TalkHost host{
      .take_turn = [](const server::SayFrame& frame, lm::TextSink& sink,
                      const std::stop_token&) -> tl::expected<text::JsonObject, text::JsonObject> {
        DRAMATIS_CHECK(!frame.id.empty() && frame.id.size() <= server::kMaxFrameIdBytes);
        DRAMATIS_CHECK(frame.conversation_id.empty() ==
                       !(frame.npc_id.empty() || frame.user_id.empty()));
        static_cast<void>(sink.write(frame.message));
        return text::JsonObject{{"reply", frame.message}};
      },
      .may_stay = [] { return server::Stay::kYes; }};
  const auto talk = std::make_shared<server::SocketTalk>(std::make_shared<KeptLink>(), host);
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view line = bytes.substr(0, end);
    talk->hear(line);
    bytes = end == bytes.npos ? std::string_view() : bytes.substr(end + 1);
  }
  talk->leave();
  return 0;
}
