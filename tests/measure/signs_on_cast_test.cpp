// The rules of signs/ against what the cast's authors wrote, and against an assistant's answers.
#include <filesystem>
#include <iostream>
#include <map>

#include <gtest/gtest.h>

#include "base/files.h"
#include "persona/cast.h"
#include "signs/sign.h"
#include "signs/strangers.h"

namespace dramatis::signs {
namespace {

const std::filesystem::path kRoot = DRAMATIS_SOURCE_DIR;

// A cap on noise: of a hundred authored lines, at most one may offend any rule.
constexpr double kMostFalse = 0.01;

TEST(SignsOnCast, AuthoredLinesHardlyEverOffend) {
  const auto cast = persona::load_cast(kRoot / "cast").value();
  std::map<std::string, std::vector<std::string>> offended;
  std::size_t lines = 0;
  for (const auto& member : cast.members) {
    const auto strangers = Strangers::of(cast, member.sheet.id);
    for (const auto& dialogue : member.dialogues) {
      std::vector<std::string> earlier;
      for (const auto& exchange : dialogue.exchanges) {
        ++lines;
        for (const auto& finding : look({.reply = exchange.npc,
                                   .heard = exchange.player,
                                   .earlier = earlier,
                                   .character = &member.sheet,
                                   .world = cast.find_world(member.sheet.world),
                                   .strangers = &strangers})) {
          offended[finding.sign].push_back(exchange.npc.substr(finding.first, finding.length) +
                                           " in: " + exchange.npc);
        }
        earlier.push_back(exchange.npc);
      }
    }
  }
  ASSERT_GT(lines, 4000U);
  for (const auto& [sign, places] : offended) {
    const double share = static_cast<double>(places.size()) / static_cast<double>(lines);
    EXPECT_LE(share, kMostFalse) << sign << ", " << places.size() << " of " << lines;
    std::cout << sign << ": " << places.size() << ", such as " << places.front() << '\n';
  }
}

TEST(SignsOnCast, AnAssistantsAnswersMostlyDo) {
  const auto answers = read_text_file(kRoot / "tests/data/assistant-answers.txt", 1 << 20).value();
  std::size_t all = 0, found = 0;
  for (std::size_t first = 0; first < answers.size();) {
    const std::size_t end = std::min(answers.find('\n', first), answers.size());
    const auto line = std::string_view(answers).substr(first, end - first);
    ++all;
    const bool offends = !look("assistant", {.reply = line}).empty() ||
                         !look("refusing", {.reply = line}).empty() ||
                         !look("moralising", {.reply = line}).empty() ||
                         !look("stepping-out", {.reply = line}).empty();
    found += offends ? 1 : 0;
    first = end + 1;
  }
  // The rest are lines that a character could say, too: "No, I don't think that would be a good
  // idea."
  EXPECT_GE(found * 100, all * 60) << found << " of " << all;
}

}  // namespace
}  // namespace dramatis::signs
