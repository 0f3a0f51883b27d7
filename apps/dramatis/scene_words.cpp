// A name, an equals sign, words.
#include "scene_words.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "text/utterance.h"

namespace dramatis::app {
namespace {

struct Field {
  std::string_view name;
  std::string prompt::Scene::*value;
};

constexpr std::array<Field, 6> kFields{{{"place", &prompt::Scene::place},
                                        {"time", &prompt::Scene::time},
                                        {"now", &prompt::Scene::status},
                                        {"player", &prompt::Scene::player},
                                        {"player-is", &prompt::Scene::player_is},
                                        {"known", &prompt::Scene::acquaintance}}};

// Letters and hyphens before an equals sign; a place in words has other signs before it.
bool looks_like_name(std::string_view before) {
  return !before.empty() && std::ranges::all_of(before, [](char letter) {
    return (letter >= 'a' && letter <= 'z') || letter == '-';
  });
}

}  // namespace

Status set_scene(std::string_view typed, prompt::Scene& scene) {
  const std::size_t equals = typed.find('=');
  const std::string_view before = typed.substr(0, equals);
  if (equals == std::string_view::npos || !looks_like_name(before)) {
    scene.place = std::string(typed);
    return {};
  }
  const auto field = std::ranges::find(kFields, before, &Field::name);
  if (field == kFields.end()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("A scene has no '{}'; it has place, time, now, player, player-is and "
                            "known.",
                            text::printable(before)));
  }
  scene.*field->value = std::string(typed.substr(equals + 1));
  return {};
}

std::vector<std::string> scene_words(const prompt::Scene& scene) {
  std::vector<std::string> words;
  for (const auto& field : kFields) {
    const std::string& value = scene.*field.value;
    if (!value.empty()) words.push_back(fmt::format("{}={}", field.name, value));
  }
  return words;
}

}  // namespace dramatis::app
