// One turn, in the order in which it happens. Each line is one room.
#include "dialogue/turn.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/random.h"
#include "dialogue/internal/stage.h"
#include "dialogue/limits.h"
#include "dialogue/reply.h"
#include "text/utf8.h"
#include "text/utterance.h"

namespace dramatis::dialogue {
namespace {

using internal::Stage;

Result<text::Utterance> hear_message(const Request& request) {
  DRAMATIS_TRY(auto heard, text::hear(request.message));
  if (heard.blank())
    return fail(ErrorCode::kInvalidArgument, "The message is blank; say something.");
  if (request.key.size() > kMaxKeyBytes || !text::is_valid_utf8(request.key)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("The idempotency key has {} bytes; it is UTF-8 of at most {}.",
                            request.key.size(), kMaxKeyBytes));
  }
  return heard;
}

Result<Turnstile::Pass> wait_in_line(const Request& request, const Ports& with,
                                     const std::stop_token& stop) {
  std::chrono::milliseconds patience = kMaxTurnWait;
  if (request.deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(*request.deadline -
                                                                            with.clock.steady());
    patience = std::clamp(left, std::chrono::milliseconds(0), patience);
  }
  return with.turnstile.enter(request.pair, stop, patience);
}

// The reply which this key got before, or nothing.
Result<std::optional<Reply>> find_earlier(const Request& request, const text::Utterance& heard,
                                          const Ports& with) {
  if (request.key.empty()) return std::nullopt;
  DRAMATIS_TRY(const auto earlier, with.store.find_turn(request.pair, request.key));
  if (!earlier) return std::nullopt;
  if (earlier->message != heard.words) {
    return fail(ErrorCode::kConflict,
                fmt::format("The idempotency key '{}' was used for another message.", request.key));
  }
  return Reply{.turn = *earlier, .freshness = Freshness::kRepeated};
}

std::vector<prompt::Line> lines_of(const std::vector<Turn>& turns) {
  std::vector<prompt::Line> lines;
  for (const auto& turn : turns) {
    if (turn.message) lines.push_back({.who = lm::Role::kPlayer, .text = *turn.message});
    lines.push_back({.who = lm::Role::kNpc, .text = turn.reply, .thoughts = turn.thoughts});
  }
  return lines;
}

Speaker speaker_of(const Stage& stage, const Ports& with) {
  const NpcSettings& settings = stage.npc().settings;
  return {.world = stage.world(),
          .character = stage.character(),
          .scene = {.place = settings.scene, .player = stage.user().name},
          .head = with.head,
          .thoughts = stage.thoughts(),
          .history_size = settings.history_size,
          .max_tokens = settings.max_tokens};
}

Error silence(const Stage& stage) {
  return Error{ErrorCode::kUnavailable,
               fmt::format("{} said nothing aloud; ask again.", print_id(stage.npc().id))};
}

// From a moment to a turn that is not yet stored.
Result<Reply> answer(const Stage& stage, const Moment& moment, const Request& request,
                     const Ports& with, const Audience& audience) {
  const lm::Sampling how{.temperature = stage.npc().settings.temperature,
                         .max_tokens = stage.npc().settings.max_tokens,
                         .seed = request.seed,
                         .stop = {},
                         .deadline = request.deadline};
  DRAMATIS_TRY(auto asked,
               compose(speaker_of(stage, with), moment, {.examples = with.examples}, with.model));
  const auto& pair = request.pair;
  asked.prompt.asker = {.player = print_id(pair.user),
                        .conversation = print_id(pair.npc) + "/" + print_id(pair.user)};
  DRAMATIS_TRY(auto spoken, speak(asked.prompt, stage.thoughts(), how, with.model, audience));
  if (spoken.aloud.empty()) return tl::unexpected(silence(stage));
  DRAMATIS_TRY(const std::uint64_t id, random_u64());
  Reply reply{.made = std::move(spoken.made), .sections = std::move(asked.sections)};
  reply.turn = {.id = TurnId{id},
                .pair = request.pair,
                .reply = std::move(spoken.aloud),
                .thoughts = std::move(spoken.thoughts),
                .key = std::string(request.key),
                .at = with.clock.now()};
  if (moment.message) reply.turn.message = std::string(*moment.message);
  return reply;
}

Result<Reply> repeat(Reply earlier, lm::TextSink& to_player) {
  if (to_player.write(earlier.turn.reply) == lm::Go::kStop)
    return fail(ErrorCode::kCancelled, "The player left.");
  return earlier;
}

}  // namespace

Result<Reply> take_turn(const Request& request, const Ports& with, lm::TextSink& to_player,
                        const std::stop_token& stop) {
  DRAMATIS_TRY(const auto heard, hear_message(request));
  DRAMATIS_TRY(const auto stage, Stage::set(request.pair, with));
  DRAMATIS_TRY(const auto pass, wait_in_line(request, with, stop));
  DRAMATIS_TRY(auto earlier, find_earlier(request, heard, with));
  if (earlier) return repeat(*std::move(earlier), to_player);
  DRAMATIS_TRY(const auto turns,
               with.store.newest_turns(request.pair, stage.npc().settings.history_size));
  DRAMATIS_TRY(auto reply, answer(stage, {.message = heard.words, .history = lines_of(turns)},
                                  request, with, {to_player, stop}));
  DRAMATIS_DO(with.store.add_turn(reply.turn));
  return reply;
}

Result<Reply> greet(const Request& request, const Ports& with, lm::TextSink& to_player,
                    const std::stop_token& stop) {
  DRAMATIS_TRY(const auto stage, Stage::set(request.pair, with));
  DRAMATIS_TRY(const auto pass, wait_in_line(request, with, stop));
  DRAMATIS_TRY(const auto turns, with.store.newest_turns(request.pair, 1));
  if (!turns.empty())
    return fail(ErrorCode::kConflict, "The two have spoken already; a greeting comes first.");
  const auto& greetings = stage.character().greetings;
  if (greetings.empty()) {
    DRAMATIS_TRY(auto reply, answer(stage, {}, request, with, {to_player, stop}));
    DRAMATIS_DO(with.store.add_turn(reply.turn));
    return reply;
  }
  DRAMATIS_TRY(const std::uint64_t drawn,
               request.seed ? Result<std::uint64_t>(*request.seed) : random_u64());
  DRAMATIS_TRY(const std::uint64_t id, random_u64());
  Reply reply;
  reply.turn = {.id = TurnId{id},
                .pair = request.pair,
                .reply = greetings[drawn % greetings.size()],
                .at = with.clock.now()};
  if (to_player.write(reply.turn.reply) == lm::Go::kStop)
    return fail(ErrorCode::kCancelled, "The player left.");
  DRAMATIS_DO(with.store.add_turn(reply.turn));
  return reply;
}

Result<Reply> regenerate(const Request& request, const Ports& with, lm::TextSink& to_player,
                         const std::stop_token& stop) {
  DRAMATIS_TRY(const auto stage, Stage::set(request.pair, with));
  DRAMATIS_TRY(const auto pass, wait_in_line(request, with, stop));
  DRAMATIS_TRY(auto turns,
               with.store.newest_turns(request.pair, stage.npc().settings.history_size + 1));
  if (turns.empty() || !turns.back().message) {
    return fail(ErrorCode::kNotFound, "There is no message to answer again.");
  }
  const Turn old = std::move(turns.back());
  turns.pop_back();
  DRAMATIS_TRY(auto reply, answer(stage, {.message = *old.message, .history = lines_of(turns)},
                                  request, with, {to_player, stop}));
  reply.turn.key = old.key;
  DRAMATIS_DO(with.store.replace_newest(old.id, reply.turn));
  return reply;
}

Result<std::optional<Turn>> undo(Pair pair, const Ports& with) {
  DRAMATIS_TRY(const auto stage, Stage::set(pair, with));
  DRAMATIS_TRY(const auto pass, with.turnstile.enter(pair, {}));
  return with.store.remove_newest(pair);
}

Result<std::size_t> reset(Pair pair, const Ports& with) {
  DRAMATIS_TRY(const auto pass, with.turnstile.enter(pair, {}));
  return with.store.remove_turns(pair);
}

Result<std::vector<Turn>> history(Pair pair, const Store& store, std::size_t count, Eyes eyes) {
  DRAMATIS_TRY(auto turns, store.newest_turns(pair, std::min(count, kMaxTurnsListed)));
  if (eyes == Eyes::kPlayer) {
    for (auto& turn : turns) turn.thoughts.clear();
  }
  return turns;
}

}  // namespace dramatis::dialogue
