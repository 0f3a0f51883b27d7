// Several conversations on one WebSocket: messages in; started, thinking, text, done and error out.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>

#include <tl/expected.hpp>

#include "lm/language_model.h"
#include "server/socket_frames.h"
#include "server/socket_peer.h"
#include "text/json.h"

namespace dramatis::server {

// What a talk needs of the service. Called from workers.
struct TalkHost {
  // A turn, whose words go to the sink; the members of `done`, or of the problem.
  std::function<tl::expected<text::JsonObject, text::JsonObject>(const SayFrame&, lm::TextSink&,
                                                                 const std::stop_token&)>
      take_turn{};
  // Whether the caller may still be here.
  std::function<Stay()> may_stay{};
};

// Thread-safe.
class SocketTalk final : public SocketPeer, public std::enable_shared_from_this<SocketTalk> {
 public:
  SocketTalk(std::shared_ptr<SocketLink> link, TalkHost host);

  // Every message is answered under its id; but a cancel, whose turn ends with an error, and
  // typing. While a conversation's turn is under way, another to it is refused as a conflict.
  void hear(std::string_view text) override;
  // All turns under way are cancelled.
  void leave() override;
  [[nodiscard]] Stay may_stay() override { return host_.may_stay(); }

 private:
  struct Underway {
    std::string to{};  // which conversation
    std::stop_source stop{};
  };

  void say(SayFrame frame);
  void cancel(const CancelFrame& frame);
  void take_turn(const SayFrame& frame, const std::stop_token& stop);
  void send_error(std::string_view id, const Error& error);
  void forget(const std::string& id);

  // Held by the socket as well; the last of the two lets it go.
  const std::shared_ptr<SocketLink> link_;
  const TalkHost host_;
  std::mutex mutex_;
  std::map<std::string, Underway> turns_;  // guarded by mutex_; by the client's ids
};

}  // namespace dramatis::server
