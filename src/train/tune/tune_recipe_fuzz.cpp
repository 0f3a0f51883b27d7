// Any bytes as a recipe of the kind tune: a plan or an error with its line, never a crash.
#include "train/tune/plan.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dramatis::train::tune;  // NOLINT(google-build-using-namespace)
  const auto plan = parse_plan({reinterpret_cast<const char*>(data), size});
  if (!plan && plan.error().what.empty()) __builtin_trap();
  return 0;
}
