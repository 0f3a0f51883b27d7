// A table of turns under way, and a job for each.
#include "server/socket_talk.h"

#include <algorithm>
#include <utility>

#include "server/limits.h"
#include "server/problem.h"

namespace dramatis::server {
namespace {

// Words as they come.
class FrameSink final : public lm::TextSink {
 public:
  FrameSink(SocketLink& link, std::string_view id) : link_(link), id_(id) {}
  [[nodiscard]] lm::Go write(std::string_view words) override {
    const Reader reader = link_.send(print_frame("text", id_, {{"text", words}}));
    return reader == Reader::kThere ? lm::Go::kOn : lm::Go::kStop;
  }

 private:
  SocketLink& link_;
  std::string_view id_;  // of the frame, which outlives the turn
};

std::string to_whom(const SayFrame& frame) {
  return frame.conversation_id.empty() ? frame.npc_id + " " + frame.user_id : frame.conversation_id;
}

}  // namespace

SocketTalk::SocketTalk(std::shared_ptr<SocketLink> link, TalkHost host)
    : link_(std::move(link)), host_(std::move(host)) {}

void SocketTalk::hear(std::string_view text) {
  auto frame = parse_frame(text);
  if (!frame) return send_error(frame_id(text), frame.error());
  if (auto* said = std::get_if<SayFrame>(&*frame)) return say(std::move(*said));
  if (const auto* cancelled = std::get_if<CancelFrame>(&*frame)) cancel(*cancelled);
}

void SocketTalk::say(SayFrame frame) {
  const std::string id = frame.id;
  const std::string to = to_whom(frame);
  std::stop_source stop;
  std::optional<Error> refused;
  {
    const std::lock_guard lock(mutex_);
    const bool busy =
        std::ranges::any_of(turns_, [&to](const auto& entry) { return entry.second.to == to; });
    if (turns_.contains(id)) {
      refused = Error{ErrorCode::kConflict, "A turn with this id is under way on this socket."};
    } else if (busy) {
      refused = Error{ErrorCode::kConflict, "The NPC is still answering in this conversation."};
    } else if (turns_.size() >= kMaxSocketTurns) {
      refused = Error{ErrorCode::kUnavailable, ""};
    } else {
      turns_[id] = {.to = to, .stop = stop};
    }
  }
  if (refused) return send_error(id, *refused);
  const Taken taken = link_->give([self = shared_from_this(), frame = std::move(frame),
                                   token = stop.get_token()] { self->take_turn(frame, token); });
  if (taken == Taken::kYes) return;
  forget(id);
  send_error(id, {ErrorCode::kUnavailable, ""});
}

void SocketTalk::take_turn(const SayFrame& frame, const std::stop_token& stop) {
  link_->send(print_frame("started", frame.id));
  std::string last;
  try {
    link_->send(print_frame("thinking", frame.id));
    FrameSink sink(*link_, frame.id);
    auto taken = host_.take_turn(frame, sink, stop);
    last = taken ? print_frame("done", frame.id, *std::move(taken))
                 : print_frame("error", frame.id, std::move(taken).error());
  } catch (const std::exception&) {
    // Of a library, or bad_alloc: the caller learns that it was our fault, and no more.
    const auto ours = problem_json({ErrorCode::kInternal, {}});
    last = print_frame("error", frame.id, *ours.as_object());
  }
  // Forgotten first: whoever hears the end may speak at once.
  forget(frame.id);
  link_->send(std::move(last));
}

void SocketTalk::cancel(const CancelFrame& frame) {
  std::stop_source stop(std::nostopstate);
  {
    const std::lock_guard lock(mutex_);
    const auto found = turns_.find(frame.id);
    if (found != turns_.end()) stop = found->second.stop;
  }
  if (!stop.stop_possible())
    return send_error(frame.id, {ErrorCode::kNotFound, "No turn with this id is under way here."});
  stop.request_stop();
}

void SocketTalk::leave() {
  std::map<std::string, Underway> left;
  {
    const std::lock_guard lock(mutex_);
    left = turns_;
  }
  for (auto& [id, turn] : left) turn.stop.request_stop();
}

void SocketTalk::send_error(std::string_view id, const Error& error) {
  const auto problem = problem_json(error);
  link_->send(print_frame("error", id, *problem.as_object()));
}

void SocketTalk::forget(const std::string& id) {
  const std::lock_guard lock(mutex_);
  turns_.erase(id);
}

}  // namespace dramatis::server
