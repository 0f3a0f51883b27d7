// What a player said, once it may be believed to be text.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace dramatis::text {

// Valid UTF-8, trimmed, no control characters but newline and tab, at most kMaxUtteranceBytes. May
// be blank.
struct Utterance {
  std::string words;

  [[nodiscard]] bool blank() const { return words.empty(); }
};

// Errors: kInvalidArgument for invalid UTF-8, with the byte; kOverBudget past the limit.
[[nodiscard]] Result<Utterance> hear(std::string_view bytes);

// `bytes` without C0 and C1 controls (but newline and tab), for a terminal or a log: no reply, name
// or sheet may move the cursor or reach the clipboard. Invalid UTF-8 is repaired.
[[nodiscard]] std::string printable(std::string_view bytes);

}  // namespace dramatis::text
