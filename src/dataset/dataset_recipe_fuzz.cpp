// Any bytes as a recipe: one within its limits, or an error.
#include "base/check.h"
#include "dataset/limits.h"
#include "dataset/recipe.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto recipe =
      dramatis::dataset::parse_recipe({reinterpret_cast<const char*>(data), size}, "fuzz");
  if (!recipe) return 0;
  DRAMATIS_CHECK(recipe->count <= dramatis::dataset::kMaxItems && recipe->at_once > 0);
  DRAMATIS_CHECK(recipe->gates.least_words <= recipe->gates.most_words);
  DRAMATIS_CHECK(recipe->budget.time.count() >= 0 && recipe->held_out <= 0.5);
  return 0;
}
