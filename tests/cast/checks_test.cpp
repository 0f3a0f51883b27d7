// Whether the checks of the cast measure what they say: their own answers pass, other people's do
// not, and no dialogue holds their wording.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "persona/cast.h"

namespace dramatis {
namespace {

const persona::Cast& cast() {
  static const persona::Cast kCast =
      persona::load_cast(std::filesystem::path(DRAMATIS_SOURCE_DIR) / "cast").value();
  return kCast;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines(1);
  for (const char c : text) {
    if (c == '\n') {
      lines.emplace_back();
    } else {
      lines.back() += c;
    }
  }
  std::erase(lines, "");
  return lines;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words(1);
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '\'') {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

std::vector<std::string> trigrams_of(const std::string& text) {
  const auto words = words_of(text);
  std::vector<std::string> trigrams;
  for (std::size_t n = 0; n + 3 <= words.size(); ++n) {
    trigrams.push_back(words[n] + " " + words[n + 1] + " " + words[n + 2]);
  }
  return trigrams;
}

// How many answers a check was given, how many it let pass, and how they read.
struct Passed {
  std::string check;
  std::size_t count = 0, of = 0;
  std::vector<std::string> answers{};

  void judge(const persona::Check& one, const std::string& answer) {
    ++of;
    if (!persona::passes(one, answer)) return;
    ++count;
    answers.push_back(answer);
  }
  [[nodiscard]] double percent() const {
    return of == 0 ? 0 : 100.0 * static_cast<double>(count) / static_cast<double>(of);
  }
};

// Judges `answers` by every check of `member`; tells the sum, and the widest checks.
double percent_passing(const persona::Member& member, const std::vector<std::string>& answers,
                       std::string_view whose) {
  Passed all;
  std::vector<Passed> each;
  for (const auto& check : member.checks) {
    Passed one{.check = fmt::format("{} {}", check.id, persona::print(check.kind))};
    for (const auto& answer : answers) one.judge(check, answer);
    all.count += one.count;
    all.of += one.of;
    each.push_back(std::move(one));
  }
  std::ranges::stable_sort(each, std::greater<>(), &Passed::count);
  fmt::print("{:<22} {:<12} {:>4} of {:>6} pass: {:.2f} %\n", member.sheet.id, whose, all.count,
             all.of, all.percent());
  for (const auto& one : each) {
    if (one.percent() <= 5) break;
    fmt::print("  wide: {} lets {} of {} pass, such as: {}\n", one.check, one.count, one.of,
               one.answers.front());
  }
  return all.percent();
}

class ChecksOf : public ::testing::TestWithParam<std::size_t> {
 protected:
  static const persona::Member& member() { return cast().members[GetParam()]; }
};

TEST_P(ChecksOf, AcceptTheirOwnAnswers) {
  ASSERT_FALSE(member().checks.empty());
  for (const auto& check : member().checks) {
    EXPECT_TRUE(persona::passes(check, check.answer)) << check.id << ": " << check.answer;
  }
}

TEST_P(ChecksOf, AreAskedInWordsThatNoDialogueHas) {
  std::set<std::string> known;
  for (const auto& dialogue : member().dialogues) {
    for (const auto& exchange : dialogue.exchanges) {
      for (auto& trigram : trigrams_of(exchange.player)) known.insert(std::move(trigram));
    }
  }
  std::size_t worst = 0;
  for (const auto& check : member().checks) {
    const auto trigrams = trigrams_of(check.ask);
    const auto met = static_cast<std::size_t>(std::ranges::count_if(
        trigrams, [&known](const std::string& one) { return known.contains(one); }));
    EXPECT_LE(2 * met, trigrams.size()) << check.id << ": " << check.ask;
    if (!trigrams.empty()) worst = std::max(worst, 100 * met / trigrams.size());
  }
  fmt::print("{:<22} at most {} % of a check's trigrams stand in the dialogues\n",
             member().sheet.id, worst);
}

TEST_P(ChecksOf, AreNoneOfTheWordingsThatAreLearnt) {
  std::set<std::vector<std::string>> learnt;
  for (const auto& topic : member().wordings) {
    for (const auto& line : topic.lines) learnt.insert(words_of(line));
  }
  for (const auto& check : member().checks) {
    EXPECT_FALSE(learnt.contains(words_of(check.ask))) << check.id << ": " << check.ask;
  }
}

TEST_P(ChecksOf, LetFewOfOtherCharactersAnswersPass) {
  std::vector<std::string> answers;
  for (const auto& other : cast().members) {
    if (other.sheet.id == member().sheet.id) continue;
    for (const auto& check : other.checks) answers.push_back(check.answer);
  }
  EXPECT_LE(percent_passing(member(), answers, "others"), 5);
}

TEST_P(ChecksOf, LetFewOfAnAssistantsAnswersPass) {
  const auto answers = lines_of(read_text_file(std::filesystem::path(DRAMATIS_SOURCE_DIR) /
                                                   "tests/data/assistant-answers.txt",
                                               64 * 1024)
                                    .value());
  ASSERT_GE(answers.size(), 60U);
  EXPECT_LE(percent_passing(member(), answers, "assistant"), 5);
}

std::string name_of(const ::testing::TestParamInfo<std::size_t>& info) {
  std::string name = cast().members[info.param].sheet.id;
  std::ranges::replace(name, '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Cast, ChecksOf, ::testing::Range<std::size_t>(0, cast().members.size()),
                         name_of);

}  // namespace
}  // namespace dramatis
