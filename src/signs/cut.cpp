// The end of a reply: there is one, and it ends a sentence.
#include <algorithm>
#include <array>

#include "signs/rules.h"
#include "signs/words.h"

namespace dramatis::signs {
namespace {

constexpr std::string_view kName = "cut";
// Marks that may follow a sentence's own: quotes, brackets, the star of a stage direction.
constexpr std::array<std::string_view, 8> kClosers{"\"", "'", "\u201D", "\u2019",
                                                   ")",  "]", "*",      "\u00BB"};
constexpr std::array<std::string_view, 6> kEnds{".", "!", "?", "\u2026", "\u2014", "~"};

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
  return text;
}

std::string_view without_closers(std::string_view text) {
  for (bool again = true; again;) {
    again = false;
    for (const auto mark : kClosers) {
      if (!text.ends_with(mark)) continue;
      text.remove_suffix(mark.size());
      again = true;
    }
  }
  return text;
}

}  // namespace

Findings look_for_cuts(const Said& said) {
  const auto whole = trim(said.reply);
  if (words_of(whole).empty()) return {{.sign = std::string(kName), .reason = "It says nothing."}};
  const auto spoken = without_closers(whole);
  const bool ended =
      std::ranges::any_of(kEnds, [&](std::string_view mark) { return spoken.ends_with(mark); });
  // A reply of stage directions alone ends with its star.
  if (ended || whole.ends_with('*')) return {};
  return {{.sign = std::string(kName),
           .first = whole.size(),
           .length = 0,
           .reason = "It breaks off within a sentence."}};
}

}  // namespace dramatis::signs
