// Requests for scenes as they were answered -> the scenes that are written out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "dataset/scene_text.h"
#include "text/json.h"

namespace dramatis::dataset {

// A scene that is to be written out.
struct PlannedScene {
  SceneDraft scene{};
  std::size_t paragraph = 0;  // of the profile
  std::string source{};       // "scene-12-3": the fourth scene of the answer to request 12

  friend bool operator==(const PlannedScene&, const PlannedScene&) = default;
};

// Which scenes of a journal are written out: those that tell of something else than all before
// them, and of these `most` (0: all), drawn evenly by the seed.
struct ScenePlan {
  std::vector<PlannedScene> scenes{};
  std::size_t repeats = 0;   // told before
  std::size_t left_out = 0;  // more than were asked for
};
// Errors: kCorrupt naming what a record lacks.
[[nodiscard]] Result<ScenePlan> plan_scenes(const std::vector<text::Json>& records,
                                            std::size_t most, std::uint64_t seed);

}  // namespace dramatis::dataset
