// Cut first, made harmless last.
#include "server/evennia_answer.h"

#include "lm/limits.h"

namespace dramatis::server {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// "<|im_end|>" and kin, and "</s>": a model that has finished may write them out.
std::string without_marks(std::string_view said) {
  std::string out;
  while (!said.empty()) {
    const std::size_t end = said.starts_with("<|") ? said.substr(0, 40).find("|>") : said.npos;
    if (end != said.npos) {
      said.remove_prefix(end + 2);
    } else if (said.starts_with("</s>")) {
      said.remove_prefix(4);
    } else {
      out += said.front();
      said.remove_prefix(1);
    }
  }
  return out;
}

// "Orlando:" and "Orlando says:" before the words, as often as they stand there.
std::string_view without_name(std::string_view said, std::string_view name) {
  while (!name.empty() && said.starts_with(name)) {
    std::string_view rest = said.substr(name.size());
    const bool is_told = rest.starts_with(" says");
    if (is_told) rest.remove_prefix(5);
    const bool is_label = rest.starts_with(':') || (is_told && rest.starts_with(','));
    if (!is_label) return said;
    said = trimmed(rest.substr(1));
  }
  return said;
}

bool ends_sentence(char c) {
  return c == '.' || c == '!' || c == '?' || c == '"' || c == '\'' || c == ')' || c == '*';
}

// Where somebody's line begins within `said`: at a line's start, or behind a sentence.
std::size_t next_speaker(std::string_view said, std::string_view name) {
  if (name.empty()) return said.npos;
  const std::string label = std::string(name) + ":";
  for (std::size_t at = said.find(label); at != said.npos; at = said.find(label, at + 1)) {
    if (at == 0) return 0;
    const std::size_t before = said.find_last_not_of(" \t", at - 1);
    if (before == said.npos || said[before] == '\n') return at;
    if (before < at - 1 && ends_sentence(said[before])) return at;
  }
  return said.npos;
}

std::string on_one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool blank = kBlanks.find(c) != kBlanks.npos;
    if (!blank) line += c;
    if (blank && !line.empty() && line.back() != ' ') line += ' ';
  }
  return line;
}

std::string_view without_quotes(std::string_view text) {
  for (const auto& [open, close] : {std::pair<std::string_view, std::string_view>{"\"", "\""},
                                    {"\xE2\x80\x9C", "\xE2\x80\x9D"}}) {
    if (text.size() < open.size() + close.size() || !text.starts_with(open) ||
        !text.ends_with(close))
      continue;
    const std::string_view inner =
        text.substr(open.size(), text.size() - open.size() - close.size());
    if (inner.find(open) == inner.npos && inner.find(close) == inner.npos) return trimmed(inner);
  }
  return text;
}

std::string_view whole_sentences(std::string_view text) {
  const std::size_t last = text.find_last_of(".!?");
  return last == text.npos ? text : text.substr(0, last + 1);
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Whether `text`, behind a '$', is "word(", or becomes one when other '$' are left out; blanks do
// not count.
bool is_call(std::string_view text) {
  const std::size_t word = text.find_first_not_of("$ ");
  if (word == text.npos) return false;
  std::size_t end = word;
  while (end < text.size() && (is_word(text[end]) || text[end] == '$')) ++end;
  const std::size_t open = text.find_first_not_of(' ', end);
  return end > word && open != text.npos && text[open] == '(';
}

std::string without_markup_signs(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c == '{') c = '(';
    if (c == '}') c = ')';
    if (c == '|' || c == '\\') c = '/';
    if (c == '\n' || c == '\r') c = ' ';
  }
  return out;
}

}  // namespace

std::string evennia_line(std::string_view said, const EvenniaTalk& talk, lm::StopReason why) {
  const std::string plain = without_marks(said);
  std::string_view rest = without_name(trimmed(plain), talk.npc);
  rest = rest.substr(0, next_speaker(rest, talk.player));
  rest = rest.substr(0, next_speaker(rest, talk.npc));
  const std::string line = on_one_line(trimmed(rest));
  std::string_view kept = without_quotes(trimmed(line));
  if (why == lm::StopReason::kLength) kept = whole_sentences(kept);
  return std::string(kept);
}

std::string evennia_safe(std::string_view text) {
  // Braces first: "$You{" would become a call by them.
  const std::string plain = without_markup_signs(text);
  std::string safe;
  for (std::size_t at = 0; at < plain.size(); ++at) {
    if (plain[at] != '$' || !is_call(std::string_view(plain).substr(at + 1))) safe += plain[at];
  }
  return std::string(trimmed(safe));
}

std::vector<std::string> evennia_stops(const EvenniaTalk& talk) {
  std::vector<std::string> stops;
  for (const std::string* name : {&talk.player, &talk.npc}) {
    const std::string stop = "\n" + *name + ":";
    if (!name->empty() && stop.size() <= lm::kMaxStopBytes) stops.push_back(stop);
  }
  return stops;
}

}  // namespace dramatis::server
