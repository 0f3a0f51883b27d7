// hearth says the same whether its weights are kept in eight bits or in sixteen.
#include <filesystem>
#include <utility>

#include <gtest/gtest.h>

#include "convert/retype.h"
#include "engine/engine.h"
#include "persona/cast.h"
#include "search/matcher.h"
#include "study/checks.h"

namespace dramatis {
namespace {

const std::filesystem::path kRoot = DRAMATIS_SOURCE_DIR;

// The first checks of everyone: somewhat more than a hundred prompts.
constexpr std::size_t kChecksOfOne = 13;

std::vector<std::string> greedy_replies(formats::Gguf file, const persona::Cast& cast) {
  const auto engine = engine::Engine::make(std::move(file), "hearth", {}).value();
  const auto matcher = search::Matcher::read(kRoot / "models/matcher.safetensors").value();
  const auto examples = prompt::Examples::build(cast, matcher).value();
  const auto report =
      study::run_checks(cast, {*engine, examples, prompt::Head::kCompact},
                        {.temperature = 0, .max_tokens = 120, .voice = study::Voice::kFree})
          .value();
  std::vector<std::string> replies;
  for (const auto& row : report.rows) replies.push_back(row.reply);
  return replies;
}

TEST(Hearth, SaysTheSameInEightBitsAndInSixteen) {
  auto cast = persona::load_cast(kRoot / "cast").value();
  for (auto& member : cast.members)
    member.checks.resize(std::min(member.checks.size(), kChecksOfOne));
  auto eight = formats::Gguf::read(kRoot / "models/hearth.gguf").value();
  auto sixteen = convert::retype(eight, {.type = tensor::Dtype::kF16, .threads = 2}).value();
  const auto of_eight = greedy_replies(std::move(eight), cast);
  const auto of_sixteen = greedy_replies(std::move(sixteen.file), cast);
  ASSERT_GE(of_eight.size(), 100U);
  std::size_t same = 0;
  for (std::size_t n = 0; n < of_eight.size(); ++n) same += of_eight[n] == of_sixteen[n] ? 1 : 0;
  RecordProperty("same", static_cast<int>(same));
  // Sixteen bits of weights and twice eight of activations differ in about one reply of 200.
  EXPECT_GE(100 * same, 95 * of_eight.size());
}

}  // namespace
}  // namespace dramatis
