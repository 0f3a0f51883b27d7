// The author's own order of lines.
#include "prompt/follow_up.h"

#include <algorithm>
#include <array>

#include "prompt/limits.h"
#include "text/overlap.h"

namespace dramatis::prompt {
namespace {

constexpr std::array<std::string_view, 56> kAskForMore{"after that",
                                                       "and",
                                                       "anything else",
                                                       "because",
                                                       "continue",
                                                       "explain",
                                                       "explain that",
                                                       "for example",
                                                       "go on",
                                                       "how come",
                                                       "how did it end",
                                                       "how did that happen",
                                                       "how does it end",
                                                       "how so",
                                                       "in what way",
                                                       "is that so",
                                                       "keep going",
                                                       "like what",
                                                       "meaning",
                                                       "more",
                                                       "please continue",
                                                       "please go on",
                                                       "really",
                                                       "say more",
                                                       "so",
                                                       "such as",
                                                       "tell me about it",
                                                       "tell me about that",
                                                       "tell me more",
                                                       "tell me more about that",
                                                       "then",
                                                       "then what",
                                                       "what came of it",
                                                       "what came of that",
                                                       "what did you do",
                                                       "what did you do next",
                                                       "what did you do then",
                                                       "what do you mean",
                                                       "what does that mean",
                                                       "what else",
                                                       "what happened",
                                                       "what happened after that",
                                                       "what happened next",
                                                       "what happened then",
                                                       "what makes you say that",
                                                       "what next",
                                                       "what then",
                                                       "whats that mean",
                                                       "why",
                                                       "why did you do it",
                                                       "why did you do that",
                                                       "why is that",
                                                       "why not",
                                                       "why so",
                                                       "why was that",
                                                       "you what"};

// Lower case, letters alone, single spaces.
std::string bare(std::string_view message) {
  std::string words;
  for (const char raw : message) {
    const char c = raw >= 'A' && raw <= 'Z' ? static_cast<char>(raw + ('a' - 'A')) : raw;
    if (c >= 'a' && c <= 'z') {
      words += c;
    } else if (c != '\'' && !words.empty() && words.back() != ' ') {
      words += ' ';
    }
  }
  while (!words.empty() && words.back() == ' ') words.pop_back();
  return words;
}

}  // namespace

bool asks_for_more(std::string_view message) {
  if (message.size() > kMaxFollowUpBytes) return false;
  const std::string words = bare(message);
  std::string_view rest = words;
  for (const std::string_view opening : {"and ", "but ", "so "}) {
    if (rest.starts_with(opening)) rest.remove_prefix(opening.size());
  }
  return std::ranges::find(kAskForMore, rest) != kAskForMore.end();
}

FollowUps::FollowUps(const persona::Member& member) {
  for (const auto& dialogue : member.dialogues) {
    const persona::Exchange* before = nullptr;
    for (const auto& exchange : dialogue.exchanges) {
      const Next next{.conversation = dialogue.id,
                      .line = {.player = exchange.player,
                               .npc = exchange.npc,
                               .relevance = 0,
                               .topic = exchange.topic,
                               .thoughts = exchange.thoughts}};
      if (before != nullptr && exchange.follows) next_[before->npc].push_back(next);
      if (!exchange.follows && !exchange.topic.empty()) of_topic_[exchange.topic].push_back(next);
      topic_of_.emplace(exchange.npc, exchange.topic);
      before = &exchange;
    }
  }
}

std::vector<lm::AuthoredLine> FollowUps::after(std::string_view said, std::string_view message,
                                               std::string_view except_conversation) const {
  std::vector<lm::AuthoredLine> lines;
  const bool more = asks_for_more(message);
  const auto take = [&](const Next& next, double relevance) {
    if (next.line.npc == said || next.conversation == except_conversation) return;
    lines.push_back(next.line);
    lines.back().relevance = relevance;
  };
  if (const auto next = next_.find(said); next != next_.end()) {
    for (const Next& one : next->second) {
      const double shared = text::overlap(message, one.line.player);
      if (shared >= kSameFollowUp) {
        take(one, kSureFollowUp);
      } else if (more) {
        take(one, kLikelyFollowUp);
      }
    }
  }
  const auto topic = topic_of_.find(said);
  if (more && topic != topic_of_.end()) {
    if (const auto others = of_topic_.find(topic->second); others != of_topic_.end()) {
      for (const Next& one : others->second) take(one, kSameTopic);
    }
  }
  std::ranges::stable_sort(lines, std::ranges::greater{}, &lm::AuthoredLine::relevance);
  return lines;
}

}  // namespace dramatis::prompt
