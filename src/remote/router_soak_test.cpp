#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "remote/limits.h"
#include "remote/testing/ready_router.h"
#include "remote/testing/scripted_backend.h"
#include "text/json.h"

namespace dramatis::remote {
namespace {

using testing::Answer;
using testing::Seen;

// Says back what it was told, some letters at a time; of twenty answers one is refused, one lost
// before a word, one broken off in the middle and one nonsense.
Answer flaky_echo(std::size_t number, const Seen& seen) {
  if (seen.head.starts_with("GET ")) return {testing::send(testing::answer(200, "text/plain", ""))};
  const auto request = text::parse_json(seen.body).value();
  const std::string told =
      *request.find("messages")->as_array()->back().find("content")->as_string();
  if (number % 20 == 3) return {testing::send(testing::answer(503, "application/json", "{}"))};
  if (number % 20 == 8) return {testing::reset()};
  if (number % 20 == 13) return {testing::send(testing::answer(200, "text/html", "<html>"))};
  Answer steps{testing::send(testing::stream_head())};
  for (std::size_t at = 0; at < told.size(); at += 8)
    steps.push_back(testing::send(testing::words(told.substr(at, 8))));
  if (number % 20 != 18) steps.push_back(testing::send(testing::finish() + testing::done()));
  return steps;
}

// Stops the call after some letters, from the listener or through the token.
class LeavingSink final : public lm::TextSink {
 public:
  LeavingSink(std::size_t most, std::stop_source* stop) : most_(most), stop_(stop) {}
  lm::Go write(std::string_view text) override {
    heard_ += text;
    if (heard_.size() < most_) return lm::Go::kOn;
    if (stop_ == nullptr) return lm::Go::kStop;
    stop_->request_stop();
    return lm::Go::kOn;
  }
  [[nodiscard]] const std::string& heard() const { return heard_; }

 private:
  std::string heard_;
  std::size_t most_;
  std::stop_source* stop_;
};

std::size_t open_files() {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

struct Tally {
  std::atomic<std::size_t> next{0}, whole{0}, cancelled{0}, failed{0};
};

void call(Router& router, std::size_t n, Rng& rng, Tally& tally) {
  const std::string told = fmt::format("call {} of many, told apart by its number", n);
  std::stop_source stop;
  const bool leaves = n % 3 == 0;
  LeavingSink sink(leaves ? 1 + rng.below(told.size() - 1) : told.size() + 1,
                   n % 2 == 0 ? &stop : nullptr);
  lm::Prompt asked;
  asked.messages = {{lm::Role::kPlayer, told}};
  asked.asker.account = fmt::format("account {}", n % 7);
  const auto said = router.generate(asked, {}, sink, stop.get_token());
  ASSERT_EQ(told.substr(0, sink.heard().size()), sink.heard()) << "words of another call";
  if (said) {
    ASSERT_EQ(said->text, told);
    ++tally.whole;
  } else if (said.error().code == ErrorCode::kCancelled) {
    ASSERT_TRUE(leaves);
    ++tally.cancelled;
  } else {
    ASSERT_TRUE(said.error().code == ErrorCode::kUnavailable ||
                said.error().code == ErrorCode::kCorrupt)
        << said.error().what;
    ++tally.failed;
  }
}

// B9, B10, B19: every call gets its own reply or a typed error, whatever happens to the others;
// retries stay few, nothing stays open or reserved.
TEST(RouterSoak, ManyCallsOverFlakyServicesStayApart) {
  const char* soak = std::getenv("DRAMATIS_SOAK");
  const std::size_t calls = soak != nullptr && std::string_view(soak) == "1" ? 10'000 : 300;
  const std::size_t before = open_files();
  {
    testing::ForwardClock clock;  // on one day
    testing::ReadyRouter on(
        {flaky_echo, flaky_echo, flaky_echo}, clock,
        [](RemoteOptions&, Endpoint& endpoint, RouterOptions& options) {
          endpoint.seat.most_in_flight = 3;
          endpoint.price = {.prompt = 1000, .reply = 1000};
          options.limit = {.micros = 1'000'000'000};
        },
        {}, 4);
    Tally tally;
    {
      std::vector<std::jthread> threads;
      for (std::uint64_t seed = 0; seed < 6; ++seed) {
        threads.emplace_back([&, seed] {
          Rng rng(seed);
          for (std::size_t n = tally.next++; n < calls; n = tally.next++)
            call(*on.router, n, rng, tally);
        });
      }
      // Time passes faster, so that breakers which open come back.
      std::jthread looker([&on, &clock](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
          on.router->feel_pulses(stop);
          clock.pass(std::chrono::milliseconds(1));
          std::this_thread::yield();
        }
      });
      for (auto& thread : threads) thread.join();
    }
    EXPECT_EQ(tally.whole + tally.cancelled + tally.failed, calls);
    EXPECT_GT(tally.cancelled, calls / 6);
    EXPECT_GT(tally.whole, calls / 4);
    std::size_t sent = 0;
    for (const auto& server : on.servers) {
      for (const auto& seen : server->seen()) sent += seen.head.starts_with("POST ") ? 1 : 0;
    }
    EXPECT_LE(static_cast<double>(sent),
              static_cast<double>(calls) * (1 + kRetryShare) + kRetryReserve);
    for (const auto& place : on.router->health()) EXPECT_EQ(place.in_flight, 0U);
    const auto day = std::chrono::floor<std::chrono::days>(clock.now());
    const auto all = on.ledger.find({.model = "big", .account = "", .day = day})->tokens;
    std::uint64_t sum = 0;
    for (int n = 0; n < 7; ++n) {
      sum += on.ledger.find({.model = "big", .account = fmt::format("account {}", n), .day = day})
                 ->tokens;
    }
    EXPECT_EQ(sum, all) << "every key's spending is in the whole, once";
    EXPECT_LT(all, calls * 40) << "what was reserved beyond the cost was given back";
  }
  EXPECT_EQ(open_files(), before);
}

}  // namespace
}  // namespace dramatis::remote
