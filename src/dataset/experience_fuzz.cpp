// Any bytes as a model's scenes, script and reply: whatever is read holds what it promises.
#include "base/check.h"
#include "dataset/experience_text.h"
#include "dataset/question.h"
#include "dataset/scene_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dramatis::dataset;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto scenes = parse_scenes(text);
  DRAMATIS_CHECK(!scenes.kept.empty() || !scenes.drops.empty());
  for (const auto& scene : scenes.kept)
    DRAMATIS_CHECK(!scene.type.empty() && !scene.place.empty() && !scene.background.empty());
  const auto read = parse_experience(text);
  if (const auto* experience = std::get_if<Experience>(&read)) {
    DRAMATIS_CHECK(experience->lines.size() >= kFewestLines && !experience->background.empty());
    for (const auto& line : experience->lines)
      DRAMATIS_CHECK(!line.speaker.empty() && !line.words.empty());
  }
  (void)parse_performance(text, "Ida");
  const auto spoken = read_spoken(text, "Ida");
  DRAMATIS_CHECK(!spoken.words.empty() || !spoken.drops.empty());
  return 0;
}
