// The NPC is found by its name; the rest is a chat whose history the client keeps.
#include "server/evennia_play.h"

#include <algorithm>

#include <fmt/format.h>

#include "lm/limits.h"
#include "server/dialect_limits.h"
#include "server/dialect_play.h"
#include "server/dialect_telling.h"
#include "server/evennia_answer.h"

namespace dramatis::server {
namespace {

// Where nobody and nothing is.
constexpr std::string_view kVoid = "the void";

// A place among the talks under way, until it dies.
class Seat {
 public:
  explicit Seat(std::atomic<std::size_t>& taken) : taken_(taken), count_(++taken) {}
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;
  ~Seat() { --taken_; }
  [[nodiscard]] bool is_free() const { return count_ <= kMaxEvenniaTalks; }

 private:
  std::atomic<std::size_t>& taken_;
  const std::size_t count_;
};

std::string described(const EvenniaTalk& talk) {
  if (!talk.prefix.empty()) return talk.prefix;
  const std::string name = talk.npc.empty() ? "somebody who lives here" : talk.npc;
  const std::string more = talk.description.empty() ? "" : ", " + talk.description;
  return fmt::format("You are {}{}. Answer with short sentences, and only as {} would.", name, more,
                     name);
}

Judged<Named> somebody(const EvenniaTalk& talk, const dialogue::Ports& with) {
  const std::string text = described(talk);
  DRAMATIS_TRY(auto sheets, persona::character_from_text("", text));
  if (!talk.npc.empty()) sheets.character.name = talk.npc;
  return Named{.name = talk.npc,
               .serving = &with.models.first(),
               .actor = Actor{.npc = {}, .settings = {}, .sheet = Sheet(std::move(sheets))}};
}

Judged<Named> who_is(const EvenniaTalk& talk, const dialogue::Ports& with) {
  if (!talk.npc.empty()) {
    if (auto known = find_model("npc/" + talk.npc, with)) return known;
  }
  return somebody(talk, with);
}

std::vector<lm::Message> messages_of(const EvenniaTalk& talk) {
  std::vector<lm::Message> messages = talk.lines;
  if (messages.empty() || messages.back().role != lm::Role::kPlayer)
    messages.push_back({.role = lm::Role::kPlayer, .text = "..."});
  if (!talk.place.empty() && talk.place != kVoid)
    messages.insert(messages.begin(), {.role = lm::Role::kSystem, .text = talk.place});
  return messages;
}

}  // namespace

std::optional<EvenniaTalk> talk_in(const Ask& ask, Reading reading) {
  if (!ask.raw) return std::nullopt;
  auto talk = read_evennia_prompt(*ask.raw);
  if (!talk) return std::nullopt;
  const bool is_usual = talk->prefix.empty() && ask.raw->starts_with("You are roleplaying as ");
  const bool may_be_other = reading == Reading::kAnyTalk && ask.how.stop.empty();
  if (!is_usual && !may_be_other) return std::nullopt;
  return talk;
}

Judged<Talked> play_talk(Dialects& with, const Call& call, const Ask& ask, const Named* who,
                         const EvenniaTalk& talk, const std::stop_token& stop) {
  const Seat seat(with.talks);
  if (!seat.is_free())
    return tl::unexpected(Fault(ErrorCode::kUnavailable, "Too many talks at once; try again."));
  Judged<Named> answers =
      who != nullptr && who->actor ? Judged<Named>(*who) : who_is(talk, with.with);
  if (!answers) return tl::unexpected(std::move(answers).error());
  Ask asked = ask;
  asked.raw.reset();
  asked.messages = messages_of(talk);
  asked.user = talk.player;
  asked.conversation += "\n" + talk.npc + "\n" + talk.player;
  for (auto& end : evennia_stops(talk)) {
    if (asked.how.stop.size() < lm::kMaxStopStrings) asked.how.stop.push_back(std::move(end));
  }
  SilentSink quiet;
  const auto patience = std::min<std::chrono::milliseconds>(with.api.turn_time, kEvenniaTime);
  DRAMATIS_TRY(auto played,
               play_within_quota(
                   with, call, asked, *answers,
                   {.sink = quiet, .deadline = with.with.clock.steady() + patience, .stop = stop}));
  Talked talked{.line = evennia_line(played.text, talk, played.made.why),
                .made = std::move(played.made)};
  if (evennia_safe(talked.line).empty())
    return tl::unexpected(Fault(ErrorCode::kUnavailable, "Nothing was said; try again."));
  return talked;
}

}  // namespace dramatis::server
