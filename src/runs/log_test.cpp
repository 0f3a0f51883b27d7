#include "runs/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/scratch_folder.h"
#include "runs/limits.h"
#include "runs/log_page.h"

namespace dramatis::runs {
namespace {

using ::testing::ElementsAre;

Entry update(std::size_t n, double loss) {
  return Update{.update = n, .epoch = 1, .loss = loss, .rate = 0.01};
}

Entry evaluation(std::size_t n, double loss) {
  return Evaluation{.update = n,
                    .epoch = 1,
                    .loss = loss,
                    .is_best = true,
                    .samples = {{.question = "Bread?", .reply = "A \"penny\".\n", .ended = true}}};
}

// A run of three updates, as the trainer writes it.
std::vector<Entry> whole_run() {
  return {Begin{.name = "ida",
                .method = "lora",
                .base = "b",
                .updates = 3,
                .epochs = 1,
                .recomputes = true,
                .memory = "Layers are computed again."},
          evaluation(0, 3),
          update(1, 2.5),
          update(2, 2.25),
          update(3, 2),
          evaluation(3, 1.5),
          End{.update = 3}};
}

void write_run(const std::filesystem::path& path, const std::vector<Entry>& entries) {
  auto log = RunLog::open(path, 0);
  ASSERT_TRUE(log);
  for (const auto& entry : entries) ASSERT_TRUE(log->add(entry));
}

TEST(RunLog, IsReadAsItWasWritten) {
  const ScratchFolder scratch;
  const auto path = scratch.path() / "log.jsonl";
  write_run(path, whole_run());
  EXPECT_EQ(read_log(path).value(), whole_run());
  const auto page = read_page(path, 0).value();
  EXPECT_EQ(page.entries, whole_run());
  EXPECT_EQ(page.next, 7U);
  EXPECT_FALSE(page.more);
}

TEST(RunLog, GoesOnAfterItsCheckpoint) {
  const ScratchFolder scratch;
  const auto path = scratch.path() / "log.jsonl";
  write_run(path, whole_run());
  ASSERT_TRUE(RunLog::open(path, 2));
  const auto all = whole_run();
  EXPECT_THAT(read_log(path).value(), ElementsAre(all[0], all[1], all[2], all[3]));
  // A run that had ended ends again.
  write_run(path, all);
  ASSERT_TRUE(RunLog::open(path, 3).value().add(End{.update = 3}));
  EXPECT_EQ(read_log(path).value(), all);
}

TEST(RunLogPage, HasWhatIsNewAndNoTornLine) {
  const ScratchFolder scratch;
  const auto path = scratch.path() / "log.jsonl";
  write_run(path, whole_run());
  const auto all = whole_run();
  EXPECT_THAT(read_page(path, 5).value().entries, ElementsAre(all[5], all[6]));
  EXPECT_EQ(read_page(path, 7).value().next, 7U);
  // Begun anew, with fewer lines: the reader is told how many there are.
  EXPECT_EQ(read_page(path, 50).value().next, 7U);
  EXPECT_TRUE(read_page(path, 50).value().entries.empty());

  scratch.write("torn.jsonl", "{\"kind\":\"update\",\"update\":1,\"loss\":2}\n{\"kind\":\"upd");
  const auto torn = read_page(scratch.path() / "torn.jsonl", 0).value();
  EXPECT_EQ(torn.entries.size(), 1U);
  EXPECT_EQ(torn.next, 1U);
  EXPECT_EQ(torn.unread, 0U);
}

TEST(RunLogPage, CountsLinesThatAreNone) {
  const ScratchFolder scratch;
  const std::string good = "{\"kind\":\"update\",\"update\":1,\"loss\":2}\n";
  const std::string lines = good + "\n" + "no json\n" + "{\"kind\":\"dance\"}\n" +
                            "{\"kind\":\"update\",\"update\":-1,\"loss\":2}\n" +
                            "{\"kind\":\"update\",\"update\":1,\"loss\":\"2\"}\n" +
                            "{\"kind\":\"update\",\"update\":1,\"loss\":NaN}\n" +
                            std::string(kMaxLineBytes + 1, ' ') + "\n" + good;
  scratch.write("log.jsonl", lines);
  const auto page = read_page(scratch.path() / "log.jsonl", 0).value();
  EXPECT_EQ(page.entries.size(), 2U);
  EXPECT_EQ(page.unread, 7U);
  EXPECT_EQ(page.next, 9U);
  EXPECT_FALSE(read_log(scratch.path() / "log.jsonl"));
}

TEST(RunLogPage, EndsAtItsLimit) {
  PageMaker maker(1);
  std::size_t heard = 0;
  while (maker.hear("{\"kind\":\"update\",\"update\":1,\"loss\":2}") == GoOn::kYes) ++heard;
  const auto page = maker.take();
  EXPECT_EQ(heard, kMaxPageEntries + 1);
  EXPECT_EQ(page.next, kMaxPageEntries + 1);
  EXPECT_TRUE(page.more);
}

TEST(RunLogPage, KeepsNoMoreThanItsLimitOfOneEvaluation) {
  std::string line = R"({"kind":"evaluation","update":1,"loss":2,"samples":[)";
  for (std::size_t n = 0; n < 2 * kMaxSamples; ++n)
    line += std::string(n == 0 ? "" : ",") + R"({"question":"q","reply":"r","ended":true})";
  const auto entry = read_entry(line + "]}");
  ASSERT_TRUE(entry);
  EXPECT_EQ(std::get<Evaluation>(*entry).samples.size(), kMaxSamples);
}

TEST(RunLogPage, IsReadFromRegularFilesAlone) {
  const ScratchFolder scratch;
  EXPECT_EQ(read_page(scratch.path(), 0).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(read_page(scratch.path() / "none", 0).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace dramatis::runs
