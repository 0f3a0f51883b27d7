// Gathers players' lines by character and topic.
#include "dataset/wordings.h"

#include <algorithm>
#include <map>

namespace dramatis::dataset {
namespace {

// The groups of one character, in the order of their first lines.
class Groups {
 public:
  explicit Groups(std::string character) : character_(std::move(character)) {}

  void add(const std::string& topic, const std::string& line) {
    if (topic.empty() || line.empty()) return;
    const auto [at, fresh] = place_.emplace(topic, groups_.size());
    if (fresh) groups_.push_back({.character = character_, .topic = topic});
    auto& lines = groups_[at->second].lines;
    if (std::ranges::find(lines, line) == lines.end()) lines.push_back(line);
  }
  [[nodiscard]] std::vector<Wordings>& all() { return groups_; }

 private:
  std::string character_;
  std::map<std::string, std::size_t> place_;  // by topic
  std::vector<Wordings> groups_;
};

// What the author wrote beside the dialogues.
void add_own_wordings(const persona::Member& member, Groups& groups) {
  for (const auto& topic : member.wordings) {
    for (const auto& line : topic.lines) groups.add(topic.topic, line);
  }
}

}  // namespace

std::vector<Wordings> wordings(const persona::Cast& cast) {
  std::vector<Wordings> all;
  for (const auto& member : cast.members) {
    Groups groups(member.sheet.id);
    for (const auto& dialogue : member.dialogues) {
      for (const auto& exchange : dialogue.exchanges) {
        if (!exchange.follows) groups.add(exchange.topic, exchange.player);
      }
    }
    add_own_wordings(member, groups);
    std::ranges::move(groups.all(), std::back_inserter(all));
  }
  return all;
}

}  // namespace dramatis::dataset
