#include "scene_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dramatis::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(SceneWords, NameWhatTheySetAndPlainWordsAreThePlace) {
  prompt::Scene scene;
  for (const char* typed : {"The weir, A = B", "time=Dusk", "player-is=a tinker=mender"})
    ASSERT_TRUE(set_scene(typed, scene));
  EXPECT_THAT(scene_words(scene),
              ElementsAre("place=The weir, A = B", "time=Dusk", "player-is=a tinker=mender"));
  ASSERT_TRUE(set_scene("time=", scene));
  EXPECT_TRUE(scene.time.empty());
}

TEST(SceneWords, AnUnknownNameIsRefusedWithThoseThereAre) {
  prompt::Scene scene;
  const auto refused = set_scene("tiem=Dusk", scene);
  EXPECT_THAT(refused.error().what, HasSubstr("'tiem'; it has place, time"));
  EXPECT_EQ(scene, prompt::Scene{});
}

}  // namespace
}  // namespace dramatis::app
