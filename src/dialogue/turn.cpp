// One turn, in the order in which it happens. Each line is one room.
#include "dialogue/turn.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/random.h"
#include "dialogue/account.h"
#include "dialogue/internal/stage.h"
#include "dialogue/internal/thread.h"
#include "dialogue/limits.h"
#include "dialogue/reply.h"
#include "text/utf8.h"
#include "text/utterance.h"

namespace dramatis::dialogue {
namespace {

using internal::Stage;
using internal::Thread;

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

Result<Pair> pair_of(const Request& request, const Ports& with) {
  if (!request.conversation) return request.pair;
  DRAMATIS_TRY(const auto conversation, with.store.find_conversation(*request.conversation));
  return conversation.pair;
}

Result<Turnstile::Pass> wait_in_line(Pair pair, const Request& request, const Ports& with,
                                     const std::stop_token& stop) {
  std::chrono::milliseconds patience = kMaxTurnWait;
  if (request.deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(*request.deadline -
                                                                            with.clock.steady());
    patience = std::clamp(left, std::chrono::milliseconds(0), patience);
  }
  return with.turnstile.enter(pair, stop, patience);
}

// The reply which this key got before, or nothing.
Result<std::optional<Reply>> find_earlier(Pair pair, std::string_view key,
                                          const text::Utterance& heard, const Ports& with) {
  if (key.empty()) return std::nullopt;
  DRAMATIS_TRY(const auto earlier, with.store.find_turn(pair, key));
  if (!earlier) return std::nullopt;
  if (earlier->message != heard.words) {
    return fail(ErrorCode::kConflict,
                fmt::format("The idempotency key '{}' was used for another message.", key));
  }
  return Reply{.turn = *earlier, .freshness = Freshness::kRepeated};
}

Result<Thread> find_thread(const Stage& stage, const Request& request, Pair pair,
                           const Ports& with) {
  return Thread::find(pair, request.conversation, stage.npc().settings.history_size,
                      with.clock.now(), with.store);
}

std::vector<prompt::Line> lines_of(std::span<const Turn> turns) {
  std::vector<prompt::Line> lines;
  for (const auto& turn : turns) {
    if (turn.message) lines.push_back({.who = lm::Role::kPlayer, .text = *turn.message});
    lines.push_back(
        {.who = lm::Role::kNpc, .text = turn.spoken.reply, .thoughts = turn.spoken.thoughts});
  }
  return lines;
}

Error silence(const Stage& stage) {
  return Error{ErrorCode::kUnavailable,
               fmt::format("{} said nothing aloud; ask again.", print_id(stage.npc().id))};
}

// What is said now, after what, and the replies to it that another is wanted beside.
struct Asking {
  std::optional<std::string> message{};
  std::vector<prompt::Line> history{};
  std::vector<std::string> passed_over{};
};

Result<prompt::Composed> ask(const Stage& stage, const Conversation& conversation,
                             const Asking& asking, const Ports& with) {
  Moment moment{.history = asking.history};
  if (asking.message) moment.message = *asking.message;
  DRAMATIS_TRY(auto asked, compose(stage.speaker(conversation), moment, {.examples = with.examples},
                                   stage.serving().model));
  asked.prompt.passed_over = asking.passed_over;
  asked.prompt.adapters = stage.npc().settings.adapters;
  asked.prompt.asker = {.player = print_id(conversation.pair.user),
                        .conversation = print_id(conversation.id)};
  return asked;
}

// A reply that is not yet stored.
Result<Alternative> answer(const Stage& stage, const Conversation& conversation,
                           const Asking& asking, const Request& request, const Ports& with,
                           const Audience& audience) {
  lm::Sampling how = sampling_of(stage.npc().settings);
  how.seed = request.seed;
  how.deadline = request.deadline;
  DRAMATIS_TRY(auto asked, ask(stage, conversation, asking, with));
  asked.prompt.asker.urgency = request.urgency;
  asked.prompt.asker.account = request.account;
  DRAMATIS_TRY(auto spoken, speak(asked.prompt, stage.speaker(conversation).thoughts, how,
                                  stage.serving().model, audience));
  if (spoken.aloud.empty()) return tl::unexpected(silence(stage));
  return Alternative{.reply = std::move(spoken.aloud),
                     .thoughts = std::move(spoken.thoughts),
                     .account = account_of(stage.serving(), asked, how, spoken.made),
                     .at = with.clock.now()};
}

Result<Turn> turn_of(const Conversation& conversation, Alternative spoken, const Request& request) {
  DRAMATIS_TRY(const std::uint64_t drawn, random_u64());
  return Turn{.id = request.id.value_or(TurnId{drawn}),
              .conversation = conversation.id,
              .pair = conversation.pair,
              .spoken = std::move(spoken)};
}

// The first `count` replies that a turn got.
Result<std::vector<std::string>> replies_of(const Turn& turn, std::size_t count,
                                            const Ports& with) {
  DRAMATIS_TRY(const auto all, with.store.list_alternatives(turn.id));
  std::vector<std::string> replies;
  for (std::size_t n = 0; n < std::min(count, all.size()); ++n) replies.push_back(all[n].reply);
  return replies;
}

// Says what needs no model.
Status say(const std::string& words, lm::TextSink& to_player) {
  if (to_player.write(words) == lm::Go::kOn) return {};
  return fail(ErrorCode::kCancelled, "The player left.");
}

// One of the sheet's greetings that is not among `said`, or nothing.
Result<std::optional<std::string>> choose_greeting(const Stage& stage, const Request& request,
                                                   std::span<const Alternative> said) {
  std::vector<std::string_view> left;
  for (const auto& greeting : stage.character().greetings) {
    if (std::ranges::find(said, greeting, &Alternative::reply) == said.end())
      left.push_back(greeting);
  }
  if (left.empty()) return std::nullopt;
  DRAMATIS_TRY(const std::uint64_t drawn,
               request.seed ? Result<std::uint64_t>(*request.seed) : random_u64());
  return std::string(left[drawn % left.size()]);
}

Result<Alternative> greet_again(const Stage& stage, const Turn& old, const Request& request,
                                const Ports& with, lm::TextSink& to_player) {
  DRAMATIS_TRY(const auto said, with.store.list_alternatives(old.id));
  DRAMATIS_TRY(auto greeting, choose_greeting(stage, request, said));
  if (!greeting) return fail(ErrorCode::kNotFound, "There is no message to answer again.");
  DRAMATIS_DO(say(*greeting, to_player));
  return Alternative{.reply = *std::move(greeting), .at = with.clock.now()};
}

}  // namespace

Result<Reply> take_turn(const Request& request, const Ports& with, lm::TextSink& to_player,
                        const std::stop_token& stop) {
  DRAMATIS_TRY(const auto heard, hear_message(request));
  DRAMATIS_TRY(const Pair pair, pair_of(request, with));
  DRAMATIS_TRY(const auto stage, Stage::set(pair, with));
  DRAMATIS_TRY(const auto pass, wait_in_line(pair, request, with, stop));
  DRAMATIS_TRY(auto earlier, find_earlier(pair, request.key, heard, with));
  if (earlier) {
    DRAMATIS_DO(say(earlier->turn.spoken.reply, to_player));
    return *std::move(earlier);
  }
  DRAMATIS_TRY(const auto thread, find_thread(stage, request, pair, with));
  DRAMATIS_TRY(auto spoken, answer(stage, thread.conversation(),
                                   {.message = heard.words, .history = lines_of(thread.turns())},
                                   request, with, {to_player, stop, request.thinks}));
  DRAMATIS_TRY(auto turn, turn_of(thread.conversation(), std::move(spoken), request));
  turn.message = heard.words;
  turn.key = std::string(request.key);
  DRAMATIS_DO(thread.keep(turn, with.store));
  return Reply{.turn = std::move(turn)};
}

Result<Reply> greet(const Request& request, const Ports& with, lm::TextSink& to_player,
                    const std::stop_token& stop) {
  DRAMATIS_TRY(const Pair pair, pair_of(request, with));
  DRAMATIS_TRY(const auto stage, Stage::set(pair, with));
  DRAMATIS_TRY(const auto pass, wait_in_line(pair, request, with, stop));
  DRAMATIS_TRY(const auto thread, find_thread(stage, request, pair, with));
  if (!thread.turns().empty())
    return fail(ErrorCode::kConflict, "The two have spoken already; a greeting comes first.");
  DRAMATIS_TRY(auto greeting, choose_greeting(stage, request, {}));
  Alternative spoken{.reply = greeting.value_or(""), .at = with.clock.now()};
  if (greeting) {
    DRAMATIS_DO(say(*greeting, to_player));
  } else {
    DRAMATIS_TRY(spoken, answer(stage, thread.conversation(), {}, request, with,
                                {to_player, stop, request.thinks}));
  }
  DRAMATIS_TRY(auto turn, turn_of(thread.conversation(), std::move(spoken), request));
  DRAMATIS_DO(thread.keep(turn, with.store));
  return Reply{.turn = std::move(turn)};
}

Result<Reply> regenerate(const Request& request, const Ports& with, lm::TextSink& to_player,
                         const std::stop_token& stop) {
  DRAMATIS_TRY(const Pair pair, pair_of(request, with));
  DRAMATIS_TRY(const auto stage, Stage::set(pair, with));
  DRAMATIS_TRY(const auto pass, wait_in_line(pair, request, with, stop));
  DRAMATIS_TRY(const auto thread,
               Thread::find(pair, request.conversation, stage.npc().settings.history_size + 1,
                            with.clock.now(), with.store));
  if (thread.turns().empty())
    return fail(ErrorCode::kNotFound, "There is no message to answer again.");
  const Turn& old = thread.turns().back();
  if (old.alternatives >= kMaxAlternatives) return tl::unexpected(too_many_alternatives(old.id));
  const auto before = std::span(thread.turns()).first(thread.turns().size() - 1);
  Result<Alternative> spoken = fail(ErrorCode::kInternal, "nothing was said");
  if (old.message) {
    DRAMATIS_TRY(auto said, replies_of(old, old.alternatives, with));
    spoken = answer(
        stage, thread.conversation(),
        {.message = old.message, .history = lines_of(before), .passed_over = std::move(said)},
        request, with, {to_player, stop, request.thinks});
  } else {
    spoken = greet_again(stage, old, request, with, to_player);
  }
  DRAMATIS_TRY(const auto alternative, std::move(spoken));
  DRAMATIS_TRY(auto turn, with.store.add_alternative(old.id, alternative));
  return Reply{.turn = std::move(turn)};
}

Result<prompt::Composed> preview(const Request& request, const Ports& with) {
  DRAMATIS_TRY(const auto heard, text::hear(request.message));
  DRAMATIS_TRY(const Pair pair, pair_of(request, with));
  DRAMATIS_TRY(const auto stage, Stage::set(pair, with));
  DRAMATIS_TRY(const auto thread, find_thread(stage, request, pair, with));
  return ask(stage, thread.conversation(),
             {.message = heard.blank() ? "..." : heard.words, .history = lines_of(thread.turns())},
             with);
}

Result<Replay> replay(TurnId id, const Ports& with, lm::TextSink& sink, const std::stop_token& stop,
                      std::string_view payer) {
  DRAMATIS_TRY(const auto turn, with.store.find_turn(id));
  if (!turn.spoken.account) {
    return fail(ErrorCode::kNotFound,
                fmt::format("No model was asked for the reply of {}.", print_id(id)));
  }
  const Account& account = *turn.spoken.account;
  DRAMATIS_TRY(const auto stage, Stage::set(turn.pair, with));
  DRAMATIS_TRY(const auto conversation, with.store.find_conversation(turn.conversation));
  DRAMATIS_TRY(const auto before,
               with.store.newest_turns(turn.conversation, stage.npc().settings.history_size, id));
  DRAMATIS_TRY(auto said, replies_of(turn, turn.chosen, with));
  const Asking asking{
      .message = turn.message, .history = lines_of(before), .passed_over = std::move(said)};
  DRAMATIS_TRY(auto asked, ask(stage, conversation, asking, with));
  asked.prompt.asker.account = payer;
  DRAMATIS_TRY(auto spoken, speak(asked.prompt, stage.speaker(conversation).thoughts, account.how,
                                  stage.serving().model, {sink, stop, {}}));
  Replay made{.same_prompt = digest_of(asked.prompt) == account.prompt_digest,
              .same_reply = spoken.aloud == turn.spoken.reply};
  made.reply = std::move(spoken.aloud);
  return made;
}

}  // namespace dramatis::dialogue
