// A small hearth trained here and now: its loss falls, and it learns to stop.
#include <filesystem>

#include <gtest/gtest.h>

#include "dataset/counting_model.h"
#include "dataset/samples.h"
#include "engine/engine.h"
#include "lm/testing/scripted_model.h"
#include "persona/cast.h"
#include "train/cast.h"

namespace dramatis {
namespace {

const std::filesystem::path kRoot = DRAMATIS_SOURCE_DIR;

// The samples of a recipe's first pass.
std::vector<dataset::Sample> samples_of(const train::Recipe& recipe, const persona::Cast& cast) {
  const auto vocabulary = train::read_vocabulary(kRoot / "models/vocabulary.gguf").value();
  const auto examples = prompt::Examples::build(cast).value();
  const dataset::CountingModel counting(
      [&vocabulary](std::string_view text) -> Result<std::size_t> {
        DRAMATIS_TRY(const auto ids, train::encode(vocabulary, text));
        return ids.size();
      },
      recipe.shape.context);
  return dataset::samples(cast, examples, counting,
                          {.seed = recipe.seed, .leave_out = recipe.leave_out})
      .value();
}

TEST(HearthSmoke, LossFallsAndRepliesEnd) {
  const auto recipe = train::read_recipe(kRoot / "recipes/hearth-smoke.yaml").value();
  const auto cast = persona::load_cast(kRoot / "cast").value();
  const auto samples = samples_of(recipe, cast);
  const auto folder = std::filesystem::path(testing::TempDir()) / "hearth-smoke";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const auto figures = train::train_cast(recipe, samples,
                                         {.base = {},
                                          .vocabulary = kRoot / "models/vocabulary.gguf",
                                          .run = folder,
                                          .out = folder / "smoke.gguf",
                                          .data = "smoke",
                                          .characters = {},
                                          .report = {}},
                                         {});
  ASSERT_TRUE(figures) << figures.error().what;
  // ln 4096 = 8.3 is the loss of a model that knows nothing.
  EXPECT_GT(figures->first_loss, 8.0);
  EXPECT_LT(figures->last_loss, figures->first_loss - 2.0);

  const auto engine = engine::Engine::load(folder / "smoke.gguf", {}).value();
  int ended = 0;
  for (std::size_t n = 0; n < 10; ++n) {
    lm::testing::GatheringSink sink;
    lm::Sampling how;
    how.temperature = 1;
    how.max_tokens = 150;
    how.seed = n;
    const auto said = engine->generate(samples[n * samples.size() / 10].prompt, how, sink, {});
    ASSERT_TRUE(said) << said.error().what;
    ended += said->why == lm::StopReason::kEndOfTurn ? 1 : 0;
  }
  EXPECT_GE(ended, 7);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace dramatis
