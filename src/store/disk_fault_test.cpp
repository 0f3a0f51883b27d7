// A disk that refuses, lies, fills up or loses power at any moment: what was acknowledged is there,
// and whoever asks meanwhile is told.
#include <array>
#include <cstdlib>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "base/testing/scratch_folder.h"
#include "store/copy.h"
#include "store/database.h"
#include "store/testing/faulty_disk.h"

namespace dramatis::store {
namespace {

namespace fs = std::filesystem;
using testing::DiskFault;
using testing::FaultyDisk;
using Cut = FaultyDisk::Cut;
using Lasting = FaultyDisk::Lasting;

constexpr std::array kFaults{DiskFault::kWriteFails, DiskFault::kWritesHalf, DiskFault::kDiskFull,
                             DiskFault::kSyncFails};
constexpr ConversationId kTalk{5};

// So many rounds, or as many as a soak asks for.
int rounds(const char* variable, int usual) {
  const char* asked = std::getenv(variable);
  return asked == nullptr ? usual : std::atoi(asked);
}

dialogue::Turn turn_number(std::uint64_t n) {
  return {.id = TurnId{n},
          .conversation = kTalk,
          .pair = {NpcId{1}, UserId{1}},
          .message = fmt::format("question {}", n),
          .spoken = {.reply = fmt::format("{} {}", n, std::string(n * 7919 % 60'000, 'r'))},
          .key = fmt::format("key {}", n)};
}

// One player, one NPC, one conversation, and what of it was acknowledged.
class Story {
 public:
  explicit Story(const fs::path& file) : file_(file) {}

  void begin() {
    database_ = open(file_.string()).value();
    auto& store = database_->conversations();
    ASSERT_TRUE(store.add_user({.id = UserId{1}, .name = "Alice"}));
    ASSERT_TRUE(store.add_npc({.id = NpcId{1}, .settings = {.character = "ida"}}));
    ASSERT_TRUE(store.begin({.id = kTalk, .pair = {NpcId{1}, UserId{1}}}, {}));
  }
  // The next turn; true where it was acknowledged.
  bool say() {
    const std::uint64_t n = next_++;
    const auto after = said_.empty() ? std::nullopt : std::optional(TurnId{said_.back()});
    const auto done = database_->conversations().add_turn(turn_number(n), after);
    if (done) {
      said_.push_back(n);
    } else {
      EXPECT_EQ(done.error().code, ErrorCode::kUnavailable) << done.error().what;
      EXPECT_FALSE(done.error().what.empty());
    }
    return done.has_value();
  }
  void close() { database_.reset(); }
  [[nodiscard]] Database& database() { return *database_; }
  [[nodiscard]] const std::vector<std::uint64_t>& said() const { return said_; }

 private:
  fs::path file_;
  std::unique_ptr<Database> database_;
  std::vector<std::uint64_t> said_;
  std::uint64_t next_ = 1;
};

std::vector<dialogue::Turn> turns_of(std::span<const std::uint64_t> said) {
  std::vector<dialogue::Turn> turns;
  for (const auto n : said) turns.push_back(turn_number(n));
  return turns;
}

// In the file are the turns that were said, whole and in order, and perhaps one that nobody was
// told of.
void expect_kept(const fs::path& file, const std::vector<std::uint64_t>& said) {
  const auto database = open(file.string());
  ASSERT_TRUE(database) << database.error().what;
  EXPECT_TRUE(check(**database)->empty());
  auto kept = (*database)->conversations().newest_turns(kTalk, 100'000);
  ASSERT_TRUE(kept) << kept.error().what;
  ASSERT_GE(kept->size(), said.size());
  ASSERT_LE(kept->size(), said.size() + 1);
  if (kept->size() > said.size()) {
    const auto n = static_cast<std::uint64_t>(kept->back().id);
    EXPECT_EQ(kept->back(), turn_number(n)) << "unacknowledged, but whole";
    kept->pop_back();
  }
  EXPECT_EQ(*kept, turns_of(said));
}

// The nth call of the fault's kind goes wrong, the disk is mended after the third refusal, and the
// story goes on without a restart.
void go_wrong(DiskFault fault, Lasting lasting, std::uint64_t nth, int turns) {
  SCOPED_TRACE(fmt::format("fault {}, lasting {}, call {}", static_cast<int>(fault),
                           static_cast<int>(lasting), nth));
  const ScratchFolder folder;
  FaultyDisk disk;
  Story story(folder / "a.sqlite");
  story.begin();
  disk.fail(fault, nth, lasting);
  int refused = 0;
  for (int n = 0; n < turns; ++n) {
    if (!story.say() && ++refused == 3) disk.mend();
    const auto now = story.database().conversations().newest_turns(kTalk, 1);
    ASSERT_TRUE(now) << "readers go on: " << now.error().what;
  }
  disk.mend();
  EXPECT_TRUE(story.say()) << "it works again when the disk does";
  EXPECT_LE(refused, 3);
  const auto kept = story.database().conversations().newest_turns(kTalk, 100'000).value();
  EXPECT_EQ(kept, turns_of(story.said()));
  story.close();
  expect_kept(folder / "a.sqlite", story.said());
}

// D4, D5: each of the first calls, once and until it is mended.
TEST(DiskFaults, EveryCallMayFailAndNothingAcknowledgedIsLost) {
  for (const DiskFault fault : kFaults) {
    for (const Lasting lasting : {Lasting::kOnce, Lasting::kUntilMended}) {
      for (std::uint64_t nth = 1; nth <= 12; ++nth) {
        go_wrong(fault, lasting, nth, 5);
        if (::testing::Test::HasFatalFailure()) return;
      }
    }
  }
}

// D4, D5: any later one; the log is moved into the file meanwhile.
TEST(DiskFaults, ALateCallMayFailAsWell) {
  Rng random(5);
  const int all = rounds("DRAMATIS_DISK_ROUNDS", 8);
  for (int round = 0; round < all; ++round) {
    const DiskFault fault = kFaults[static_cast<std::size_t>(round) % kFaults.size()];
    const std::uint64_t calls = fault == DiskFault::kSyncFails ? 170 : 3000;
    go_wrong(fault, random.below(2) == 0 ? Lasting::kOnce : Lasting::kUntilMended,
             1 + random.below(calls), 160);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

// D5
TEST(DiskFaults, ADatabaseThatCannotBeMadeIsMadeWhenTheDiskWorks) {
  for (const DiskFault fault : kFaults) {
    for (std::uint64_t nth = 1; nth <= 20; ++nth) {
      const ScratchFolder folder;
      FaultyDisk disk;
      disk.fail(fault, nth, Lasting::kUntilMended);
      const auto refused = open((folder / "a.sqlite").string());
      if (!refused) {
        EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable) << refused.error().what;
        EXPECT_THAT(refused.error().what, ::testing::HasSubstr("a.sqlite"));
      }
      disk.mend();
      EXPECT_TRUE(open((folder / "a.sqlite").string()));
    }
  }
}

// Cuts the process or the power before the nth call of a story; returns whether it came so far.
bool cut_at(Cut cut, std::uint64_t nth, int turns, Rng& random) {
  SCOPED_TRACE(fmt::format("cut {} at call {}", static_cast<int>(cut), nth));
  const ScratchFolder folder;
  const ScratchFolder left;
  std::optional<std::vector<std::uint64_t>> acknowledged;
  {
    FaultyDisk disk;
    Story story(folder / "a.sqlite");
    story.begin();
    disk.before(nth, [&] {
      disk.cut(cut, left.path(), random);
      acknowledged = story.said();
    });
    for (int n = 0; n < turns && !acknowledged; ++n) EXPECT_TRUE(story.say());
    story.close();
  }
  if (acknowledged) expect_kept(left / "a.sqlite", *acknowledged);
  return acknowledged.has_value();
}

// D2: a process that is killed before each of its writes and syncs.
TEST(DiskFaults, AProcessThatIsKilledAtAnyCallLosesNothingAcknowledged) {
  Rng random(2);
  for (std::uint64_t nth = 1; nth <= 60; ++nth) {
    EXPECT_TRUE(cut_at(Cut::kProcess, nth, 60, random));
    if (::testing::Test::HasFatalFailure()) return;
  }
}

// D3: the power is cut; sectors that were not synced are old or new, each for itself.
TEST(DiskFaults, APowerCutLosesNothingAcknowledged) {
  Rng random(3);
  const int all = rounds("DRAMATIS_POWER_CUTS", 40);
  for (int round = 0; round < all; ++round) {
    // Half of them soon, half of them about when the log is moved into the file.
    const std::uint64_t nth = round % 2 == 0 ? 1 + random.below(60) : 900 + random.below(1800);
    EXPECT_TRUE(cut_at(Cut::kPower, nth, 400, random));
    if (::testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace dramatis::store
