// Three ways to a reply, and how much of the context each may fill.
#include "server/dialect_play.h"

#include <algorithm>

#include <fmt/format.h>

#include "dialogue/conversations.h"
#include "dialogue/limits.h"
#include "dialogue/reply.h"
#include "dialogue/turn.h"
#include "prompt/limits.h"
#include "server/dialect_limits.h"
#include "server/dialect_tools.h"
#include "text/utf8.h"
#include "text/utterance.h"

namespace dramatis::server {
namespace {

constexpr std::string_view kLast = "messages";

lm::Sampling sampling_of(const Ask& ask, const Listening& listening) {
  lm::Sampling how = ask.how;
  if (ask.temperature) how.temperature = *ask.temperature;
  how.deadline = listening.deadline;
  if (ask.tools.use == ToolUse::kAlways) how.grammar = call_grammar(ask.tools);
  return how;
}

std::size_t room_of(const Ask& ask, const lm::LanguageModel& model) {
  const std::size_t own = model.context_size();
  return ask.context == 0 ? own : std::min(own, ask.context);
}

Result<std::size_t> tokens_of(const std::vector<lm::Message>& messages,
                              const lm::LanguageModel& model) {
  std::size_t sum = kFittingMargin;
  for (const auto& message : messages) {
    DRAMATIS_TRY(const std::size_t tokens, model.count_tokens(message.text));
    sum += tokens + prompt::kTokensPerMessage;
  }
  return sum;
}

// Drops whole messages behind the system's until `room` holds the rest; the last one stays.
Result<std::size_t> drop_oldest(std::vector<lm::Message>& messages, std::size_t room,
                                const lm::LanguageModel& model) {
  DRAMATIS_TRY(std::size_t tokens, tokens_of(messages, model));
  const std::size_t first = !messages.empty() && messages.front().role == lm::Role::kSystem ? 1 : 0;
  while (tokens > room && messages.size() > first + 1) {
    messages.erase(messages.begin() + static_cast<std::ptrdiff_t>(first));
    // What is left begins with the player, as models expect.
    if (messages.size() > first + 1 && messages[first].role == lm::Role::kNpc)
      messages.erase(messages.begin() + static_cast<std::ptrdiff_t>(first));
    DRAMATIS_TRY(tokens, tokens_of(messages, model));
  }
  return tokens;
}

// The end of `text` that `room` holds. Halving the excess ends soon: each round leaves less.
Result<std::size_t> drop_beginning(std::string& text, std::size_t room,
                                   const lm::LanguageModel& model) {
  DRAMATIS_TRY(std::size_t tokens, model.count_tokens(text));
  while (tokens + kFittingMargin > room && !text.empty()) {
    const std::size_t excess = tokens + kFittingMargin - room;
    const std::size_t bytes = std::max<std::size_t>(1, text.size() * excess / tokens);
    std::size_t cut = std::min(bytes, text.size());
    while (cut < text.size() && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) ++cut;
    text.erase(0, cut);
    DRAMATIS_TRY(tokens, model.count_tokens(text));
  }
  return tokens + kFittingMargin;
}

// How long a reply may be behind so many tokens. A prompt that leaves nothing is the model's to
// refuse: it knows the exact number.
int reply_tokens(const Ask& ask, std::size_t prompt_tokens, std::size_t room) {
  const int wanted = ask.max_tokens.value_or(kUsualReplyTokens);
  const std::size_t left = room > prompt_tokens ? room - prompt_tokens : 1;
  return static_cast<int>(std::min(static_cast<std::size_t>(wanted), left));
}

// A quarter of the room is kept for a reply whose length nobody named.
std::size_t room_for_prompt(const Ask& ask, std::size_t room) {
  const auto usual = std::min<std::size_t>(kUsualReplyTokens, room / 4);
  const std::size_t reply = ask.max_tokens ? static_cast<std::size_t>(*ask.max_tokens) : usual;
  return room > reply ? room - reply : 0;
}

lm::Asker asker_of(const Ask& ask) {
  return {.player = ask.user, .conversation = ask.conversation, .account = ask.account};
}

// Gathers what goes out.
class Keeper final : public lm::TextSink {
 public:
  explicit Keeper(lm::TextSink& out) : out_(out) {}
  [[nodiscard]] lm::Go write(std::string_view text) override {
    text_ += text;
    return out_.write(text);
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  lm::TextSink& out_;
  std::string text_;
};

Judged<Played> play_text(const Ask& ask, const Named& who, lm::TextContinuer* continuer,
                         const Listening& listening) {
  lm::LanguageModel& model = who.serving->model;
  if (continuer == nullptr) {
    return tl::unexpected(
        Fault(ErrorCode::kUnsupported,
              fmt::format("{} takes messages, and goes on from no raw text.", who.name), "prompt"));
  }
  lm::Sampling how = sampling_of(ask, listening);
  const std::size_t room = room_of(ask, model);
  std::string text = *ask.raw;
  std::size_t tokens = 0;
  if (ask.drops_oldest) {
    DRAMATIS_TRY(tokens, drop_beginning(text, room_for_prompt(ask, room), model));
  } else {
    DRAMATIS_TRY(tokens, model.count_tokens(text));
    tokens += kFittingMargin;
  }
  how.max_tokens = reply_tokens(ask, tokens, room);
  Keeper keeper(listening.sink);
  DRAMATIS_TRY(auto made, continuer->go_on({.text = text, .asker = asker_of(ask)}, how, keeper,
                                           listening.stop));
  return Played{.text = keeper.take(), .made = std::move(made)};
}

Judged<Played> play_model(const Ask& ask, lm::LanguageModel& model, const Listening& listening) {
  lm::Prompt asked;
  asked.messages = ask.messages;
  if (const std::string told = tell_tools(ask.tools); !told.empty()) {
    asked.messages.insert(asked.messages.begin(), {.role = lm::Role::kSystem, .text = told});
    asked.messages = in_turns(std::move(asked.messages));
  }
  lm::Sampling how = sampling_of(ask, listening);
  const std::size_t room = room_of(ask, model);
  std::size_t tokens = 0;
  if (ask.drops_oldest) {
    DRAMATIS_TRY(tokens, drop_oldest(asked.messages, room_for_prompt(ask, room), model));
  } else {
    DRAMATIS_TRY(tokens, tokens_of(asked.messages, model));
  }
  how.max_tokens = reply_tokens(ask, tokens, room);
  if (!asked.messages.empty() && asked.messages.back().role == lm::Role::kNpc) {
    asked.reply_start = std::move(asked.messages.back().text);
    asked.messages.pop_back();
  }
  asked.asker = asker_of(ask);
  Keeper keeper(listening.sink);
  DRAMATIS_TRY(auto made, model.generate(asked, how, keeper, listening.stop));
  return Played{.text = keeper.take(), .made = std::move(made)};
}

// The client's system texts are the scene; a long one is cut at its end.
std::string scene_of(const Ask& ask, const Actor& actor) {
  std::string scene = actor.settings.scene;
  const auto add = [&scene](std::string_view more) {
    if (!more.empty()) add_line(scene, more);
  };
  if (!ask.messages.empty() && ask.messages.front().role == lm::Role::kSystem)
    add(text::cut_at(ask.messages.front().text, dialogue::kMaxSceneBytes));
  add(tell_tools(ask.tools));
  return scene;
}

// What the client left as it usually is, is the NPC's.
lm::Sampling sampling_of(const Ask& ask, const Actor& actor, const Listening& listening) {
  const lm::Sampling usual;
  const lm::Sampling own = dialogue::sampling_of(actor.settings);
  lm::Sampling how = sampling_of(ask, listening);
  how.temperature = ask.temperature.value_or(own.temperature);
  how.max_tokens = ask.max_tokens.value_or(own.max_tokens);
  if (how.top_k == usual.top_k) how.top_k = own.top_k;
  if (how.top_p == usual.top_p) how.top_p = own.top_p;
  if (how.min_p == usual.min_p) how.min_p = own.min_p;
  if (how.repetition_penalty == usual.repetition_penalty)
    how.repetition_penalty = own.repetition_penalty;
  if (how.presence_penalty == usual.presence_penalty) how.presence_penalty = own.presence_penalty;
  if (how.frequency_penalty == usual.frequency_penalty)
    how.frequency_penalty = own.frequency_penalty;
  return how;
}

Judged<Played> play_npc(const Ask& ask, const Named& who, const dialogue::Ports& with,
                        const Listening& listening) {
  const Actor& actor = *who.actor;
  lm::LanguageModel& model = who.serving->model;
  std::vector<prompt::Line> history;
  for (const auto& message : ask.messages) {
    if (message.role != lm::Role::kSystem)
      history.push_back({.who = message.role, .text = message.text});
  }
  std::string message;
  const bool is_said = !history.empty() && history.back().who == lm::Role::kPlayer;
  if (!history.empty() && !is_said)
    return wrong(std::string(kLast),
                 "The last message is the NPC's own; end with what the player says.");
  if (is_said) {
    message = std::move(history.back().text);
    history.pop_back();
  }
  const lm::Sampling how = sampling_of(ask, actor, listening);
  const auto& character = actor.sheet.character();
  // Thoughts would break a form.
  const bool thinks = !how.grammar && actor.settings.has_scratchpad.value_or(character.scratchpad);
  const dialogue::Speaker speaker{
      .world = actor.sheet.world(),
      .character = character,
      .scene = {.place = scene_of(ask, actor), .player = ask.user},
      .head = who.serving->head,
      .thoughts = thinks ? prompt::Thoughts::kInvited : prompt::Thoughts::kNone,
      .history_size = prompt::kMaxHistoryMessages,
      .max_tokens = how.max_tokens};
  dialogue::Moment moment{.message = {}, .history = history};
  if (is_said) moment.message = message;
  DRAMATIS_TRY(auto asked, dialogue::compose(speaker, moment, {.examples = with.examples}, model));
  asked.prompt.asker = asker_of(ask);
  asked.prompt.adapters = actor.settings.adapters;
  DRAMATIS_TRY(auto spoken, dialogue::speak(asked.prompt, speaker.thoughts, how, model,
                                            {.sink = listening.sink, .stop = listening.stop}));
  return Played{.text = std::move(spoken.aloud), .made = std::move(spoken.made)};
}

// Whoever may speak for one player alone is that player.
Judged<UserId> player_of(const Ask& ask, const dialogue::Ports& with) {
  if (ask.user.empty() && ask.only_user) return *ask.only_user;
  if (ask.user.empty())
    return wrong("user", "A session is a player's; name the player in user, by id or by name.");
  const auto id = parse_user_id(ask.user);
  const auto known = id ? with.store.find_user(*id) : with.store.find_user_named(ask.user);
  const bool may_be = known && (!ask.only_user || *ask.only_user == known->id);
  if (may_be) return known->id;
  Fault fault(known ? dialogue::no_such(known->id) : known.error());
  fault.field = "user";
  return tl::unexpected(std::move(fault));
}

Judged<ConversationId> conversation_of(const Ask& ask, dialogue::Pair pair,
                                       const dialogue::Ports& with, const Listening& listening) {
  if (const auto id = parse_conversation_id(ask.session)) {
    DRAMATIS_TRY(const auto known, with.store.find_conversation(*id));
    // Another's is as good as none.
    if (known.pair != pair) return tl::unexpected(Fault(dialogue::no_such(*id)));
    return known.id;
  }
  DRAMATIS_TRY(const auto all,
               with.store.list_conversations(
                   {.npc = pair.npc, .user = pair.user, .count = kMaxSessionsSearched}));
  for (const auto& known : all) {
    if (known.title == ask.session) return known.id;
  }
  if (listening.may_begin) {
    if (const auto refused = listening.may_begin()) return tl::unexpected(Fault(*refused));
  }
  DRAMATIS_TRY(const auto begun,
               dialogue::begin_conversation({.pair = pair, .title = ask.session}, with));
  return begun.id;
}

Judged<Played> play_stored(const Ask& ask, const Actor& actor, const dialogue::Ports& with,
                           const Listening& listening) {
  if (!actor.npc)
    return wrong("model",
                 "This character is no NPC yet, so no turn of it can be stored; register it with "
                 "POST /v1/npcs.");
  if (ask.how.grammar || ask.tools.use == ToolUse::kAlways || ask.count > 1)
    return wrong("metadata.session",
                 "A stored turn takes no form, no forced call and no second reply; leave the "
                 "session out for those.");
  if (ask.messages.empty() || ask.messages.back().role != lm::Role::kPlayer)
    return wrong(std::string(kLast), "The last message is not the player's.");
  DRAMATIS_TRY(const UserId user, player_of(ask, with));
  const dialogue::Pair pair{.npc = actor.npc->id, .user = user};
  DRAMATIS_TRY(const ConversationId conversation, conversation_of(ask, pair, with, listening));
  const dialogue::Request request{.pair = pair,
                                  .conversation = conversation,
                                  .message = ask.messages.back().text,
                                  .key = ask.key,
                                  .seed = ask.how.seed,
                                  .deadline = listening.deadline,
                                  .account = ask.account};
  DRAMATIS_TRY(auto reply, dialogue::take_turn(request, with, listening.sink, listening.stop));
  Played played{.text = std::move(reply.turn.spoken.reply),
                .account = std::move(reply.turn.spoken.account),
                .freshness = reply.freshness};
  if (const auto& account = played.account) {
    played.made.why = account->why;
    played.made.prompt_tokens = account->prompt_tokens;
    played.made.cached_tokens = account->cached_tokens;
    played.made.generated_tokens = account->generated_tokens;
    played.made.first_word = account->first_word;
    played.made.total = account->total;
  }
  return played;
}

}  // namespace

Judged<Played> play(const Ask& ask, const Named& who, const dialogue::Ports& with,
                    const Listening& listening, lm::TextContinuer* continuer) {
  if (!ask.session.empty() && !who.actor)
    return wrong("model", "A session is with an NPC; name one as npc/<id or name>.");
  if (!who.actor && ask.raw) return play_text(ask, who, continuer, listening);
  if (!who.actor) return play_model(ask, who.serving->model, listening);
  if (ask.session.empty()) return play_npc(ask, who, with, listening);
  return play_stored(ask, *who.actor, with, listening);
}

}  // namespace dramatis::server
