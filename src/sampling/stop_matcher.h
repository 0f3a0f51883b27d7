// Text as it streams -> text that may be shown: nothing of a stop string, not even its beginning.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dramatis::sampling {

// Holds back as much as could still become a stop string. One thread at a time.
class StopMatcher {
 public:
  // Checked: no string is empty.
  explicit StopMatcher(std::vector<std::string> stops);

  // Takes the next piece, gives what is safe to show now. Once a stop string has come whole, what
  // stood before it is given, what follows is dropped, and stopped() is true. Of several, the one
  // that begins first counts. UTF-8 that came whole leaves whole.
  [[nodiscard]] std::string push(std::string_view piece);
  // The text has ended: what was held back.
  [[nodiscard]] std::string finish();
  [[nodiscard]] bool stopped() const { return stopped_; }

 private:
  std::vector<std::string> stops_;
  std::string held_;
  bool stopped_ = false;
};

}  // namespace dramatis::sampling
