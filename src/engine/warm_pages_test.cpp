#include "engine/warm_pages.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/files.h"
#include "engine/testing/talking_model.h"
#include "lm/testing/scripted_model.h"

namespace dramatis::engine {
namespace {

using lm::testing::GatheringSink;
using testing::ask;
using testing::seeded;
using testing::talking;
using testing::talking_model;

const std::string kPersona = std::string(90, 'p') + " and " + std::string(35, 'q');
const std::string kCanary = "CANARY-of-ada";

class WarmPages : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::remove_all(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] EngineOptions options(std::size_t max_bytes = 1 << 20) const {
    return {.threads = 1, .warm = {.folder = folder_, .max_bytes = max_bytes}};
  }
  static lm::Completion say(Engine& engine, const std::string& player, const std::string& message,
                            const std::string& persona = kPersona) {
    GatheringSink sink;
    return engine
        .generate(ask({.player = player, .persona = persona}, message), seeded(12), sink, {})
        .value();
  }
  // An engine of the past that was told of a persona, and of a player's secret.
  void warm_up(tensor::Dtype kv = tensor::Dtype::kF16) const {
    auto with = options();
    with.kv_dtype = kv;
    const auto engine = talking(with);
    EXPECT_EQ(engine->warm_start().pages, 0U);
    say(*engine, "ada", kCanary + " Hi.");
    const auto kept = engine->keep_warm();
    ASSERT_TRUE(kept) << kept.error().what;
  }
  [[nodiscard]] std::filesystem::path file() const {
    return std::filesystem::directory_iterator(folder_)->path();
  }

  const std::filesystem::path folder_ =
      std::filesystem::path(::testing::TempDir()) /
      ::testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(WarmPages, ARestartSaysTheSameAndCountsWhatItFound) {
  for (const auto kv : {tensor::Dtype::kF16, tensor::Dtype::kQ8_0, tensor::Dtype::kF32}) {
    std::filesystem::remove_all(folder_);
    warm_up(kv);
    auto with = options();
    with.kv_dtype = kv;
    const auto cold = talking({.threads = 2, .kv_dtype = kv});
    const auto computed = say(*cold, "bob", "Hi.");
    const auto cached = say(*cold, "eve", "Hi.");
    const auto warm = talking(with);
    EXPECT_GT(warm->warm_start().pages, 7U);
    EXPECT_TRUE(warm->warm_start().refused.empty()) << warm->warm_start().refused;
    const auto found = say(*warm, "bob", "Hi.");
    EXPECT_EQ(found.text, computed.text);
    EXPECT_EQ(found.text, cached.text);
    EXPECT_GE(found.cached_tokens, kPersona.size());
    EXPECT_EQ(found.cached_tokens, cached.cached_tokens);
    EXPECT_EQ(found.cached_tokens + found.computed_tokens, found.prompt_tokens);
    EXPECT_EQ(computed.cached_tokens, 0U);
  }
}

TEST_F(WarmPages, NothingOfAPlayersIsWritten) {
  warm_up();
  auto with = options();
  const auto warm = talking(with);
  warm->look_at_pages([](const PageTree& pages) {
    for (const auto& page : pages.shown()) {
      EXPECT_TRUE(page.common);
      EXPECT_LE(page.ids.size(), kPersona.size() + 20);
    }
  });
  // Tokens are bytes here: three stand before them.
  std::string tokens;
  for (const char letter : kCanary) {
    const std::int32_t id = static_cast<unsigned char>(letter) + 3;
    tokens += as_text(std::as_bytes(std::span(&id, 1)));
  }
  const auto bytes = read_text_file(file(), 1 << 20).value();
  EXPECT_EQ(bytes.find(tokens), std::string::npos);
  EXPECT_EQ(bytes.find(kCanary), std::string::npos);
}

TEST_F(WarmPages, OnlyTheOwnerReadsTheFile) {
  warm_up();
  struct stat about {};
  ASSERT_EQ(::stat(file().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U);
  ASSERT_EQ(::stat(folder_.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0700U);
}

TEST_F(WarmPages, ADamagedFileIsLeftAloneAndSaid) {
  warm_up();
  const auto path = file();
  const auto good = read_file(path, 1 << 20).value();
  const auto cold = talking({.threads = 1});
  const std::string wanted = say(*cold, "bob", "Hi.").text;
  for (const std::size_t at : {std::size_t{0}, std::size_t{17}, std::size_t{60}, std::size_t{90},
                               good.size() / 2, good.size() - 1}) {
    auto bad = good;
    bad[at] ^= std::byte{0x40};
    ASSERT_TRUE(write_file(path, bad));
    const auto engine = talking(options());
    EXPECT_EQ(engine->warm_start().pages, 0U) << at;
    EXPECT_NE(engine->warm_start().refused.find(path.filename().string()), std::string::npos) << at;
    EXPECT_EQ(say(*engine, "bob", "Hi.").text, wanted);
  }
  ASSERT_TRUE(write_file(path, std::span(good).first(good.size() - 100)));
  EXPECT_FALSE(talking(options())->warm_start().refused.empty());
}

TEST_F(WarmPages, WhatIsNoFileIsRefused) {
  warm_up();
  const auto path = file();
  std::filesystem::remove(path);
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_FALSE(talking(options())->warm_start().refused.empty());
  std::filesystem::remove(path);
  std::filesystem::create_symlink("/dev/zero", path);
  EXPECT_FALSE(talking(options())->warm_start().refused.empty());
  std::filesystem::remove(path);
  EXPECT_TRUE(talking(options())->warm_start().refused.empty());
}

TEST_F(WarmPages, AFolderThatOthersWriteToIsNotTrusted) {
  warm_up();
  std::filesystem::permissions(folder_, std::filesystem::perms::all);
  const auto engine = talking(options());
  EXPECT_EQ(engine->warm_start().pages, 0U);
  EXPECT_NE(engine->warm_start().refused.find("chmod"), std::string::npos);
  say(*engine, "bob", "Hi.");
  EXPECT_EQ(engine->keep_warm().error().code, ErrorCode::kRefused);
}

TEST_F(WarmPages, AnotherModelHasAFileOfItsOwn) {
  warm_up();
  const auto other = talking(options(), tensor::Dtype::kF16);
  EXPECT_EQ(other->warm_start().pages, 0U);
  EXPECT_TRUE(other->warm_start().refused.empty());
  say(*other, "bob", "Hi.");
  ASSERT_TRUE(other->keep_warm());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 2);
}

TEST_F(WarmPages, AFileStaysWithinItsBoundAndKeepsWhatWasUsedLast) {
  const std::string first(200, 'a');
  const std::string second(200, 'b');
  {
    // A page takes 4096 bytes, of two layers of 16 keys and values of 32 halves.
    const auto engine = talking(options(70'000));
    say(*engine, "ada", "Hi.", first);
    say(*engine, "ada", "Hi.", second);
    ASSERT_TRUE(engine->keep_warm());
  }
  EXPECT_LE(std::filesystem::file_size(file()), 70'000U);
  const auto engine = talking(options(70'000));
  EXPECT_TRUE(engine->warm_start().refused.empty()) << engine->warm_start().refused;
  EXPECT_GT(engine->warm_start().pages, 10U);
  EXPECT_FALSE(talking(options(1000))->warm_start().refused.empty());
}

TEST_F(WarmPages, NothingIsWrittenWithoutNews) {
  warm_up();
  const auto path = file();
  std::filesystem::remove(path);
  const auto engine = talking(options());
  ASSERT_TRUE(engine->keep_warm());
  EXPECT_FALSE(std::filesystem::exists(path));
  say(*engine, "ada", "Hi.");
  ASSERT_TRUE(engine->keep_warm());
  EXPECT_TRUE(std::filesystem::exists(path));
  const auto again = talking(options());
  std::filesystem::remove(path);
  say(*again, "bob", "Hi.");  // all of the persona was there
  ASSERT_TRUE(again->keep_warm());
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(WarmPages, HalfOfTheMemoryStaysFreeForTalk) {
  warm_up();
  auto with = options();
  with.context = 128;
  with.kv_bytes = 12 * 4096;
  const auto engine = talking(with);
  EXPECT_EQ(engine->warm_start().pages, 6U);
  EXPECT_NE(engine->warm_start().refused.find("memory"), std::string::npos);
}

TEST_F(WarmPages, AnAdapterKeepsItsPagesApart) {
  const std::string folder = DRAMATIS_SOURCE_DIR "/tests/golden/";
  const auto with = [&](std::string adapter) {
    EngineOptions wanted = options();
    wanted.adapters = {{.name = "voice", .path = folder + adapter}};
    wanted.for_all = {{.name = "voice", .scale = 1}};
    return Engine::load(folder + "tiny-f32-tied.gguf", wanted).value();
  };
  const auto talk = [](Engine& engine, std::vector<lm::AdapterChoice> adapters) {
    auto asked = ask({.player = "ada", .persona = "You are Orlando, a knight."}, "Hi.");
    asked.adapters = std::move(adapters);
    GatheringSink sink;
    return engine.generate(asked, seeded(8), sink, {}).value();
  };
  const auto engine = with("tiny-lora.gguf");
  const auto said = talk(*engine, {});
  ASSERT_TRUE(engine->keep_warm());
  const auto again = with("tiny-lora.gguf");
  const auto found = talk(*again, {});
  EXPECT_EQ(found.text, said.text);
  EXPECT_GT(found.cached_tokens, 8U);
  EXPECT_EQ(talk(*with("tiny-lora.gguf"), {{.name = "voice", .scale = 0.5}}).cached_tokens, 0U);
}

}  // namespace
}  // namespace dramatis::engine
