// Runs of words that come twice, within a reply and across replies.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "signs/limits.h"
#include "signs/rules.h"
#include "signs/words.h"

namespace dramatis::signs {
namespace {

constexpr std::string_view kName = "repetition";

std::string join(std::span<const Word> words) {
  std::string joined;
  for (const auto& word : words) joined.append(joined.empty() ? "" : " ").append(word.plain);
  return joined;
}

// The first run of kRepeatedRun words that stood before in the same reply, without overlap.
void look_within(std::span<const Word> words, Findings& found) {
  std::map<std::string, std::size_t> seen;  // a run -> where it first stood
  for (std::size_t at = 0; at + kRepeatedRun <= words.size(); ++at) {
    const auto [entry, fresh] = seen.emplace(join(words.subspan(at, kRepeatedRun)), at);
    if (fresh || at < entry->second + kRepeatedRun) continue;
    found.push_back(finding_at(words, {.word = at, .count = kRepeatedRun}, kName,
                               fmt::format("'{}' stands twice in the reply.", entry->first)));
    return;
  }
}

std::set<std::string> sentences_before(const Said& said) {
  std::set<std::string> before;
  const std::size_t count = std::min(said.earlier.size(), kRepliesRemembered);
  for (const auto& reply : said.earlier.last(count)) {
    for (const auto sentence : sentences_of(reply)) before.insert(join(words_of(sentence)));
  }
  return before;
}

void look_before(const Said& said, Findings& found) {
  const auto before = sentences_before(said);
  if (before.empty()) return;
  for (const auto sentence : sentences_of(said.reply)) {
    const auto words = words_of(sentence);
    if (words.size() < kRepeatedSentence || !before.contains(join(words))) continue;
    const auto first = static_cast<std::size_t>(sentence.data() - said.reply.data());
    found.push_back({.sign = std::string(kName),
                     .first = first + words.front().first,
                     .length = sentence.size() - words.front().first,
                     .reason = "It has said this sentence before."});
    if (found.size() >= kMaxFindingsOfRule) return;
  }
}

}  // namespace

Findings look_for_repetition(const Said& said) {
  Findings found;
  const auto words = words_of(said.reply);
  look_within(words, found);
  look_before(said, found);
  std::ranges::stable_sort(found, {}, &Finding::first);
  return found;
}

}  // namespace dramatis::signs
