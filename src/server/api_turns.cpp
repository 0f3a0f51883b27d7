// What a model is asked for: as one answer, as events, or later.
#include <charconv>
#include <memory>
#include <stop_token>
#include <utility>

#include <fmt/format.h>

#include "base/ids.h"
#include "dialogue/turn.h"
#include "server/fields.h"
#include "server/internal/handlers.h"
#include "server/internal/ids.h"
#include "server/internal/quotas.h"
#include "server/internal/shapes.h"
#include "server/internal/taking.h"
#include "server/problem.h"
#include "server/socket_talk.h"
#include "server/turns_elsewhere.h"
#include "text/utterance.h"

namespace dramatis::server {
namespace internal {
namespace {

using text::JsonObject;

bool wants_events(const Request& request) {
  return request.header("accept").find("text/event-stream") != std::string_view::npos;
}

bool wants_it_later(const Request& request) {
  return request.header("prefer").find("respond-async") != std::string_view::npos;
}

// Passes words on as they come, for a reader of events. The first one is told which turn it is,
// where the address says that he wants to know.
class EventSink final : public lm::TextSink {
 public:
  EventSink(Answer& answer, std::string started) : answer_(answer), started_(std::move(started)) {}
  [[nodiscard]] lm::Go write(std::string_view words) override {
    begin();
    const auto reader = answer_.send_event("text", text::print_json(JsonObject{{"text", words}}));
    return reader == Reader::kThere ? lm::Go::kOn : lm::Go::kStop;
  }
  // Private thoughts come first; nobody is shown them.
  void think() {
    begin();
    answer_.send_event("thinking", "{}");
  }
  [[nodiscard]] bool begun() const { return begun_; }

 private:
  void begin() {
    if (!std::exchange(begun_, true) && !started_.empty()) answer_.send_event("started", started_);
  }

  Answer& answer_;
  const std::string started_;
  bool begun_ = false;
};

// For a reader of the whole reply.
class QuietSink final : public lm::TextSink {
 public:
  [[nodiscard]] lm::Go write(std::string_view /*words*/) override { return lm::Go::kOn; }
};

// For a reply that nobody waits for: another server may have been asked to stop it.
class HeedingSink final : public lm::TextSink {
 public:
  HeedingSink(const TurnsElsewhere& elsewhere, TurnUnderway& turn)
      : elsewhere_(elsewhere), turn_(turn) {}
  [[nodiscard]] lm::Go write(std::string_view /*words*/) override {
    // A look at the store for each word of a long reply would be many.
    constexpr int kWordsBetweenLooks = 8;
    const int n = words_++;
    const bool looks = n < kWordsBetweenLooks || n % kWordsBetweenLooks == 0;
    if (looks && elsewhere_.is_cancelled(turn_.id())) turn_.cancel();
    return turn_.stop().stop_requested() ? lm::Go::kStop : lm::Go::kOn;
  }

 private:
  const TurnsElsewhere& elsewhere_;
  TurnUnderway& turn_;
  int words_ = 0;
};

// How a turn is shown at this address.
enum class Shown { kSpoken, kWhole };

JsonObject shown_json(const dialogue::Turn& turn, Shown shown, const Identity& who) {
  return shown == Shown::kSpoken ? spoken_json(turn) : turn_json(turn, who);
}

void answer_now(const Api& api, const Call& call, const Wish& wish, Shown shown, Answer& answer) {
  auto underway = api.underway.begin(wish.id, wish.pair);
  if (!underway)
    return answer.respond(
        response_of(failure_of(underway.error(), wish.pair.npc, wish.message, api)));
  TurnUnderway& turn = **underway;
  const std::stop_callback leaving(answer.stop(), [&turn] { turn.cancel(); });
  const std::string started = shown == Shown::kSpoken
                                  ? std::string()
                                  : text::print_json(JsonObject{{"turn_id", print_id(wish.id)}});
  EventSink events(answer, started);
  QuietSink quiet;
  const bool streams = wants_events(call.request);
  lm::TextSink& sink = streams ? static_cast<lm::TextSink&>(events) : quiet;
  Wish wished = wish;
  if (streams) wished.thinks = [&events] { events.think(); };
  auto taken = take(api, call.who, wished, turn, sink);
  if (!taken) {
    Failure failed = std::move(taken).error();
    if (!events.begun()) return answer.respond(response_of(failed));
    // Somebody who has begun to speak does not begin anew with another line.
    std::erase_if(failed.members, [](const auto& member) { return member.first == "line"; });
    answer.send_event("error", text::print_json(failed.members));
    return;
  }
  const std::string whole = text::print_json(shown_json(*taken, shown, call.who));
  if (streams) {
    answer.send_event("done", whole);
  } else {
    answer.respond({.status = 200, .content_type = "application/json", .body = whole});
  }
}

Response put_off(TurnId id) {
  Response later = json_response(202, JsonObject{{"turn_id", print_id(id)}, {"done", false}});
  later.headers.emplace_back("Location", "/v1/turns/" + print_id(id));
  later.headers.emplace_back("Preference-Applied", "respond-async");
  return later;
}

// Answers at once with the address under which the turn can be asked for.
void answer_later(const Api& api, const Call& call, const Wish& wish, Answer& answer) {
  if (!wish.key.empty()) {
    const auto earlier = api.with.store.find_turn(wish.pair, wish.key);
    if (earlier && *earlier && (**earlier).message == wish.message)
      return answer.respond(put_off((**earlier).id));
  }
  auto underway = api.underway.begin(wish.id, wish.pair);
  if (!underway)
    return answer.respond(
        response_of(failure_of(underway.error(), wish.pair.npc, wish.message, api)));
  const TurnsElsewhere elsewhere(api.notices, api.with.clock);
  const auto job = [&api, elsewhere, who = call.who, wish, turn = *underway] {
    HeedingSink heeding(elsewhere, *turn);
    try {
      static_cast<void>(take(api, who, wish, *turn, heeding));
    } catch (const std::exception&) {
      // Of a library, or bad_alloc: whoever asks learns that it was our fault.
      turn->finish(failure({ErrorCode::kInternal, {}}));
    }
    const auto state = turn->state();
    state.failed ? elsewhere.finish(wish.id, wish.pair, *state.failed) : elsewhere.finish(wish.id);
  };
  // Before anybody is told of it: whoever asks may ask another server.
  elsewhere.begin(wish.id, wish.pair, api.with.clock.now() + api.turn_time + kTurnSlack);
  if (api.give && api.give(lane_of(call.who), job) == Taken::kYes)
    return answer.respond(put_off(wish.id));
  const Failure busy = failure_of({ErrorCode::kUnavailable, {}}, wish.pair.npc, wish.message, api);
  (*underway)->finish(busy);
  elsewhere.finish(wish.id);
  answer.respond(response_of(busy));
}

void answer_turn(const Api& api, const Call& call, const Wish& wish, Shown shown, Answer& answer) {
  if (wants_it_later(call.request) && api.give) return answer_later(api, call, wish, answer);
  answer_now(api, call, wish, shown, answer);
}

// What a player says, judged before any model is asked.
Result<std::string> heard(std::string_view message) {
  DRAMATIS_TRY(auto words, text::hear(message));
  return std::move(words.words);
}

// A whole number from 0, in digits or as a number.
std::optional<std::uint64_t> take_seed(Fields& fields) {
  const auto seed = fields.integer("seed");
  if (!seed) return std::nullopt;
  if (*seed < 0) fields.mistake("seed", "is less than 0.");
  return static_cast<std::uint64_t>(*seed);
}

Result<Wish> read_chat(const Call& call) {
  Wish wish;
  DRAMATIS_TRY(wish.pair.npc, npc_of(call.part("npc")));
  DRAMATIS_TRY(Fields fields, Fields::read(call.request.body));
  const std::string user =
      call.who.user ? fields.text("user_id").value_or("") : fields.required_text("user_id");
  const std::string message = fields.required_text("message");
  wish.seed = take_seed(fields);
  DRAMATIS_DO(fields.judge());
  DRAMATIS_TRY(wish.pair.user, user_or_own(user, call.who));
  DRAMATIS_TRY(wish.message, heard(message));
  wish.key = call.request.header("idempotency-key");
  DRAMATIS_TRY(wish.id, draw_turn_id());
  return wish;
}

Result<Wish> read_say(const Api& api, const Call& call) {
  DRAMATIS_TRY(const auto conversation, conversation_of(call.part("conversation"), api, call.who));
  Wish wish{.pair = conversation.pair, .conversation = conversation.id};
  DRAMATIS_TRY(Fields fields, Fields::read(call.request.body));
  const std::string message = fields.required_text("message");
  wish.seed = take_seed(fields);
  DRAMATIS_DO(fields.judge());
  DRAMATIS_TRY(wish.message, heard(message));
  wish.key = call.request.header("idempotency-key");
  DRAMATIS_TRY(wish.id, draw_turn_id());
  return wish;
}

Result<Wish> read_greet(const Api& api, const Call& call) {
  DRAMATIS_TRY(const auto conversation, conversation_of(call.part("conversation"), api, call.who));
  Wish wish{.verb = Verb::kGreet, .pair = conversation.pair, .conversation = conversation.id};
  DRAMATIS_TRY(Fields fields, Fields::read_or_empty(call.request.body));
  wish.seed = take_seed(fields);
  DRAMATIS_DO(fields.judge());
  DRAMATIS_TRY(wish.id, draw_turn_id());
  return wish;
}

// Only the newest turn can be answered anew: what came after would hang in the air.
Result<Wish> read_again(const Api& api, const Call& call) {
  DRAMATIS_TRY(const auto turn, turn_of(call.part("turn"), api, call.who));
  DRAMATIS_TRY(Fields fields, Fields::read_or_empty(call.request.body));
  Wish wish{.verb = Verb::kAgain,
            .pair = turn.pair,
            .conversation = turn.conversation,
            .message = turn.message.value_or(""),
            .id = turn.id};
  wish.seed = take_seed(fields);
  DRAMATIS_DO(fields.judge());
  DRAMATIS_TRY(const auto newest, api.with.store.newest_turns(turn.conversation, 1));
  if (newest.empty() || newest.front().id != turn.id) {
    return fail(ErrorCode::kConflict,
                "Only the newest turn is answered anew; branch after an earlier one.");
  }
  return wish;
}

void answer_wish(const Api& api, const Call& call, const Result<Wish>& wish, Shown shown,
                 Answer& answer) {
  if (!wish) return answer.respond(problem(wish.error()));
  answer_turn(api, call, *wish, shown, answer);
}

// A message of a WebSocket.
Result<Wish> read_frame(const Api& api, const Identity& who, const SayFrame& frame) {
  Wish wish{.key = frame.key};
  if (frame.conversation_id.empty()) {
    DRAMATIS_TRY(wish.pair.npc, npc_of(frame.npc_id));
    DRAMATIS_TRY(wish.pair.user, user_of(frame.user_id, who));
  } else {
    DRAMATIS_TRY(const auto conversation, conversation_of(frame.conversation_id, api, who));
    wish.pair = conversation.pair;
    wish.conversation = conversation.id;
  }
  DRAMATIS_TRY(wish.message, heard(frame.message));
  DRAMATIS_TRY(wish.id, draw_turn_id());
  return wish;
}

tl::expected<JsonObject, JsonObject> take_frame(const Api& api, const Identity& who,
                                                const SayFrame& frame, lm::TextSink& sink,
                                                const std::stop_token& stop) {
  if (auto refused = spend(api.keys, api.with.clock, who, accounts::Meter::kRequests))
    return tl::unexpected(std::move(refused->members));
  const auto wish = read_frame(api, who, frame);
  if (!wish) return tl::unexpected(failure(wish.error()).members);
  auto underway = api.underway.begin(wish->id, wish->pair);
  if (!underway) {
    return tl::unexpected(failure_of(underway.error(), wish->pair.npc, wish->message, api).members);
  }
  TurnUnderway& turn = **underway;
  const std::stop_callback leaving(stop, [&turn] { turn.cancel(); });
  auto taken = take(api, who, *wish, turn, sink);
  if (!taken) return tl::unexpected(std::move(taken.error().members));
  return spoken_json(*taken);
}

}  // namespace

void chat(const Api& api, const Call& call, Answer& answer) {
  answer_wish(api, call, read_chat(call), Shown::kSpoken, answer);
}

void say(const Api& api, const Call& call, Answer& answer) {
  answer_wish(api, call, read_say(api, call), Shown::kWhole, answer);
}

void greet(const Api& api, const Call& call, Answer& answer) {
  answer_wish(api, call, read_greet(api, call), Shown::kWhole, answer);
}

void regenerate(const Api& api, const Call& call, Answer& answer) {
  answer_wish(api, call, read_again(api, call), Shown::kWhole, answer);
}

void replay_turn(const Api& api, const Call& call, Answer& answer) {
  const auto turn = turn_of(call.part("turn"), api, call.who);
  if (!turn) return answer.respond(problem(turn.error()));
  QuietSink quiet;
  const auto made =
      dialogue::replay(turn->id, api.with, quiet, answer.stop(), account_of(call.who));
  if (!made) return answer.respond(problem(made.error()));
  answer.respond(json_response(200, JsonObject{{"turn_id", print_id(turn->id)},
                                               {"reply", made->reply},
                                               {"same_prompt", made->same_prompt},
                                               {"same_reply", made->same_reply}}));
}

}  // namespace internal

Lane lane_of(const Identity& who) {
  return who.key ? Lane{static_cast<std::uint64_t>(*who.key)} : Lane{};
}

std::string account_of(const Identity& who) {
  return who.key ? accounts::print_id(*who.key) : std::string();
}

MakePeer socket_peer(const Api& api, const Identity& who) {
  return [&api, who](std::shared_ptr<SocketLink> link) -> std::shared_ptr<SocketPeer> {
    TalkHost host{
        .take_turn =
            [&api, who](const SayFrame& frame, lm::TextSink& sink, const std::stop_token& stop) {
              return internal::take_frame(api, who, frame, sink, stop);
            },
        .may_stay =
            [&api, who] {
              if (!who.key || api.ring == nullptr) return Stay::kYes;
              const auto key = api.ring->find(*who.key);
              // A store that does not answer now throws nobody out.
              return key && !*key ? Stay::kNo : Stay::kYes;
            }};
    return std::make_shared<SocketTalk>(std::move(link), std::move(host));
  };
}

}  // namespace dramatis::server
