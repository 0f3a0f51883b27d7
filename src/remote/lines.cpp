// A carriage return belongs to the line until its newline comes.
#include "remote/lines.h"

#include <utility>

#include <fmt/format.h>

#include "remote/limits.h"

namespace dramatis::remote {

Status LineParser::push(std::string_view bytes, std::vector<std::string>& out) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end);
    if (part.size() > kMaxLineBytes - line_.size()) {
      return fail(ErrorCode::kOverBudget,
                  fmt::format("A line of the stream is longer than {} bytes.", kMaxLineBytes));
    }
    line_ += part;
    if (end == bytes.npos) break;
    bytes.remove_prefix(end + 1);
    std::string line = std::exchange(line_, {});
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) out.push_back(std::move(line));
  }
  return {};
}

}  // namespace dramatis::remote
