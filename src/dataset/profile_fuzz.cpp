// Any bytes as a profile: paragraphs that say something, or an error.
#include "base/check.h"
#include "dataset/profile.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace dataset = dramatis::dataset;
  const auto profile = dataset::parse_profile({reinterpret_cast<const char*>(data), size}, "fuzz");
  if (!profile) return 0;
  DRAMATIS_CHECK(!profile->empty());
  for (const auto& paragraph : *profile) DRAMATIS_CHECK(!paragraph.text.empty());
  DRAMATIS_CHECK(dataset::plan_requests(*profile, 100, 1).size() >= 100 || profile->size() > 100);
  return 0;
}
