#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "remote/remote_model.h"
#include "remote/testing/scripted_server.h"
#include "text/json.h"

namespace dramatis::remote {
namespace {

using testing::Answer;
using testing::Seen;

// Says back what it was told, a letter at a time; every fifth answer breaks off.
Answer echo(std::size_t number, const Seen& seen) {
  const auto request = text::parse_json(seen.body).value();
  const std::string told =
      *request.find("messages")->as_array()->back().find("content")->as_string();
  Answer steps{testing::send(testing::stream_head())};
  for (const char c : told) steps.push_back(testing::send(testing::words(std::string(1, c))));
  if (number % 5 != 0) steps.push_back(testing::send(testing::finish() + testing::done()));
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
  std::string heard_;

 private:
  std::size_t most_;
  std::stop_source* stop_;
};

std::size_t open_files() {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

// Every call gets its own reply or a typed error, whatever happens to the others, and nothing stays
// open.
TEST(RemoteSoak, ManyCallsAThirdOfThemCancelledStayApart) {
  const char* soak = std::getenv("DRAMATIS_SOAK");
  const std::size_t calls = soak != nullptr && std::string_view(soak) == "1" ? 10'000 : 300;
  const std::size_t before = open_files();
  {
    testing::ScriptedServer server(echo, nullptr, 8);
    const SystemClock clock;
    RemoteOptions options;
    options.url = server.url();
    options.model = "m";
    options.retry_base = std::chrono::milliseconds(1);
    const auto model = RemoteModel::open(std::move(options), Rng(1), clock).value();
    std::atomic<std::size_t> next{0};
    std::atomic<std::size_t> whole{0}, cancelled{0}, broken{0};
    const auto work = [&](std::uint64_t seed) {
      Rng rng(seed);
      for (std::size_t n = next++; n < calls; n = next++) {
        const std::string told = fmt::format("call {} of many, told apart by its number", n);
        std::stop_source stop;
        const bool leaves = n % 3 == 0;
        LeavingSink sink(leaves ? 1 + rng.below(told.size() - 1) : told.size() + 1,
                         n % 2 == 0 ? &stop : nullptr);
        lm::Prompt asked;
        asked.messages = {{lm::Role::kPlayer, told}};
        const auto said = model->generate(asked, {}, sink, stop.get_token());
        ASSERT_EQ(told.substr(0, sink.heard_.size()), sink.heard_);
        if (said) {
          ASSERT_EQ(said->text, told);
          ++whole;
        } else if (said.error().code == ErrorCode::kCancelled) {
          ASSERT_TRUE(leaves);
          ++cancelled;
        } else {
          ASSERT_EQ(said.error().code, ErrorCode::kUnavailable) << said.error().what;
          ++broken;
        }
      }
    };
    {
      std::vector<std::jthread> threads;
      for (std::uint64_t n = 0; n < 4; ++n) threads.emplace_back([&work, n] { work(n); });
    }
    EXPECT_EQ(whole + cancelled + broken, calls);
    EXPECT_GT(cancelled, calls / 4);
    EXPECT_GT(whole, calls / 3);
  }
  EXPECT_EQ(open_files(), before);
}

}  // namespace
}  // namespace dramatis::remote
