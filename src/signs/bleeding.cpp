// Lines that begin with a speaker's name, and deeds told of the other.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "signs/rules.h"
#include "signs/words.h"

namespace dramatis::signs {
namespace {

constexpr std::string_view kName = "bleeding";
constexpr std::array<std::string_view, 12> kLabels{"player", "user",      "human",    "you",
                                                   "me",     "assistant", "system",   "npc",
                                                   "bot",    "ai",        "narrator", "character"};
// A speaker's name is at most this long; "There is one thing I know for certain:" is no name.
constexpr std::size_t kLongestLabel = 40;

constexpr auto kOthersDeeds = std::to_array<Phrase>(
    {"you say", "you reply", "you answer", "you respond", "you whisper", "you ask him",
     "you ask her", "you nod", "you smile", "you laugh", "you shrug", "you sigh"});

std::string plain(std::string_view text) {
  std::string joined;
  for (const auto& word : words_of(text))
    joined.append(joined.empty() ? "" : " ").append(word.plain);
  return joined;
}

bool is_speaker(const std::string& label, const Said& said) {
  if (std::ranges::find(kLabels, label) != kLabels.end()) return true;
  if (!said.other.empty() && label == plain(said.other)) return true;
  const persona::Character* const who = said.character;
  return who != nullptr && (label == plain(who->name) || label == plain(who->short_name));
}

// "Orlando:" and "**Orlando (smiling):**" alike.
std::string label_of(std::string_view line) {
  const std::size_t colon = line.substr(0, kLongestLabel + 1).find(':');
  if (colon == std::string_view::npos) return {};
  return plain(line.substr(0, std::min(colon, line.find('('))));
}

void look_at_labels(const Said& said, Findings& found) {
  for (std::size_t first = 0; first < said.reply.size();) {
    const std::size_t end = std::min(said.reply.find('\n', first), said.reply.size());
    const auto label = label_of(said.reply.substr(first, end - first));
    if (!label.empty() && is_speaker(label, said)) {
      found.push_back({.sign = std::string(kName),
                       .first = first,
                       .length = said.reply.find(':', first) + 1 - first,
                       .reason = fmt::format("A line is given to '{}', as in a script.", label)});
    }
    first = end + 1;
  }
}

bool is_quote(std::string_view rest) {
  while (rest.starts_with(' ') || rest.starts_with(',') || rest.starts_with(':'))
    rest.remove_prefix(1);
  return rest.starts_with('"') || rest.starts_with("\u201C");
}

// Between two asterisks deeds are told, not said.
bool is_stage_direction(std::string_view reply, std::size_t at) {
  return std::ranges::count(reply.substr(0, at), '*') % 2 == 1;
}

void look_at_deeds(const Said& said, Findings& found) {
  const auto words = words_of(said.reply);
  for (const Phrase phrase : kOthersDeeds) {
    const auto place = find_phrase(words, phrase);
    if (!place) continue;
    auto finding = finding_at(words, *place, kName, "It tells what the other says or does.");
    const auto rest = said.reply.substr(finding.first + finding.length);
    if (is_quote(rest) || is_stage_direction(said.reply, finding.first))
      found.push_back(std::move(finding));
  }
}

}  // namespace

Findings look_for_bleeding(const Said& said) {
  Findings found;
  look_at_labels(said, found);
  look_at_deeds(said, found);
  std::ranges::stable_sort(found, {}, &Finding::first);
  return found;
}

}  // namespace dramatis::signs
