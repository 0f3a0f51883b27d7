#include "text/journal.h"

#include <csignal>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/testing/scratch_folder.h"
#include "text/limits.h"

namespace dramatis::text {
namespace {

using ::testing::HasSubstr;

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Journal, GrowsAndIsFoundAgain) {
  const ScratchFolder folder;
  {
    auto journal = Journal::open(folder / "j.jsonl").value();
    EXPECT_TRUE(journal.found().empty());
    ASSERT_TRUE(journal.append(JsonObject{{"a", "one\ntwo"}}));
    EXPECT_EQ(journal.append(std::string(kMaxRecordBytes, 'x')).error().code,
              ErrorCode::kOverBudget);
  }
  auto journal = Journal::open(folder / "j.jsonl").value();
  ASSERT_EQ(journal.found().size(), 1U);
  EXPECT_EQ(*journal.found()[0].find("a")->as_string(), "one\ntwo");
}

TEST(Journal, CutsOffWhatAKillTore) {
  const ScratchFolder folder;
  folder.write("j.jsonl", "{\"a\":1}\n{\"a\":");
  {
    auto journal = Journal::open(folder / "j.jsonl").value();
    EXPECT_EQ(journal.found().size(), 1U);
    ASSERT_TRUE(journal.append(JsonObject{{"a", std::int64_t{2}}}));
  }
  EXPECT_EQ(bytes_of(folder / "j.jsonl"), "{\"a\":1}\n{\"a\":2}\n");
}

TEST(Journal, BelongsToOneProcessAtATime) {
  const ScratchFolder folder;
  const auto first = Journal::open(folder / "j.jsonl").value();
  const auto second = Journal::open(folder / "j.jsonl");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kConflict);
  EXPECT_THAT(second.error().what, HasSubstr("j.jsonl"));
}

TEST(Journal, NamesTheLineThatIsNone) {
  const ScratchFolder folder;
  folder.write("j.jsonl", "{}\nno json\n");
  const auto broken = Journal::open(folder / "j.jsonl");
  EXPECT_EQ(broken.error().code, ErrorCode::kCorrupt);
  EXPECT_THAT(broken.error().what, HasSubstr("line 2"));
}

TEST(Journal, IsARegularFile) {
  const ScratchFolder folder;
  ASSERT_EQ(::mkfifo((folder / "j.jsonl").c_str(), 0600), 0);
  EXPECT_FALSE(Journal::open(folder / "j.jsonl"));
}

// The file may not grow past a limit, as on a full disk: the record before it stays whole.
TEST(Journal, LosesNothingWhereTheDiskIsFull) {
  const ScratchFolder folder;
  auto journal = Journal::open(folder / "j.jsonl").value();
  ASSERT_TRUE(journal.append(JsonObject{{"a", std::string(100, 'a')}}));
  const std::string before = bytes_of(folder / "j.jsonl");
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &usual), 0);
  const auto ignored = ::signal(SIGXFSZ, SIG_IGN);
  const rlimit tight{.rlim_cur = before.size() + 20, .rlim_max = usual.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  const auto refused = journal.append(JsonObject{{"b", std::string(100, 'b')}});
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &usual), 0);
  ::signal(SIGXFSZ, ignored);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(bytes_of(folder / "j.jsonl"), before);
  ASSERT_TRUE(journal.append(JsonObject{{"c", std::int64_t{3}}}));
  EXPECT_EQ(bytes_of(folder / "j.jsonl"), before + "{\"c\":3}\n");
}

}  // namespace
}  // namespace dramatis::text
