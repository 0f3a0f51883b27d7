// The shipped adapters: each belongs to the shipped hearth, is small, and plays its part alone.
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/engine.h"
#include "persona/cast.h"
#include "prompt/examples.h"
#include "study/checks.h"

namespace dramatis {
namespace {

const std::filesystem::path kRoot = DRAMATIS_SOURCE_DIR;
constexpr const char* kVoices[] = {"sarah-miller",         "jeremy-wiles",
                                   "orlando-marlo",        "gottfried-von-hamburg",
                                   "reginald-de-montfort", "lorenz-falkenstein"};
// Checks of the cast's that each is asked, from the first on.
constexpr std::size_t kAsked = 15;

std::uintmax_t bytes_in(const std::filesystem::path& folder) {
  std::uintmax_t bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) bytes += file.file_size();
  return bytes;
}

TEST(Voices, TakeAtMostAMegabyteEach) {
  for (const char* id : kVoices)
    EXPECT_LE(bytes_in(kRoot / "models/voices" / id), 1024U * 1024U) << id;
}

TEST(Voices, KnowTheirPartsWithoutASheet) {
  auto cast = persona::load_cast(kRoot / "cast").value();
  const auto examples = prompt::Examples::build(cast).value();
  engine::EngineOptions options;
  for (const char* id : kVoices)
    options.adapters.push_back({.name = id, .path = kRoot / "models/voices" / id});
  const auto engine = engine::Engine::load(kRoot / "models/hearth.gguf", options).value();
  EXPECT_TRUE(engine->warnings().empty()) << "made for another hearth";
  study::CheckOptions alone{.examples = study::Shown::kNothing,
                            .voice = study::Voice::kFree,
                            .sheet = study::Sheet::kUntold};
  study::CheckOptions base = alone;
  for (const char* id : kVoices) {
    alone.characters.emplace_back(id);
    alone.adapters[id] = {.name = id};
    for (auto& member : cast.members) {
      if (member.sheet.id == id) member.checks.resize(std::min(member.checks.size(), kAsked));
    }
  }
  base.characters = alone.characters;
  const study::Answerer hearth{*engine, examples, prompt::Head::kCompact};
  const auto with = study::run_checks(cast, hearth, alone).value().total;
  const auto without = study::run_checks(cast, hearth, base).value().total;
  EXPECT_GE(with.passed.percent(), 30);
  EXPECT_GT(with.passed.percent(), without.passed.percent() + 20);
  EXPECT_GE(with.ended.percent(), 95);
}

}  // namespace
}  // namespace dramatis
