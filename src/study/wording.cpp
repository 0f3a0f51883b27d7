// Words, runs of words, and their counts.
#include "study/wording.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "signs/words.h"

namespace dramatis::study {
namespace {

constexpr std::size_t kTopicLetters = 4;  // shorter words are of any topic

std::vector<std::string> runs_of(std::string_view text, std::size_t n) {
  const auto words = signs::words_of(text);
  std::vector<std::string> runs;
  for (std::size_t at = 0; n > 0 && at + n <= words.size(); ++at) {
    std::string run;
    for (std::size_t k = 0; k < n; ++k) run.append(words[at + k].plain).append(" ");
    runs.push_back(std::move(run));
  }
  return runs;
}

using Counts = std::map<std::string, double>;

Counts topic_of(std::span<const std::string> texts) {
  Counts counts;
  for (const auto& text : texts) {
    for (const auto& word : signs::words_of(text)) {
      if (word.plain.size() >= kTopicLetters) ++counts[word.plain];
    }
  }
  return counts;
}

double length_of(const Counts& counts) {
  double sum = 0;
  for (const auto& [word, count] : counts) sum += count * count;
  return std::sqrt(sum);
}

double likeness(const Counts& a, const Counts& b) {
  double sum = 0;
  for (const auto& [word, count] : a) {
    const auto found = b.find(word);
    if (found != b.end()) sum += count * found->second;
  }
  const double lengths = length_of(a) * length_of(b);
  return lengths == 0 ? 0 : sum / lengths;
}

constexpr auto kAgreements = std::to_array<signs::Phrase>(
    {"yes",           "aye",     "yea",       "indeed",     "of course",     "certainly",
     "absolutely",    "exactly", "true",      "quite so",   "you are right", "you are quite right",
     "right you are", "i agree", "very well", "as you say", "so it is",      "that is true",
     "well said",     "sure",    "gladly"});

double share_agreeing(std::span<const std::string> texts) {
  const auto agreeing = std::ranges::count_if(texts, agrees);
  return static_cast<double>(agreeing) / static_cast<double>(texts.size());
}

}  // namespace

double distinct(std::span<const std::string> texts, std::size_t n) {
  std::set<std::string> different;
  std::size_t all = 0;
  for (const auto& text : texts) {
    for (auto& run : runs_of(text, n)) {
      ++all;
      different.insert(std::move(run));
    }
  }
  return all == 0 ? 0 : static_cast<double>(different.size()) / static_cast<double>(all);
}

double self_repetition(std::span<const std::string> texts, std::size_t n) {
  std::set<std::string> before;
  std::size_t again = 0, all = 0;
  for (std::size_t t = 0; t < texts.size(); ++t) {
    auto runs = runs_of(texts[t], n);
    if (t > 0) {
      all += runs.size();
      again += static_cast<std::size_t>(
          std::ranges::count_if(runs, [&](const auto& run) { return before.contains(run); }));
    }
    for (auto& run : runs) before.insert(std::move(run));
  }
  return all == 0 ? 0 : static_cast<double>(again) / static_cast<double>(all);
}

double topic_drift(std::span<const std::string> texts) {
  const std::size_t third = texts.size() / 3;
  if (third == 0) return 0;
  return 1 - likeness(topic_of(texts.first(third)), topic_of(texts.last(third)));
}

bool agrees(std::string_view reply) {
  const auto words = signs::written_out(reply);
  return std::ranges::any_of(kAgreements, [&](signs::Phrase phrase) {
    const auto place = signs::find_phrase(words, phrase);
    return place && place->word == 0;
  });
}

double agreement_drift(std::span<const std::string> texts) {
  if (texts.size() < 2) return 0;
  const std::size_t half = texts.size() / 2;
  return share_agreeing(texts.last(half)) - share_agreeing(texts.first(half));
}

}  // namespace dramatis::study
