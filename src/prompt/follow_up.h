// What a player means by "And then?": more of what was just said.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lm/language_model.h"
#include "persona/cast.h"

namespace dramatis::prompt {

// True for a few words that ask for more and name nothing: "Why?", "go on", "Tell me more."
[[nodiscard]] bool asks_for_more(std::string_view message);

// What comes after each line of a member, as its author wrote it. Immutable; thread-safe.
class FollowUps {
 public:
  explicit FollowUps(const persona::Member& member);

  // The lines that go on from `said`, the character's last words, nearest first: those which the
  // author let follow on it, where `message` asks like the author's player or asks for more; then,
  // where it asks for more, others of its topic. Those of `except_conversation` are left out. None
  // where `said` is not the author's, or where the message stands by itself.
  [[nodiscard]] std::vector<lm::AuthoredLine> after(std::string_view said, std::string_view message,
                                                    std::string_view except_conversation) const;

 private:
  struct Next {
    std::string conversation;
    lm::AuthoredLine line;
  };
  std::map<std::string, std::vector<Next>, std::less<>> next_;      // by the line before
  std::map<std::string, std::vector<Next>, std::less<>> of_topic_;  // that stand by themselves
  std::map<std::string, std::string, std::less<>> topic_of_;        // by line
};

}  // namespace dramatis::prompt
