#include "engine/table.h"

#include <gtest/gtest.h>

#include "engine/batch.h"
#include "engine/limits.h"
#include "model/limits.h"

namespace dramatis::engine {
namespace {

constexpr model::ModelConfig kShape{.layers = 1, .kv_heads = 1, .head_width = 4};
constexpr std::size_t kReply = 4;  // tokens that a request may add

// A sequence that never gets logits.
class Still final : public Work {
 public:
  explicit Still(std::vector<TokenId> ids) : ids_(std::move(ids)) {}
  [[nodiscard]] std::span<const TokenId> tokens() const override { return ids_; }
  [[nodiscard]] std::size_t first_wanted() const override { return ids_.size() - 1; }
  [[nodiscard]] std::size_t capacity() const override { return ids_.size() + kReply; }
  [[nodiscard]] std::size_t valid() const override { return ids_.size(); }
  [[nodiscard]] std::size_t worth_keeping() const override { return ids_.size(); }
  [[nodiscard]] Result<Next> take(std::span<float> /*logits*/, std::string& /*say*/) override {
    return Next::kEnd;
  }

 private:
  std::vector<TokenId> ids_;
};

class Tables : public ::testing::Test {
 protected:
  Table::Ref ask(lm::Asker asker, std::size_t tokens = 10, std::size_t common = 0) {
    std::vector<TokenId> ids;
    for (std::size_t n = 0; n < tokens; ++n) ids.push_back(static_cast<TokenId>(n));
    auto session = std::make_shared<Session>(
        std::make_unique<Still>(ids),
        Placement{.asker = std::move(asker), .common = common, .prompt_tokens = tokens},
        runtime::Stop{});
    table_.add(session);
    return session;
  }
  // What a step does to the caches.
  Batch step() {
    table_.seat();
    const auto running = table_.running();
    Batch batch = compose_batch(running);
    for (std::size_t n = 0; n < batch.shares.size(); ++n) {
      auto& session = *batch.shares[n].session;
      const auto rows = static_cast<std::size_t>(
          std::ranges::count(batch.rows, &*session.course().cache, &model::Row::cache));
      EXPECT_TRUE(session.course().cache->prepare(rows));
      session.course().cache->advance(rows);
      table_.keep_common(session, batch.shares[n].before);
    }
    return batch;
  }

  std::shared_ptr<model::KvPool> pool_ = pool_of(200);
  Table table_{pool_};

  static std::shared_ptr<model::KvPool> pool_of(std::size_t pages) {
    const auto shape = model::kv_shape(kShape, tensor::Dtype::kF32).value();
    return model::KvPool::make(shape, pages * shape.page_bytes());
  }
};

TEST_F(Tables, APlayersSecondRequestStandsBehindTheFirstOfAllOthers) {
  const auto a1 = ask({.player = "a"}, 200);
  const auto a2 = ask({.player = "a"}, 200);
  const auto b1 = ask({.player = "b"}, 200);
  table_.seat();
  EXPECT_EQ(table_.running(), (std::vector<Session*>{a1.get(), b1.get(), a2.get()}));
}

TEST_F(Tables, OnePlayerTakesHalfTheSeats) {
  for (std::size_t n = 0; n < kMaxSeats; ++n) ask({.player = "a"});
  table_.seat();
  EXPECT_EQ(table_.seated(), kMaxSeatsOfOne);
  for (std::size_t n = 0; n < kMaxSeats; ++n) ask({});
  table_.seat();
  EXPECT_EQ(table_.seated(), kMaxSeats);
}

TEST_F(Tables, BackgroundWorkStandsStillWhileAPlayerIsThere) {
  const auto background = ask({.urgency = lm::Urgency::kBackground});
  EXPECT_EQ(step().shares.size(), 1U);
  const auto player = ask({}, 200);
  const auto batch = step();
  ASSERT_EQ(batch.shares.size(), 1U);
  EXPECT_EQ(batch.shares[0].session, player.get());
  table_.end(*player, {});
  EXPECT_EQ(table_.running(), std::vector<Session*>{background.get()});
}

TEST_F(Tables, BackgroundWorkGivesItsPagesToAPlayer) {
  pool_ = pool_of(8);
  table_ = Table(pool_);
  const auto background = ask({.urgency = lm::Urgency::kBackground}, 60);
  step();
  const auto player = ask({}, 60);
  step();
  EXPECT_EQ(table_.running(), std::vector<Session*>{player.get()});
  EXPECT_FALSE(background->course().cache);
  table_.end(*player, {});
  step();
  EXPECT_EQ(table_.running(), std::vector<Session*>{background.get()});
}

TEST_F(Tables, WhoFindsNoRoomWaitsAndIsNotOvertaken) {
  pool_ = pool_of(12);
  table_ = Table(pool_);
  const auto first = ask({}, 80);  // 6 pages and 2 for copies
  const auto large = ask({}, 90);
  const auto small = ask({}, 10);
  step();
  EXPECT_EQ(table_.seated(), 1U);
  table_.end(*first, {});
  step();
  EXPECT_EQ(table_.running(), (std::vector<Session*>{large.get(), small.get()}));
  EXPECT_EQ(Table::judge(*pool_, 161).error().code, ErrorCode::kOverBudget);
  EXPECT_TRUE(Table::judge(*pool_, 160));
}

TEST_F(Tables, ACommonBeginningIsComputedByOneWhileTheOthersWait) {
  const auto a = ask({}, 100, 70);
  const auto b = ask({}, 100, 70);
  auto batch = step();
  ASSERT_EQ(batch.shares.size(), 1U);
  EXPECT_EQ(batch.shares[0].session, a.get());
  EXPECT_EQ(batch.rows.size(), model::kMaxBatchRows);
  batch = step();  // the last six tokens, alone, so that their page can be kept
  EXPECT_EQ(batch.rows.size(), 6U);
  batch = step();
  EXPECT_EQ(batch.rows.size(), 60U);
  EXPECT_EQ(batch.shares.size(), 2U);
  EXPECT_EQ(batch.shares[1].before, 70U);
}

// E11
TEST_F(Tables, WhoLeavesFreesHisPages) {
  const auto gone = ask({.conversation = "a"}, 100);
  step();
  gone->leave();
  table_.drop_unwanted();
  EXPECT_EQ(table_.size(), 0U);
  EXPECT_EQ(table_.take_ended(), std::vector<Table::Ref>{gone});
  EXPECT_EQ(gone->course().outcome.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(pool_->used_pages(), table_.pages().size());
}

}  // namespace
}  // namespace dramatis::engine
