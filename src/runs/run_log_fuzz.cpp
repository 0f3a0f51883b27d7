// Any bytes as a log that grows: the same entries however it is cut, each printed as it is read.
#include "base/check.h"
#include "runs/folder.h"

namespace {

using dramatis::runs::Entry;

std::vector<Entry> entries_of(std::string_view bytes, std::size_t piece) {
  std::vector<Entry> entries;
  dramatis::runs::Lines lines;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    lines.push(bytes.substr(at, piece), [&entries](std::string_view line) {
      if (auto entry = dramatis::runs::read_entry(line)) entries.push_back(*std::move(entry));
      return dramatis::runs::GoOn::kYes;
    });
  }
  DRAMATIS_CHECK(lines.whole_bytes() <= bytes.size());
  return entries;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace runs = dramatis::runs;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto whole = entries_of(bytes, size + 1);
  DRAMATIS_CHECK(entries_of(bytes, 7) == whole);
  runs::Story story;
  for (const auto& entry : whole) {
    story.add(entry);
    DRAMATIS_CHECK(runs::entry_of(runs::json_of(entry)) == entry);
  }
  return 0;
}
