// One member for each field.
#include "arena/record.h"

#include <charconv>

#include <fmt/format.h>

#include "arena/limits.h"

namespace dramatis::arena {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

Error wrong(std::string_view field) {
  return {ErrorCode::kCorrupt, fmt::format("The field '{}' of a talk is missing or wrong.", field)};
}

Result<std::string> string_of(const Json& json, std::string_view field) {
  const Json* const found = json.find(field);
  const std::string* const value = found == nullptr ? nullptr : found->as_string();
  if (value == nullptr) return tl::unexpected(wrong(field));
  return *value;
}

Result<std::int64_t> int_of(const Json& json, std::string_view field) {
  const Json* const found = json.find(field);
  const std::int64_t* const value = found == nullptr ? nullptr : found->as_int();
  if (value == nullptr) return tl::unexpected(wrong(field));
  return *value;
}

Result<std::size_t> place_of(const Json& json, std::string_view field, std::size_t count) {
  DRAMATIS_TRY(const auto value, int_of(json, field));
  if (value < 0 || static_cast<std::size_t>(value) >= count) return tl::unexpected(wrong(field));
  return static_cast<std::size_t>(value);
}

template <class Id, class Parse>
Result<Id> id_of(const Json& json, std::string_view field, Parse parse) {
  DRAMATIS_TRY(const auto text, string_of(json, field));
  const std::optional<Id> id = parse(text);
  if (!id) return tl::unexpected(wrong(field));
  return *id;
}

// A seed has 64 bits, one more than JSON's numbers keep.
Result<std::uint64_t> seed_of(const Json& json) {
  DRAMATIS_TRY(const auto text, string_of(json, "seed"));
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc() || end != text.data() + text.size())
    return tl::unexpected(wrong("seed"));
  return seed;
}

JsonObject participant_json(const Participant& who) {
  return {{"npc", print_id(who.npc)},
          {"name", who.name},
          {"short_name", who.short_name},
          {"hears", print_id(who.hears)},
          {"conversation", print_id(who.conversation)}};
}

Result<Participant> read_participant(const Json& json) {
  Participant who;
  DRAMATIS_TRY(who.npc, id_of<NpcId>(json, "npc", parse_npc_id));
  DRAMATIS_TRY(who.name, string_of(json, "name"));
  DRAMATIS_TRY(who.short_name, string_of(json, "short_name"));
  DRAMATIS_TRY(who.hears, id_of<UserId>(json, "hears", parse_user_id));
  DRAMATIS_TRY(who.conversation,
               id_of<ConversationId>(json, "conversation", parse_conversation_id));
  return who;
}

Instant instant_of(std::int64_t milliseconds) {
  return Instant(std::chrono::milliseconds(milliseconds));
}

Result<const JsonArray*> list_of(const Json& json, std::string_view field, std::size_t most) {
  const Json* const found = json.find(field);
  const JsonArray* const list = found == nullptr ? nullptr : found->as_array();
  if (list == nullptr || list->size() > most) return tl::unexpected(wrong(field));
  return list;
}

Status read_named(const Json& json, Talk& talk) {
  DRAMATIS_TRY(const JsonArray* const list, list_of(json, "named", kMaxLines));
  for (const auto& entry : *list) {
    const std::int64_t* const place = entry.as_int();
    if (place == nullptr || *place < 0 ||
        static_cast<std::size_t>(*place) >= talk.participants.size())
      return tl::unexpected(wrong("named"));
    talk.named.push_back(static_cast<std::size_t>(*place));
  }
  return {};
}

}  // namespace

JsonObject talk_json(const Talk& talk) {
  JsonArray participants, named;
  for (const auto& who : talk.participants) participants.emplace_back(participant_json(who));
  for (const auto place : talk.named) named.emplace_back(place);
  return {{"id", print_id(talk.id)},
          {"participants", std::move(participants)},
          {"opening", talk.opening},
          {"order", print(talk.order)},
          {"named", std::move(named)},
          {"seed", std::to_string(talk.seed)},
          {"started_ms", talk.started.time_since_epoch().count()}};
}

JsonObject line_json(const Line& line) {
  return {{"speaker", line.speaker},
          {"text", line.text},
          {"turn", print_id(line.turn)},
          {"at_ms", line.at.time_since_epoch().count()},
          {"took_ms", line.took.count()}};
}

Result<Talk> read_talk(const Json& json) {
  Talk talk;
  DRAMATIS_TRY(talk.id, id_of<TalkId>(json, "id", parse_talk_id));
  DRAMATIS_TRY(const JsonArray* const list, list_of(json, "participants", kMaxParticipants));
  if (list->size() < 2) return tl::unexpected(wrong("participants"));
  for (const auto& entry : *list) {
    DRAMATIS_TRY(auto who, read_participant(entry));
    talk.participants.push_back(std::move(who));
  }
  DRAMATIS_TRY(talk.opening, string_of(json, "opening"));
  DRAMATIS_TRY(const auto order, string_of(json, "order"));
  const auto known = parse_order(order);
  if (!known) return tl::unexpected(wrong("order"));
  talk.order = *known;
  DRAMATIS_DO(read_named(json, talk));
  DRAMATIS_TRY(talk.seed, seed_of(json));
  DRAMATIS_TRY(const auto started, int_of(json, "started_ms"));
  talk.started = instant_of(started);
  return talk;
}

Result<Line> read_line(const Json& json, const Talk& talk) {
  Line line;
  DRAMATIS_TRY(line.speaker, place_of(json, "speaker", talk.participants.size()));
  DRAMATIS_TRY(line.text, string_of(json, "text"));
  DRAMATIS_TRY(line.turn, id_of<TurnId>(json, "turn", parse_turn_id));
  DRAMATIS_TRY(const auto at, int_of(json, "at_ms"));
  DRAMATIS_TRY(const auto took, int_of(json, "took_ms"));
  line.at = instant_of(at);
  line.took = std::chrono::milliseconds(took);
  return line;
}

JsonObject transcript_json(const Talk& talk) {
  JsonArray lines;
  for (const auto& line : talk.lines) {
    JsonObject entry{{"name", talk.participants[line.speaker].name}};
    for (auto& member : line_json(line)) entry.push_back(std::move(member));
    lines.emplace_back(std::move(entry));
  }
  JsonObject transcript = talk_json(talk);
  transcript.emplace_back("lines", std::move(lines));
  return transcript;
}

}  // namespace dramatis::arena
