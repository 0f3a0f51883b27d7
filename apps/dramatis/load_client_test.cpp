#include "load_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "server/http_server.h"

namespace dramatis::app {
namespace {

using server::Answer;
using server::Request;

// Answers "/whole" at once and "/parts" in three events.
std::unique_ptr<server::HttpServer> serve(const Clock& clock) {
  return server::HttpServer::open(
             {}, {.gate = [](const Request&) -> server::Verdict {
               return {.handler = [](const Request& request, Answer& answer) {
                 if (request.path == "/whole")
                   return answer.respond({.content_type = "text/plain", .body = request.body});
                 for (const char* part : {"one", "two", "three"}) answer.send_event("text", part);
               }};
             }},
             clock)
      .value();
}

class Heard final : public LoadListener {
 public:
  void heard(std::size_t /*peer*/, std::string_view bytes) override { body += bytes; }
  void ended(std::size_t peer, int status) override { ends.emplace_back(peer, status); }
  void closed(std::size_t /*peer*/) override { ++closes; }
  std::string body;
  std::vector<std::pair<std::size_t, int>> ends;
  int closes = 0;
};

TEST(LoadClient, ReadsWholeAnswersAndStreamsOverOneConnection) {
  const SystemClock clock;
  const auto server = serve(clock);
  auto client = LoadClient::make(server->port()).value();
  const std::size_t peer = client.open().value();
  const auto until = clock.steady() + std::chrono::seconds(20);
  Heard heard;
  client.ask(peer, post_json("/whole", std::string(100'000, 'x')));
  client.listen(until, heard, [&] { return heard.ends.size() == 1; });
  EXPECT_EQ(heard.body, std::string(100'000, 'x'));
  heard.body.clear();
  client.ask(peer, post_json("/parts", "{}"));
  client.listen(until, heard, [&] { return heard.ends.size() == 2; });
  EXPECT_THAT(heard.body, ::testing::ContainsRegex("one[^t]*event: text\ndata: two"));
  EXPECT_EQ(heard.ends.back(), (std::pair<std::size_t, int>(peer, 200)));
  EXPECT_EQ(heard.closes, 0);
}

TEST(LoadClient, TellsWhenTheServerHangsUp) {
  const SystemClock clock;
  auto server = serve(clock);
  auto client = LoadClient::make(server->port()).value();
  const std::size_t peer = client.open().value();
  Heard heard;
  const auto until = clock.steady() + std::chrono::seconds(20);
  client.ask(peer, post_json("/whole", "{}", "Connection: close\r\n"));
  client.listen(until, heard, [&] { return heard.closes == 1; });
  EXPECT_EQ(heard.ends.size(), 1U);
  ASSERT_TRUE(client.reopen(peer));
  client.ask(peer, post_json("/whole", "{}"));
  client.listen(until, heard, [&] { return heard.ends.size() == 2; });
  EXPECT_EQ(heard.ends.back().second, 200);
}

}  // namespace
}  // namespace dramatis::app
