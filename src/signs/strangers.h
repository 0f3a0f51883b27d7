// A cast -> the names that a character cannot know: those of other worlds' sheets alone.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "persona/cast.h"

namespace dramatis::signs {

// Immutable; thread-safe.
class Strangers {
 public:
  // Names in sheets and worlds of the cast's other worlds that neither this character, its world
  // nor anybody of it ever writes, and that are nobody's common word. Empty for a character that is
  // not of the cast.
  [[nodiscard]] static Strangers of(const persona::Cast& cast, std::string_view character);

  // A word in lower-case letters.
  [[nodiscard]] bool contains(const std::string& word) const { return names_.contains(word); }
  [[nodiscard]] std::size_t size() const { return names_.size(); }

 private:
  std::set<std::string> names_;
};

}  // namespace dramatis::signs
