// Each verb waits until no turn of the pair is under way.
#include "dialogue/conversations.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/random.h"
#include "dialogue/limits.h"
#include "text/utf8.h"
#include "text/utterance.h"

namespace dramatis::dialogue {
namespace {

Status judge_text(std::string_view name, std::string_view text, std::size_t most) {
  if (text.size() <= most && text::is_valid_utf8(text)) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} has {} bytes; it is UTF-8 of at most {}.", name, text.size(), most));
}

Status judge_frame(std::string_view title, const prompt::Scene& scene, std::string_view note) {
  DRAMATIS_DO(judge_text("title", title, kMaxTitleBytes));
  DRAMATIS_DO(judge_text("scene.place", scene.place, kMaxSceneBytes));
  DRAMATIS_DO(judge_text("scene.time", scene.time, kMaxSceneBytes));
  DRAMATIS_DO(judge_text("scene.status", scene.status, kMaxSceneBytes));
  DRAMATIS_DO(judge_text("scene.player", scene.player, kMaxNameBytes));
  DRAMATIS_DO(judge_text("scene.player_is", scene.player_is, kMaxSceneBytes));
  DRAMATIS_DO(judge_text("scene.acquaintance", scene.acquaintance, kMaxSceneBytes));
  return judge_text("note", note, kMaxNoteBytes);
}

Result<std::string> hear(std::string_view words) {
  DRAMATIS_TRY(auto heard, text::hear(words));
  if (heard.blank()) return fail(ErrorCode::kInvalidArgument, "Nothing is said in it.");
  return std::move(heard.words);
}

// The lines as they were supplied, judged; those of one speaker in a row as one.
Result<std::vector<prompt::Line>> join_lines(std::span<const prompt::Line> said) {
  std::vector<prompt::Line> lines;
  for (std::size_t n = 0; n < said.size(); ++n) {
    auto words = hear(said[n].text);
    if (!words)
      return fail(words.error().code, fmt::format("messages[{}]: {}", n, words.error().what));
    if (!lines.empty() && lines.back().who == said[n].who) {
      lines.back().text += "\n" + *words;
    } else {
      lines.push_back({.who = said[n].who, .text = *std::move(words)});
    }
  }
  if (!lines.empty() && lines.back().who == lm::Role::kPlayer) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("messages[{}] is the player's and has no answer; begin without it, and "
                            "say it in a turn.",
                            said.size() - 1));
  }
  return lines;
}

Result<std::vector<Turn>> turns_of(std::span<const prompt::Line> lines, Instant now) {
  std::vector<Turn> turns;
  std::optional<std::string> message;
  for (const auto& line : lines) {
    if (line.who == lm::Role::kPlayer) {
      message = line.text;
      continue;
    }
    DRAMATIS_TRY(const std::uint64_t id, random_u64());
    turns.push_back({.id = TurnId{id},
                     .message = std::exchange(message, std::nullopt),
                     .spoken = {.reply = line.text, .at = now}});
  }
  if (turns.size() > kMaxTurnsListed) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("{} turns are supplied; a conversation begins with at most {}.",
                            turns.size(), kMaxTurnsListed));
  }
  return turns;
}

// Begins `conversation`, whose id is drawn here, with `turns`.
Result<Conversation> begin(Conversation conversation, std::vector<Turn> turns, const Ports& with) {
  DRAMATIS_TRY(const std::uint64_t id, random_u64());
  conversation.id = ConversationId{id};
  conversation.started = with.clock.now();
  for (auto& turn : turns) {
    turn.conversation = conversation.id;
    turn.pair = conversation.pair;
  }
  DRAMATIS_TRY(const auto pass, with.turnstile.enter(conversation.pair, {}));
  DRAMATIS_DO(with.store.begin(conversation, turns));
  return conversation;
}

// The turn, with its pair's place in the line held.
struct HeldTurn {
  Turn turn;
  Turnstile::Pass pass;
};

Result<HeldTurn> hold(TurnId id, const Ports& with) {
  DRAMATIS_TRY(const auto found, with.store.find_turn(id));
  DRAMATIS_TRY(auto pass, with.turnstile.enter(found.pair, {}));
  DRAMATIS_TRY(auto turn, with.store.find_turn(id));  // as the turn before left it
  return HeldTurn{.turn = std::move(turn), .pass = std::move(pass)};
}

Status known(Pair pair, const Store& store) {
  DRAMATIS_DO(store.find_npc(pair.npc));
  DRAMATIS_DO(store.find_user(pair.user));
  return {};
}

Result<std::optional<ConversationId>> current_of(Pair pair, const Store& store) {
  DRAMATIS_DO(known(pair, store));
  DRAMATIS_TRY(const auto current, store.current_conversation(pair));
  return current ? std::optional(current->id) : std::nullopt;
}

}  // namespace

Result<Conversation> begin_conversation(const Beginning& beginning, const Ports& with) {
  DRAMATIS_DO(known(beginning.pair, with.store));
  DRAMATIS_DO(judge_frame(beginning.title, beginning.scene, beginning.note));
  DRAMATIS_TRY(const auto lines, join_lines(beginning.said));
  DRAMATIS_TRY(auto turns, turns_of(lines, with.clock.now()));
  return begin({.pair = beginning.pair,
                .title = beginning.title,
                .scene = beginning.scene,
                .note = beginning.note},
               std::move(turns), with);
}

Result<Conversation> change_conversation(ConversationId id, const ConversationChange& change,
                                         const Ports& with) {
  return with.store.change_conversation(id, [&change](Conversation& conversation) {
    if (change.title) conversation.title = *change.title;
    if (change.scene) change.scene(conversation.scene);
    if (change.note) conversation.note = *change.note;
    return judge_frame(conversation.title, conversation.scene, conversation.note);
  });
}

Result<Conversation> branch(TurnId after, const Ports& with) {
  DRAMATIS_TRY(const auto last, with.store.find_turn(after));
  DRAMATIS_TRY(auto conversation, with.store.find_conversation(last.conversation));
  DRAMATIS_TRY(auto turns,
               with.store.newest_turns(last.conversation, kMaxTurnsListed - 1, last.id));
  turns.push_back(last);
  for (auto& turn : turns) {
    DRAMATIS_TRY(const std::uint64_t id, random_u64());
    turn.id = TurnId{id};
    turn.key.clear();  // a client's retry belongs to the turn that was first
    turn.chosen = 0;
    turn.alternatives = 1;
  }
  conversation.branched_after = after;
  return begin(std::move(conversation), std::move(turns), with);
}

Result<Turn> edit_message(TurnId id, std::string_view message, const Ports& with) {
  DRAMATIS_TRY(const auto heard, hear(message));
  DRAMATIS_TRY(auto held, hold(id, with));
  if (!held.turn.message) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("The NPC spoke first in {}; there is no message.", print_id(id)));
  }
  DRAMATIS_DO(with.store.edit_message(id, heard));
  held.turn.message = heard;
  return std::move(held.turn);
}

Result<Turn> edit_reply(TurnId id, std::string_view reply, const Ports& with) {
  DRAMATIS_TRY(auto heard, hear(reply));
  DRAMATIS_TRY(const auto held, hold(id, with));
  return with.store.add_alternative(id, {.reply = std::move(heard), .at = with.clock.now()});
}

Result<Turn> choose_alternative(TurnId id, std::size_t place, const Ports& with) {
  DRAMATIS_TRY(const auto held, hold(id, with));
  return with.store.choose_alternative(id, place);
}

Result<std::size_t> remove_turns_from(TurnId id, const Ports& with) {
  DRAMATIS_TRY(const auto held, hold(id, with));
  return with.store.remove_turns_from(id);
}

Result<std::optional<Turn>> undo(ConversationId id, const Ports& with) {
  DRAMATIS_TRY(const auto conversation, with.store.find_conversation(id));
  DRAMATIS_TRY(const auto pass, with.turnstile.enter(conversation.pair, {}));
  DRAMATIS_TRY(auto newest, with.store.newest_turns(id, 1));
  if (newest.empty()) return std::nullopt;
  DRAMATIS_DO(with.store.remove_turns_from(newest.front().id));
  return std::move(newest.front());
}

Result<std::optional<Turn>> undo(Pair pair, const Ports& with) {
  DRAMATIS_TRY(const auto current, current_of(pair, with.store));
  if (!current) return std::nullopt;
  return undo(*current, with);
}

Result<std::size_t> reset(ConversationId id, const Ports& with) {
  DRAMATIS_TRY(const auto conversation, with.store.find_conversation(id));
  DRAMATIS_TRY(const auto pass, with.turnstile.enter(conversation.pair, {}));
  return with.store.remove_turns(id);
}

Result<std::size_t> reset(Pair pair, const Ports& with) {
  DRAMATIS_TRY(const auto current, current_of(pair, with.store));
  if (!current) return std::size_t{0};
  return reset(*current, with);
}

Turn for_players(Turn turn) {
  turn.spoken.thoughts.clear();
  turn.spoken.account.reset();
  return turn;
}

Result<std::vector<Turn>> history(ConversationId id, const Store& store, std::size_t count,
                                  Eyes eyes, std::optional<TurnId> before) {
  DRAMATIS_TRY(auto turns, store.newest_turns(id, std::min(count, kMaxTurnsListed), before));
  if (eyes == Eyes::kOwner) return turns;
  for (auto& turn : turns) turn = for_players(std::move(turn));
  return turns;
}

Result<std::vector<Turn>> history(Pair pair, const Store& store, std::size_t count, Eyes eyes) {
  DRAMATIS_TRY(const auto current, current_of(pair, store));
  if (!current) return std::vector<Turn>{};
  return history(*current, store, count, eyes);
}

}  // namespace dramatis::dialogue
