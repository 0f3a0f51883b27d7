// Any bytes as a file of lessons: conversations, preferences or errors, never a crash.
#include "train/tune/lessons.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dramatis::train::tune;  // NOLINT(google-build-using-namespace)
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto talks = parse_conversations(bytes, "fuzz.jsonl")) {
    for (const auto& talk : *talks) {
      if (talk.messages.empty()) __builtin_trap();
    }
  }
  (void)parse_preferences(bytes, "fuzz.jsonl");
  return 0;
}
