// "time=Dusk" and the like, as people type them -> a scene, and back.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "prompt/compose.h"

namespace dramatis::app {

// Sets what `typed` names in `scene`: "place=The weir", "time=Dusk", "now=The bridge is out",
// "player=Sir Bors", "player-is=a tinker", "known=You have met once". Words without a name are the
// place; a name without words clears it. Errors: kInvalidArgument for a name that is none of these.
[[nodiscard]] Status set_scene(std::string_view typed, prompt::Scene& scene);

// What is set, each as it would be typed.
[[nodiscard]] std::vector<std::string> scene_words(const prompt::Scene& scene);

}  // namespace dramatis::app
