// A model's list of scenes -> scenes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dataset/paragraphs.h"

namespace dramatis::dataset {

// Where a character's experience happens.
struct SceneDraft {
  std::string type{};        // "chat", "debate", "discussion", "speech" or what a model made of it
  std::string place{};       // where, and perhaps when
  std::string background{};  // what is the matter

  friend bool operator==(const SceneDraft&, const SceneDraft&) = default;
};

struct Scenes {
  std::vector<SceneDraft> kept{};
  std::vector<Drop> drops{};  // every paragraph that no scene is made of
};

// Paragraphs of "Type: ", "Location: " and "Background: ", in any case and layout; a value keeps
// what follows on it, colons and lines alike. In a paragraph of three lines without a type, the
// first line's words behind its colon are it ("Scene 2: Debate"). A scene whose fields stand in
// paragraphs of their own is one scene.
[[nodiscard]] Scenes parse_scenes(std::string_view text);

}  // namespace dramatis::dataset
