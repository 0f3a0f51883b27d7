// Any bytes as a world, a troupe, a sheet and checks: findings, never a crash.
#include "persona/character.h"
#include "persona/checks.h"
#include "persona/troupe.h"
#include "persona/world.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dramatis::persona;  // NOLINT(google-build-using-namespace)
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::vector<Finding> found;
  const Character character = parse_character(bytes, "fuzz.yaml", found);
  (void)parse_world(bytes, "fuzz.yaml", found);
  (void)parse_troupe(bytes, "fuzz.yaml", "tarn", found);
  (void)parse_checks(bytes, "fuzz.yaml", character, found);
  for (const auto& finding : found) (void)print(finding);
  return 0;
}
