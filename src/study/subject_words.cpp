#include "study/subject_words.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "signs/words.h"

namespace dramatis::study {
namespace {

constexpr std::array<std::string_view, 104> kCommon{
    "about",  "after",   "again",  "along",  "always", "another", "because", "before", "being",
    "better", "bring",   "could",  "every",  "first",  "going",   "great",   "least",  "little",
    "makes",  "means",   "might",  "myself", "never",  "nobody",  "other",   "others", "people",
    "shall",  "should",  "since",  "spring", "still",  "their",   "there",   "these",  "thing",
    "things", "thought", "twelve", "until",  "wants",  "where",   "which",   "would",  "been",
    "came",   "come",    "does",   "done",   "ever",   "from",    "gave",    "give",   "good",
    "have",   "here",    "into",   "just",   "know",   "like",    "look",    "made",   "make",
    "many",   "mine",    "more",   "most",   "much",   "must",    "need",    "once",   "only",
    "ours",   "over",    "said",   "same",   "says",   "seen",    "some",    "such",   "take",
    "tell",   "than",    "that",   "thee",   "them",   "then",    "they",    "this",   "thou",
    "took",   "upon",    "very",   "want",   "well",   "went",    "were",    "what",   "when",
    "whom",   "will",    "with",   "your",   "yours"};

std::string root_of(const std::string& word) {
  return word.size() > kSubjectLetters && word.back() == 's' ? word.substr(0, word.size() - 1)
                                                             : word;
}

}  // namespace

std::set<std::string> subject_words(std::string_view text, std::size_t letters) {
  DRAMATIS_CHECK(letters >= kLeastSubjectLetters);
  std::set<std::string> words;
  for (const auto& word : signs::written_out(text)) {
    if (word.plain.size() < letters) continue;
    if (std::ranges::find(kCommon, word.plain) == kCommon.end()) words.insert(root_of(word.plain));
  }
  return words;
}

}  // namespace dramatis::study
