// The usual sentence is read by its fixed words; any other by the labels of its lines.
#include "server/evennia_prompt.h"

#include <algorithm>
#include <map>

#include "server/dialect_ask.h"
#include "server/dialect_limits.h"

namespace dramatis::server {
namespace {

constexpr std::string_view kOpening = "You are roleplaying as ";
constexpr std::string_view kManner = ". Answer with short sentences. Only respond as ";
constexpr std::string_view kWould = " would. From here on, the conversation between ";
constexpr std::string_view kEnd = " begins.";
// What Evennia writes where nobody described the NPC.
constexpr std::string_view kNoDescription[] = {"someone", "This is a character.",
                                               "You see nothing special."};

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// "villager(#3)", as builders see names, is the villager.
std::string_view without_number(std::string_view name) {
  const std::size_t open = name.rfind("(#");
  if (open == name.npos || !name.ends_with(')')) return name;
  const std::string_view digits = name.substr(open + 2, name.size() - open - 3);
  const bool is_number = !digits.empty() && digits.find_first_not_of("0123456789") == digits.npos;
  return is_number ? name.substr(0, open) : name;
}

std::string plain_name(std::string_view name) {
  return without_markup(trimmed(without_number(trimmed(name))));
}

// The first of `parts` around the first `mark`; nothing where it is not there.
std::optional<std::pair<std::string_view, std::string_view>> split(std::string_view text,
                                                                   std::string_view mark) {
  const std::size_t at = text.find(mark);
  if (at == text.npos) return std::nullopt;
  return std::pair(text.substr(0, at), text.substr(at + mark.size()));
}

struct Head {
  std::string_view npc, player, description, place;
};

// Evennia's usual sentence, in which the NPC's name stands three times.
std::optional<Head> read_head(std::string_view head) {
  if (!head.starts_with(kOpening) || !head.ends_with(kEnd)) return std::nullopt;
  head.remove_prefix(kOpening.size());
  head.remove_suffix(kEnd.size());
  const std::size_t manner = head.rfind(kManner);
  if (manner == head.npos) return std::nullopt;
  const auto names = split(head.substr(manner + kManner.size()), kWould);
  if (!names) return std::nullopt;
  const std::string_view npc = names->first;
  std::string_view rest = head.substr(0, manner);
  std::string_view pair = names->second;
  if (npc.empty() || !rest.starts_with(npc) || !pair.starts_with(npc)) return std::nullopt;
  rest.remove_prefix(npc.size());
  pair.remove_prefix(npc.size());
  constexpr std::string_view kArticle = ", a ";
  constexpr std::string_view kAnd = " and ";
  constexpr std::string_view kExisting = " existing in ";
  const std::size_t existing = rest.rfind(kExisting);
  if (!rest.starts_with(kArticle) || !pair.starts_with(kAnd) || existing == rest.npos ||
      existing < kArticle.size())
    return std::nullopt;
  return Head{.npc = npc,
              .player = pair.substr(kAnd.size()),
              .description = rest.substr(kArticle.size(), existing - kArticle.size()),
              .place = rest.substr(existing + kExisting.size())};
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text = end == text.npos ? std::string_view() : text.substr(end + 1);
  }
  return lines;
}

// The name before the words of a line; empty where it begins with none.
std::string_view label_of(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == line.npos || colon == 0 || colon > kMaxLabelBytes) return {};
  const bool ends = colon + 1 == line.size();
  if (!ends && line[colon + 1] != ' ') return {};
  const std::string_view label = line.substr(0, colon);
  return trimmed(label) == label ? label : std::string_view();
}

bool begins(std::string_view line, std::string_view name) {
  return !name.empty() && label_of(line) == name;
}

// Lines -> turns: one that begins with neither name goes on from the one before.
std::vector<lm::Message> turns_of(std::span<const std::string_view> lines, std::string_view npc,
                                  std::string_view player) {
  std::vector<lm::Message> turns;
  for (const std::string_view line : lines) {
    const bool is_player = begins(line, player);
    if (is_player || begins(line, npc)) {
      const std::string_view words = trimmed(line.substr(label_of(line).size() + 1));
      turns.push_back(
          {.role = is_player ? lm::Role::kPlayer : lm::Role::kNpc, .text = without_markup(words)});
    } else if (!turns.empty()) {
      add_line(turns.back().text, without_markup(line));
    }
  }
  return turns;
}

// A player who says nothing is heard as silence; blank lines of others are dropped.
std::vector<lm::Message> with_silence(std::vector<lm::Message> turns) {
  if (!turns.empty() && trimmed(turns.back().text).empty()) turns.back().text = "...";
  return in_turns(std::move(turns));
}

std::optional<EvenniaTalk> read_usual(std::string_view prompt) {
  constexpr std::string_view kHeadEnd = " begins.\n";
  // A description may hold these words too: the first place at which a whole sentence ends counts.
  for (std::size_t at = prompt.find(kHeadEnd); at != prompt.npos;
       at = prompt.find(kHeadEnd, at + 1)) {
    const auto head = read_head(prompt.substr(0, at + kEnd.size()));
    if (!head) continue;
    const auto lines = lines_of(prompt.substr(at + kHeadEnd.size()));
    EvenniaTalk talk{.npc = plain_name(head->npc),
                     .player = plain_name(head->player),
                     .description = without_markup(trimmed(head->description)),
                     .place = plain_name(head->place)};
    if (std::ranges::find(kNoDescription, talk.description) != std::end(kNoDescription))
      talk.description.clear();
    talk.lines = with_silence(turns_of(lines, without_number(head->npc), head->player));
    if (talk.lines.empty()) return std::nullopt;
    return talk;
  }
  return std::nullopt;
}

// The label that stands most often among `lines`, `player` left out; the earlier one of equals.
std::string_view other_label(std::span<const std::string_view> lines, std::string_view player) {
  std::map<std::string_view, std::size_t> counts;
  std::string_view best;
  for (const std::string_view line : lines) {
    const std::string_view label = label_of(line);
    if (!label.empty() && label != player) ++counts[label];
  }
  for (const std::string_view line : lines) {
    const std::string_view label = label_of(line);
    if (counts.contains(label) && (best.empty() || counts[label] > counts[best])) best = label;
  }
  return best;
}

std::optional<EvenniaTalk> read_labelled(std::string_view prompt) {
  const auto lines = lines_of(prompt);
  if (lines.empty()) return std::nullopt;
  const std::string_view player = label_of(lines.back());
  if (player.empty()) return std::nullopt;
  const auto said_by = [&](std::string_view name) {
    return [name](std::string_view line) { return begins(line, name); };
  };
  auto first = std::ranges::find_if(lines, said_by(player));
  const std::string_view npc = other_label(
      std::span(lines).subspan(static_cast<std::size_t>(first - lines.begin())), player);
  // A memory that was cut at its beginning may start with the NPC's own line.
  if (!npc.empty()) first = std::min(first, std::ranges::find_if(lines, said_by(npc)));
  std::string prefix;
  for (auto line = lines.begin(); line != first; ++line) add_line(prefix, *line);
  EvenniaTalk talk{.npc = plain_name(npc),
                   .player = plain_name(player),
                   .prefix = without_markup(trimmed(prefix))};
  talk.lines = with_silence(turns_of({first, lines.end()}, npc, player));
  if (talk.lines.empty() || talk.lines.back().role != lm::Role::kPlayer) return std::nullopt;
  return talk;
}

// How many bytes of a colour code stand at the start of `text`, which begins with '|'.
std::size_t markup_length(std::string_view text) {
  if (text.size() < 2) return 1;
  const std::size_t background = text[1] == '[' ? 1 : 0;
  const std::string_view code = text.substr(1 + background);
  if (code.empty()) return 2;
  const auto is_digit = [](char c) { return c >= '0' && c <= '5'; };
  if (code.size() >= 3 && is_digit(code[0]) && is_digit(code[1]) && is_digit(code[2]))
    return 1 + background + 3;
  if (code[0] == '=' && code.size() >= 2) return 1 + background + 2;
  if (code[0] == 'l' && code.size() >= 2 && std::string_view("cteu").find(code[1]) != code.npos)
    return 1 + background + 2;
  constexpr std::string_view kCodes = "rgybmcwxRGYBMCWXnhHiIuUsS/->_*^!.,";
  return kCodes.find(code[0]) == kCodes.npos ? 1 : 1 + background + 1;
}

}  // namespace

std::string without_markup(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    if (text.starts_with("||")) {
      plain += '|';
      text.remove_prefix(2);
    } else if (text.front() == '|') {
      const std::size_t length = markup_length(text);
      const char last = text[length - 1];
      if (length == 2 && (last == '/' || last == '-' || last == '_')) plain += ' ';
      text.remove_prefix(length);
    } else {
      plain += text.front();
      text.remove_prefix(1);
    }
  }
  return plain;
}

std::optional<EvenniaTalk> read_evennia_prompt(std::string_view prompt) {
  while (prompt.ends_with('\n') || prompt.ends_with('\r')) prompt.remove_suffix(1);
  if (auto usual = read_usual(prompt)) return usual;
  return read_labelled(prompt);
}

}  // namespace dramatis::server
