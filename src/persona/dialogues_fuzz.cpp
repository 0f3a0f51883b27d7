// Any bytes as a dialogues file: findings, never a crash.
#include "persona/dialogues.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dramatis::persona;  // NOLINT(google-build-using-namespace)
  const Secret secret{.id = "gate", .text = "The word is Landsknecht.", .words = {"Landsknecht"}};
  std::vector<Finding> found;
  (void)parse_dialogues({reinterpret_cast<const char*>(data), size}, "fuzz.jsonl", {&secret, 1},
                        found);
  return 0;
}
