#include "dataset/exchanges.h"

#include <csignal>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/testing/scratch_folder.h"
#include "dataset/folder_archive.h"
#include "dataset/testing/imperfect_model.h"

namespace dramatis::dataset {
namespace {

using testing::ImperfectModel;

class Exchanges : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kCount = 120;

  Exchanges()
      : cast_(persona::load_cast(std::filesystem::path(DRAMATIS_SOURCE_DIR) / "cast").value()),
        examples_(prompt::Examples::build(cast_).value()) {}

  // The records of a run into `folder`, its head first; `dies` 0: it lives.
  std::vector<text::Json> made(ImperfectModel& model, const std::string& folder, int dies = 0) {
    const StepKey step{.character = recipe_.character, .step = "exchanges"};
    FolderArchive archive(folder);
    const SystemClock clock;
    Purse purse({}, clock);
    Writer writer(model, purse);
    const auto maker = ExchangeMaker::make(recipe_, cast_, examples_, writer, writer).value();
    {
      const auto book =
          archive.open(step, {.recipe = digest(recipe_, cast_, writer, writer), .count = kCount})
              .value();
      const RunProgress progress = [&](const RunState& state) {
        if (dies > 0 && static_cast<int>(state.made - state.before) >= dies) ::raise(SIGKILL);
      };
      const MakeItem item = [&](std::uint64_t n, const std::stop_token& stop) {
        return maker.item(n, stop);
      };
      const RunOptions options{.tries = 1000,  // an item may meet several absences in a row
                               .pause = std::chrono::milliseconds(0)};
      EXPECT_EQ(run(options, item, purse, *book, progress, {}).value(), RunEnd::kWhole);
    }
    return archive.read(step).value();
  }

  ScratchFolder folder_;
  persona::Cast cast_;
  prompt::Examples examples_;
  ExchangeRecipe recipe_{.character = "orlando-marlo"};
};

TEST_F(Exchanges, AreMadeAndEveryTextIsAccountedFor) {
  ImperfectModel model;
  const auto records = made(model, folder_ / "run");
  ASSERT_EQ(records.size(), 1 + kCount);
  const auto exchanges = read_exchanges(records).value();
  EXPECT_GT(exchanges.size(), kCount * 9 / 10);
  for (const auto& exchange : exchanges) {
    EXPECT_EQ(exchange.answer.find('*'), std::string::npos) << exchange.answer;
    EXPECT_EQ(exchange.answer.find("language model"), std::string::npos);
    EXPECT_NE(exchange.answer.back(), '"');
  }
  const auto drops = count_drops(records).value();
  EXPECT_GT(drops.at("gesture"), 0U);
  EXPECT_GT(drops.at("assistant"), 0U);
  EXPECT_GT(drops.at("empty"), 0U);
  EXPECT_GT(drops.at("cut"), 0U);
  EXPECT_GT(drops.at("prose"), 0U);
  // A call gave a question, an answer, or a text that was dropped whole.
  std::size_t questions = 0;
  std::size_t whole = drops.at("empty") + drops.at("cut");
  for (const auto& record : records) {
    if (record.find("item") == nullptr) continue;
    questions += record.find("question") == nullptr ? 0 : 1;
    whole += record.find("refusals")->as_array()->size();
    for (const auto& drop : *record.find("drops")->as_array()) {
      const auto& reason = *drop.find("reason")->as_string();
      whole += reason == "recites" || reason == "too-long" || reason == "no-words" ? 1 : 0;
    }
  }
  // "cut" is a question's drop and an answer's sign; refusals count the latter already.
  std::size_t cut_answers = 0;
  for (const auto& record : records) {
    if (record.find("item") == nullptr) continue;
    for (const auto& refusal : *record.find("refusals")->as_array())
      cut_answers += *refusal.find("gate")->as_string() == "cut" ? 1 : 0;
  }
  EXPECT_EQ(static_cast<std::size_t>(model.calls()),
            questions + exchanges.size() + whole - cut_answers);
}

TEST_F(Exchanges, AreTheSameAfterKillsAndAbsences) {
  ImperfectModel quiet;
  auto expected = made(quiet, folder_ / "quiet");
  const std::string path = folder_ / "killed";
  for (int round = 0; round < 8; ++round) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ImperfectModel shaky(7);
      (void)made(shaky, path, 3 + 5 * (round % 4));
      ::_exit(0);
    }
    int how = 0;
    ASSERT_EQ(::waitpid(child, &how, 0), child);
  }
  ImperfectModel shaky(5);
  auto found = made(shaky, path);
  const auto by_item = [](const text::Json& a, const text::Json& b) {
    const auto number = [](const text::Json& record) {
      return record.find("item") == nullptr ? -1 : *record.find("item")->as_int();
    };
    return number(a) < number(b);
  };
  std::ranges::sort(expected, by_item);
  std::ranges::sort(found, by_item);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t n = 0; n < found.size(); ++n)
    EXPECT_EQ(text::print_json(found[n]), text::print_json(expected[n]));
}

TEST_F(Exchanges, NeedATroupe) {
  cast_.troupes.clear();
  ImperfectModel model;
  const SystemClock clock;
  Purse purse({}, clock);
  Writer writer(model, purse);
  EXPECT_EQ(ExchangeMaker::make(recipe_, cast_, examples_, writer, writer).error().code,
            ErrorCode::kNotFound);
}

}  // namespace
}  // namespace dramatis::dataset
