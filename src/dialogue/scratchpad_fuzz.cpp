// Any bytes, split in two ways: the same words are said, and no mark among them.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "dialogue/scratchpad.h"

namespace {

using dramatis::dialogue::Scratchpad;

struct Told {
  std::string said, thought;
};

Told split_every(std::string_view text, std::size_t step, Scratchpad::Expect expect) {
  Scratchpad scratchpad(expect);
  Told told;
  for (std::size_t at = 0; at < text.size(); at += step)
    told.said += scratchpad.push(text.substr(at, step));
  told.said += scratchpad.finish();
  told.thought = scratchpad.thoughts();
  return told;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto expect : {Scratchpad::Expect::kSpeech, Scratchpad::Expect::kThoughts}) {
    const Told whole = split_every(text, size + 1, expect);
    for (const std::size_t step : {1U, 3U, 7U}) {
      const Told pieces = split_every(text, step, expect);
      DRAMATIS_CHECK(pieces.said == whole.said);
      DRAMATIS_CHECK(pieces.thought == whole.thought);
    }
    DRAMATIS_CHECK(whole.said.size() + whole.thought.size() <= size + 1);
  }
  return 0;
}
