// The shipped hearth was made from the shipped recipe and cast: a stale one is a failure.
#include <filesystem>

#include <gtest/gtest.h>

#include "base/files.h"
#include "dataset/digest.h"
#include "formats/gguf.h"
#include "persona/cast.h"
#include "search/matcher.h"
#include "text/digest.h"

namespace dramatis {
namespace {

const std::filesystem::path kRoot = DRAMATIS_SOURCE_DIR;

TEST(Hearth, WasTrainedByTheShippedRecipe) {
  const auto hearth = formats::Gguf::read(kRoot / "models/hearth.gguf").value();
  const auto recipe = read_text_file(kRoot / "recipes/hearth-by-name.yaml", 1 << 20).value();
  EXPECT_EQ(hearth.text("dramatis.recipe").value(), text::sha256(recipe));
}

TEST(Hearth, WasTaughtTheShippedCast) {
  const auto hearth = formats::Gguf::read(kRoot / "models/hearth.gguf").value();
  const auto cast = persona::load_cast(kRoot / "cast").value();
  EXPECT_EQ(hearth.text("dramatis.cast").value(), dataset::digest(cast));
}

TEST(Hearth, NamesTheCodeThatMadeItAndWhomItPlays) {
  const auto hearth = formats::Gguf::read(kRoot / "models/hearth.gguf").value();
  EXPECT_FALSE(hearth.text("dramatis.code").value().empty());
  const auto cast = persona::load_cast(kRoot / "cast").value();
  const std::string characters(hearth.text("dramatis.characters").value());
  for (const auto& member : cast.members) {
    EXPECT_EQ(characters.find(member.sheet.id) != characters.npos, !member.dialogues.empty())
        << member.sheet.id;
  }
}

TEST(Hearth, ItsFilesKeepTheirSizes) {
  EXPECT_LE(std::filesystem::file_size(kRoot / "models/hearth.gguf"), 12U * 1024 * 1024);
  EXPECT_LE(std::filesystem::file_size(kRoot / "models/english-base.safetensors"),
            20U * 1024 * 1024);
  EXPECT_TRUE(search::Matcher::read(kRoot / "models/matcher.safetensors"));
}

}  // namespace
}  // namespace dramatis
