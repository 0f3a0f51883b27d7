// A talk, line by line: who speaks, what it heard, its turn, the line.
#include "arena/run.h"

#include <algorithm>

#include <fmt/format.h>

#include "arena/limits.h"
#include "base/random.h"
#include "dialogue/conversations.h"
#include "dialogue/registry.h"
#include "dialogue/turn.h"
#include "text/utterance.h"

namespace dramatis::arena {
namespace {

Status judge(const Beginning& beginning) {
  const auto& npcs = beginning.npcs;
  if (npcs.size() < 2 || npcs.size() > kMaxParticipants) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} NPCs cannot talk; two to {} can.", npcs.size(), kMaxParticipants));
  }
  for (auto npc = npcs.begin(); npc != npcs.end(); ++npc) {
    if (std::find(npcs.begin(), npc, *npc) != npc) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} stands twice in the list; nobody talks to itself.",
                              dramatis::print_id(*npc)));
    }
  }
  if (beginning.order == Order::kNamed && beginning.named.empty())
    return fail(ErrorCode::kInvalidArgument, "An order by name needs a list of names.");
  if (beginning.named.size() > kMaxLines ||
      std::ranges::any_of(beginning.named, [&](std::size_t n) { return n >= npcs.size(); })) {
    return fail(ErrorCode::kInvalidArgument,
                "The list of speakers names somebody who takes no part.");
  }
  if (beginning.opening.size() > kMaxOpeningBytes) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("The opening has {} bytes; at most {} are said.",
                            beginning.opening.size(), kMaxOpeningBytes));
  }
  return {};
}

// What others may know of an NPC.
struct Known {
  std::string name, short_name, title;
};

Result<Known> known_of(NpcId id, const dialogue::Ports& with) {
  DRAMATIS_TRY(const auto npc, with.store.find_npc(id));
  Known known;
  if (const auto* const member = with.cast.find_member(npc.settings.character)) {
    known = {member->sheet.name, member->sheet.short_name, member->sheet.title};
  } else if (npc.settings.character.empty()) {
    DRAMATIS_TRY(const auto sheets,
                 persona::character_from_text(npc.settings.world_description,
                                              npc.settings.character_description));
    known = {sheets.character.name, sheets.character.short_name, sheets.character.title};
  }
  if (known.name.empty()) known.name = dramatis::print_id(id);
  if (known.short_name.empty()) known.short_name = known.name;
  return known;
}

Result<UserId> player_for(NpcId npc, const Ports& with) {
  DRAMATIS_TRY(const auto known, with.talks.player_of(npc));
  if (known) return *known;
  DRAMATIS_TRY(const auto user,
               dialogue::register_user(with.service.store, with.service.clock,
                                       fmt::format("npc_{}", dramatis::print_id(npc).substr(4))));
  DRAMATIS_DO(with.talks.keep_player(npc, user.id));
  return user.id;
}

// The scene as one of them sees it.
prompt::Scene seen_by(std::size_t self, const std::vector<Known>& all, prompt::Scene scene) {
  std::string names, titles;
  for (std::size_t n = 0; n < all.size(); ++n) {
    if (n == self) continue;
    names.append(names.empty() ? "" : ", ").append(all[n].name);
    if (!all[n].title.empty()) titles.append(titles.empty() ? "" : ", ").append(all[n].title);
  }
  if (scene.player.empty()) scene.player = names;
  if (scene.player_is.empty()) scene.player_is = titles;
  return scene;
}

// Whose messages each hears: of two, the other's; of more, the company's.
Result<std::vector<UserId>> listened_to(const Beginning& beginning, TalkId id, const Ports& with) {
  std::vector<UserId> players;
  for (const auto npc : beginning.npcs) {
    DRAMATIS_TRY(const auto player, player_for(npc, with));
    players.push_back(player);
  }
  if (players.size() == 2) return std::vector{players[1], players[0]};
  DRAMATIS_TRY(const auto company,
               dialogue::register_user(with.service.store, with.service.clock, print_id(id)));
  return std::vector(players.size(), company.id);
}

Status add_participants(const Beginning& beginning, const Ports& with, Talk& talk) {
  DRAMATIS_TRY(const auto hears, listened_to(beginning, talk.id, with));
  std::vector<Known> all;
  for (const auto npc : beginning.npcs) {
    DRAMATIS_TRY(auto known, known_of(npc, with.service));
    all.push_back(std::move(known));
  }
  for (std::size_t n = 0; n < all.size(); ++n) {
    DRAMATIS_TRY(const auto conversation,
                 dialogue::begin_conversation({.pair = {beginning.npcs[n], hears[n]},
                                               .title = print_id(talk.id),
                                               .scene = seen_by(n, all, beginning.scene),
                                               .note = beginning.note},
                                              with.service));
    talk.participants.push_back({.npc = beginning.npcs[n],
                                 .name = all[n].name,
                                 .short_name = all[n].short_name,
                                 .hears = hears[n],
                                 .conversation = conversation.id});
  }
  return {};
}

Line line_of(std::size_t speaker, const dialogue::Turn& turn) {
  using std::chrono::milliseconds;
  Line line{.speaker = speaker, .text = turn.spoken.reply, .turn = turn.id, .at = turn.spoken.at};
  if (turn.spoken.account)
    line.took = std::chrono::duration_cast<milliseconds>(turn.spoken.account->total);
  return line;
}

// The first line of a talk without an opening. One that was stored before a kill is found again.
Result<dialogue::Turn> greet(const dialogue::Request& request, const Ports& with,
                             lm::TextSink& watcher, const std::stop_token& stop) {
  DRAMATIS_TRY(const auto said, with.service.store.newest_turns(*request.conversation, 1));
  if (!said.empty()) return said.front();
  DRAMATIS_TRY(auto reply, dialogue::greet(request, with.service, watcher, stop));
  return std::move(reply.turn);
}

Result<Line> speak_next(const Talk& talk, const Ports& with, lm::TextSink& watcher,
                        const std::stop_token& stop) {
  if (talk.lines.size() >= kMaxLines) {
    return fail(ErrorCode::kOverBudget, fmt::format("{} has {} lines; it ends here.",
                                                    print_id(talk.id), talk.lines.size()));
  }
  const std::size_t speaker = next_speaker(talk);
  const std::string heard = heard_by(talk, speaker);
  // The key makes a turn that a kill parted from its line the same turn again.
  const std::string key = fmt::format("{}/{}", print_id(talk.id), talk.lines.size());
  const dialogue::Request request{.conversation = talk.participants[speaker].conversation,
                                  .message = heard,
                                  .key = key,
                                  .seed = talk.seed + talk.lines.size(),
                                  .urgency = lm::Urgency::kBackground};
  if (heard.empty()) {
    DRAMATIS_TRY(const auto turn, greet(request, with, watcher, stop));
    return line_of(speaker, turn);
  }
  DRAMATIS_TRY(const auto reply, dialogue::take_turn(request, with.service, watcher, stop));
  return line_of(speaker, reply.turn);
}

Result<Line> add_next(const Talk& talk, const Ports& with, lm::TextSink& watcher,
                      const std::stop_token& stop) {
  DRAMATIS_TRY(auto line, speak_next(talk, with, watcher, stop));
  DRAMATIS_DO(with.talks.add_line(talk.id, talk.lines.size(), line));
  return line;
}

}  // namespace

Result<Talk> begin(const Beginning& beginning, const Ports& with) {
  DRAMATIS_DO(judge(beginning));
  DRAMATIS_TRY(const auto opening, text::hear(beginning.opening));
  DRAMATIS_TRY(const auto id, random_u64());
  DRAMATIS_TRY(const auto drawn, random_u64());
  Talk talk{.id = TalkId{id},
            .opening = opening.words,
            .order = beginning.order,
            .named = beginning.named,
            .seed = beginning.seed.value_or(drawn),
            .started = with.service.clock.now()};
  DRAMATIS_DO(add_participants(beginning, with, talk));
  DRAMATIS_DO(with.talks.add_talk(talk));
  return talk;
}

Result<Line> run_turn(TalkId id, const Ports& with, lm::TextSink& watcher,
                      const std::stop_token& stop) {
  DRAMATIS_TRY(const auto talk, with.talks.find_talk(id));
  return add_next(talk, with, watcher, stop);
}

Result<Run> run(TalkId id, std::size_t lines, const Ports& with, lm::TextSink& watcher,
                const Watch& watch, const std::stop_token& stop) {
  Run made;
  DRAMATIS_TRY(made.talk, with.talks.find_talk(id));
  while (made.said < lines && !made.failure) {
    const auto& speaker = made.talk.participants[next_speaker(made.talk)];
    if (watch.begins) watch.begins(speaker);
    auto line = add_next(made.talk, with, watcher, stop);
    if (!line) {
      made.failure = std::move(line).error();
      break;
    }
    if (watch.ends) watch.ends(speaker, *line);
    made.talk.lines.push_back(*std::move(line));
    ++made.said;
  }
  return made;
}

}  // namespace dramatis::arena
