// What all archives say alike.
#include "dataset/archive.h"

#include <fmt/format.h>

#include "dataset/limits.h"

namespace dramatis::dataset {

Error made_otherwise(const std::string& place) {
  return {ErrorCode::kConflict,
          fmt::format("{}: What is there was made by another recipe, seed, cast or model. Keep the "
                      "new elsewhere, or give --anew, which puts the old aside.",
                      place)};
}

Error too_many_talks() {
  return {ErrorCode::kOverBudget, fmt::format("A data set holds {} talks at most.", kMaxTalks)};
}

}  // namespace dramatis::dataset
