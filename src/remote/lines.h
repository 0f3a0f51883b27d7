// Bytes of newline-delimited JSON -> its lines, however the bytes were split on their way.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dramatis::remote {

// Lines end in LF or CRLF; blank ones are left out. One thread at a time.
class LineParser {
 public:
  // Appends the lines that `bytes` complete. After an error the parser takes no more.
  // Errors: kOverBudget past kMaxLineBytes.
  [[nodiscard]] Status push(std::string_view bytes, std::vector<std::string>& out);

 private:
  std::string line_;  // so far
};

}  // namespace dramatis::remote
