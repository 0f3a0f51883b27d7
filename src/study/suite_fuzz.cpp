// Any bytes as a suite: one that asks something, or an error.
#include "base/check.h"
#include "study/suite.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto suite =
      dramatis::study::parse_suite({reinterpret_cast<const char*>(data), size}, "fuzz");
  if (suite) DRAMATIS_CHECK(suite->single + suite->multi > 0);
  return 0;
}
