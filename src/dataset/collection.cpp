// Records -> pieces; pieces -> lessons.
#include "dataset/collection.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "dataset/answer.h"
#include "dataset/counting_model.h"
#include "dataset/exchanges.h"
#include "dataset/near_duplicates.h"
#include "dataset/record.h"
#include "dataset/words.h"
#include "lm/thoughts.h"
#include "text/digest.h"

namespace dramatis::dataset {

using text::Json;
using text::JsonArray;
using text::JsonObject;

namespace {

// Prompts are composed for a trainer, which cuts at its own length.
constexpr std::size_t kRoom = 1'000'000;
constexpr std::size_t kMessagesShown = 60;

// The lines of an experience as the character heard and said them. Where several others speak, each
// line bears its speaker's name.
std::vector<prompt::Line> lines_of(const Experience& experience, const std::string& own) {
  std::set<std::string> others;
  for (const auto& line : experience.lines) {
    if (line.speaker != own) others.insert(line.speaker);
  }
  std::vector<prompt::Line> lines;
  std::string thoughts;
  for (const auto& line : experience.lines) {
    const bool is_own = line.speaker == own;
    if (is_own && line.is_thought()) {
      thoughts.append(thoughts.empty() ? "" : "\n").append(line.words);
      continue;
    }
    std::string words =
        is_own || others.size() < 2 ? line.words : fmt::format("{}: {}", line.speaker, line.words);
    const auto who = is_own ? lm::Role::kNpc : lm::Role::kPlayer;
    if (!lines.empty() && lines.back().who == who && thoughts.empty()) {
      lines.back().text += "\n" + words;
      continue;
    }
    lines.push_back(
        {.who = who, .text = std::move(words), .thoughts = std::exchange(thoughts, {})});
  }
  while (!lines.empty() && lines.back().who != lm::Role::kNpc) lines.pop_back();
  return lines;
}

std::string said_in(const Experience& experience) {
  std::string all;
  for (const auto& line : experience.lines) all += line.words + "\n";
  return all;
}

}  // namespace

std::string_view name_of(Source source) {
  switch (source) {
    case Source::kExchange:
      return "exchange";
    case Source::kExperience:
      return "experience";
    case Source::kProtective:
      return "protective";
    case Source::kAuthored:
      return "authored";
    case Source::kTalk:
      break;
  }
  return "talk";
}

Result<Gathered> gather_exchanges(const std::string& character, const std::vector<Json>& records,
                                  const Gates& gates) {
  DRAMATIS_TRY(auto items, read_exchange_items(records));
  std::vector<Made> made;
  for (const auto& item : items) made.push_back(item.made);
  auto gated = gates.judge_all(made);
  std::set<std::string> passed;
  for (const auto& one : gated.passed) passed.insert(one.id);
  Gathered gathered{.pieces = {}, .refused = std::move(gated.refused)};
  for (auto& item : items) {
    if (!passed.contains(item.made.id)) continue;
    Piece piece{.id = fmt::format("{}/exchange-{}", character, item.item),
                .character = character,
                .source = Source::kExchange,
                .scene = scene_of(item.met)};
    piece.kin.words = item.made.question;
    piece.lines.push_back({.who = lm::Role::kPlayer, .text = std::move(item.made.question)});
    piece.lines.push_back({.who = lm::Role::kNpc, .text = std::move(item.made.answer)});
    gathered.pieces.push_back(std::move(piece));
  }
  return gathered;
}

Result<Gathered> gather_experiences(const persona::Character& character,
                                    const std::vector<Json>& records, Source source) {
  DRAMATIS_TRY(auto items, read_experiences(records));
  std::vector<std::string> said;
  for (const auto& item : items) said.push_back(said_in(item.experience));
  const auto first = first_alike(said);
  Gathered gathered;
  for (std::size_t n = 0; n < items.size(); ++n) {
    auto& item = items[n];
    if (first[n] != n) {
      gathered.refused.push_back(
          {.id = item.source,
           .gate = "repeats",
           .reason = fmt::format("{} says the same.", items[first[n]].source),
           .answer = said[n].substr(0, said[n].find('\n'))});
      continue;
    }
    Piece piece{.id = fmt::format("{}/{}", character.id, item.source),
                .character = character.id,
                .source = source};
    piece.scene.place = item.place;
    piece.scene.status = item.experience.background;
    piece.lines = lines_of(item.experience, character.short_name);
    piece.kin = {.scene = piece.id, .words = item.experience.background};
    piece.experience = std::move(item.experience);
    gathered.pieces.push_back(std::move(piece));
  }
  return gathered;
}

Gathered gather_authored(const persona::Member& member) {
  Gathered gathered;
  for (const auto& dialogue : member.dialogues) {
    Piece piece{.id = fmt::format("{}/authored-{}", member.sheet.id, dialogue.id),
                .character = member.sheet.id,
                .source = Source::kAuthored};
    piece.scene.place = dialogue.scene;
    piece.kin = {.scene = piece.id, .words = dialogue.exchanges.front().player};
    for (const auto& exchange : dialogue.exchanges) {
      piece.lines.push_back({.who = lm::Role::kPlayer, .text = exchange.player});
      piece.lines.push_back(
          {.who = lm::Role::kNpc, .text = exchange.npc, .thoughts = exchange.thoughts});
    }
    gathered.pieces.push_back(std::move(piece));
  }
  return gathered;
}

JsonObject talk_record(const study::Transcript& talk, std::string_view from) {
  JsonArray lines;
  std::string all;
  for (const auto& answered : talk.answers) {
    lines.push_back(JsonObject{{"heard", answered.heard}, {"reply", answered.reply}});
    all += answered.heard + "\n" + answered.reply + "\n";
  }
  return {{"talk", text::sha256(all).substr(0, 16)},
          {"from", from},
          {"name", talk.name},
          {"other", talk.other},
          {"lines", std::move(lines)}};
}

Result<Gathered> gather_talks(const std::string& character, const std::vector<Json>& records,
                              const Gates& gates) {
  Gathered gathered;
  for (const auto& record : records) {
    const auto id = text_in(record, "talk");
    if (id.empty()) continue;  // the head
    const Json* const lines = record.find("lines");
    if (lines == nullptr || lines->as_array() == nullptr)
      return fail(ErrorCode::kCorrupt, fmt::format("Talk {} has no list of lines.", id));
    Piece piece{.id = fmt::format("{}/talk-{}", character, id),
                .character = character,
                .source = Source::kTalk};
    piece.scene.player = text_in(record, "other");
    for (const auto& line : *lines->as_array()) {
      const Made made{.id = id,
                      .question = text_in(line, "heard"),
                      .answer = text_in(line, "reply"),
                      .other = piece.scene.player};
      auto refusal = gates.judge(made);
      if (!refusal.gate.empty()) {
        gathered.refused.push_back(std::move(refusal));
        break;
      }
      if (!made.question.empty())
        piece.lines.push_back({.who = lm::Role::kPlayer, .text = made.question});
      piece.lines.push_back({.who = lm::Role::kNpc, .text = made.answer});
    }
    if (piece.lines.empty()) continue;
    piece.kin = {.scene = piece.id, .words = piece.lines.front().text};
    gathered.pieces.push_back(std::move(piece));
  }
  return gathered;
}

Result<std::vector<Lesson>> lessons_of(const Piece& piece, const persona::Cast& cast, Sheet sheet) {
  const auto* const member = cast.find_member(piece.character);
  const auto* const world = member == nullptr ? nullptr : cast.find_world(member->sheet.world);
  if (world == nullptr)
    return fail(ErrorCode::kNotFound,
                fmt::format("The cast has no character '{}' in a world.", piece.character));
  const CountingModel model(
      [](std::string_view text) -> Result<std::size_t> { return text.size() / 4 + 1; }, kRoom);
  std::vector<Lesson> lessons;
  const std::span<const prompt::Line> lines = piece.lines;
  for (std::size_t n = 0; n < lines.size(); ++n) {
    if (lines[n].who != lm::Role::kNpc) continue;
    const bool asked = n > 0 && lines[n - 1].who == lm::Role::kPlayer;
    if (n > 0 && !asked) continue;  // it goes on by itself: no message asks for that
    const bool thinks = sheet == Sheet::kOn && !lines[n].thoughts.empty();
    prompt::Material material{.world = *world, .character = member->sheet, .scene = piece.scene};
    material.history = lines.first(asked ? n - 1 : 0);
    if (asked) material.message = lines[n - 1].text;
    material.thoughts = thinks ? prompt::Thoughts::kInvited : prompt::Thoughts::kNone;
    DRAMATIS_TRY(
        auto composed,
        prompt::compose(material, {.tokens = kRoom, .history_messages = kMessagesShown}, model));
    Lesson lesson{.id = fmt::format("{}/{}", piece.id, lessons.size()),
                  .messages = std::move(composed.prompt.messages)};
    lesson.messages.push_back(
        {.role = lm::Role::kNpc,
         .text = thinks ? lm::with_thoughts(lines[n].thoughts, lines[n].text) : lines[n].text});
    lessons.push_back(sheet == Sheet::kOn ? std::move(lesson) : without_sheet(lesson));
  }
  return lessons;
}

std::string print_as_experience(const Piece& piece, const persona::Character& character) {
  const PlayedBy by{.name = character.name, .place = piece.scene.place, .source = piece.id};
  if (piece.experience) return print_experience(*piece.experience, by);
  const std::string other = piece.scene.player.empty() ? "Man" : piece.scene.player;
  Experience script{.background = piece.scene.status};
  if (script.background.empty())
    script.background = fmt::format("{} and {} talk.", character.short_name, other);
  for (const auto& line : piece.lines) {
    const bool own = line.who == lm::Role::kNpc;
    if (!line.thoughts.empty())
      script.lines.push_back(
          {.speaker = character.short_name, .manner = "thinking", .words = line.thoughts});
    script.lines.push_back(
        {.speaker = own ? character.short_name : other, .manner = "speaking", .words = line.text});
  }
  return print_experience(script, by);
}

double Figures::turns_each() const {
  return pieces == 0 ? 0 : static_cast<double>(turns) / static_cast<double>(pieces);
}

double Figures::words_each() const {
  return pieces == 0 ? 0 : static_cast<double>(words) / static_cast<double>(pieces);
}

Figures& Figures::operator+=(const Figures& other) {
  pieces += other.pieces;
  turns += other.turns;
  thoughts += other.thoughts;
  words += other.words;
  return *this;
}

Figures figures_of(std::span<const Piece> pieces) {
  Figures figures{.pieces = pieces.size()};
  for (const auto& piece : pieces) {
    if (piece.experience) {
      for (const auto& line : piece.experience->lines) {
        ++figures.turns;
        figures.thoughts += line.is_thought() ? 1 : 0;
        figures.words += count_words(line.words);
      }
      continue;
    }
    for (const auto& line : piece.lines) {
      figures.turns += line.thoughts.empty() ? 1 : 2;
      figures.thoughts += line.thoughts.empty() ? 0 : 1;
      figures.words += count_words(line.text) + count_words(line.thoughts);
    }
  }
  return figures;
}

}  // namespace dramatis::dataset
