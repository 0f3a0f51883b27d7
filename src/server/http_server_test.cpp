#include "server/http_server.h"

#include <atomic>
#include <condition_variable>
#include <latch>
#include <mutex>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include "server/limits.h"
#include "server/problem.h"
#include "server/testing/client.h"

namespace dramatis::server {
namespace {

using std::chrono::milliseconds;
using testing::Client;
using testing::get;
using ::testing::HasSubstr;
using testing::post;

// Nothing is hurried but what a test hurries: a busy machine may keep a client waiting.
HttpOptions options_with(std::function<void(Patience&)> change = nullptr) {
  HttpOptions options;
  options.workers = 4;
  if (change) change(options.patience);
  return options;
}

// A server whose handler is the test's, by default an echo of the body.
struct Stage {
  explicit Stage(Handler handler = nullptr, const HttpOptions& options = options_with()) {
    if (!handler) {
      handler = [](const Request& request, Answer& answer) {
        answer.respond(
            {.status = 200, .content_type = "text/plain", .body = request.path + request.body});
      };
    }
    Service service{.gate = [handler = std::move(handler)](const Request& request) -> Verdict {
      if (request.path == "/refused") return {.answer = http_problem(404, "no")};
      return {.handler = handler};
    }};
    server = HttpServer::open(options, std::move(service), clock).value();
  }
  SystemClock clock;
  std::unique_ptr<HttpServer> server;
};

// Waits for the answer's stop, and tells of it.
struct UntilStopped {
  std::latch begun{1};
  std::latch stopped{1};
  Handler handler() {
    return [this](const Request&, Answer& answer) {
      begun.count_down();
      std::mutex mutex;
      std::condition_variable_any never;
      std::unique_lock lock(mutex);
      never.wait(lock, answer.stop(), [] { return false; });
      stopped.count_down();
    };
  }
};

// J5
TEST(HttpServer, AnswersRequestsOfOneConnectionInOrder) {
  Stage stage;
  Client client(stage.server->port());
  std::string many;
  for (int n = 0; n < 50; ++n) many += get(fmt::format("/{}", n));
  ASSERT_TRUE(client.send(many + post("/last", "body")));
  for (int n = 0; n < 50; ++n) EXPECT_EQ(client.read_response().body, fmt::format("/{}", n));
  const auto last = client.read_response();
  EXPECT_EQ(last.body, "/lastbody");
  EXPECT_THAT(last.head, HasSubstr("X-Content-Type-Options: nosniff\r\n"));
  EXPECT_THAT(last.head,
              HasSubstr("Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"));
  EXPECT_THAT(last.head, HasSubstr(" GMT\r\n"));
}

TEST(HttpServer, ReadsBytesThatComeOneByOne) {
  Stage stage;
  Client client(stage.server->port());
  for (const char c : post("/a", "hello")) ASSERT_TRUE(client.send({&c, 1}));
  EXPECT_EQ(client.read_response().body, "/ahello");
}

// J2
TEST(HttpServer, ClosesAfterASmuggledRequestWithoutASecondAnswer) {
  Stage stage;
  Client client(stage.server->port());
  client.send(
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: "
      "chunked\r\n\r\n0\r\n\r\n" +
      get("/admin"));
  const std::string all = client.read_all();
  EXPECT_THAT(all, ::testing::StartsWith("HTTP/1.1 400 "));
  EXPECT_EQ(all.find("HTTP/1.1", 10), all.npos);
}

// J4
TEST(HttpServer, RefusesALargeBodyBeforeItComes) {
  Stage stage;
  Client client(stage.server->port());
  const auto got = client.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n");
  EXPECT_EQ(got.status, 413);
  EXPECT_THAT(got.head, HasSubstr("Connection: close"));
  EXPECT_THAT(got.head, HasSubstr("application/problem+json"));
}

// R1
TEST(HttpServer, HasAnAbsoluteTimeForTheHead) {
  Stage stage(nullptr,
              options_with([](Patience& patience) { patience.header = milliseconds(50); }));
  Client drip(stage.server->port());
  Client silent(stage.server->port());
  const auto began = std::chrono::steady_clock::now();
  drip.send("GET / HT");
  std::jthread dripping([&drip](std::stop_token stop) {
    while (!stop.stop_requested() && drip.send("P")) std::this_thread::yield();
  });
  EXPECT_TRUE(silent.closed());
  dripping.request_stop();
  dripping.join();
  const auto got = drip.read_response();
  EXPECT_TRUE(got.status == 408 || got.status == 431 || got.status == 505 || got.status == 0)
      << got.status;
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(3));
  Client half(stage.server->port());
  half.send("GET / HTTP/1.1\r\nHost:");
  EXPECT_EQ(half.read_response().status, 408);
  EXPECT_TRUE(half.closed());
}

// R2
TEST(HttpServer, HasAnAbsoluteTimeForTheBody) {
  Stage stage(nullptr, options_with([](Patience& patience) { patience.body = milliseconds(50); }));
  Client client(stage.server->port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_to("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("12");
  EXPECT_EQ(client.read_response().status, 408);
  EXPECT_TRUE(client.closed());
}

TEST(HttpServer, KeepsConnectionsForAWhileAndThenCloses) {
  Stage stage(nullptr, options_with([](Patience& patience) { patience.idle = milliseconds(300); }));
  Client client(stage.server->port());
  EXPECT_EQ(client.ask(get("/a")).status, 200);
  EXPECT_EQ(client.ask(get("/refused")).status, 404);
  EXPECT_EQ(client.ask(get("/b")).status, 200);
  EXPECT_TRUE(client.closed()) << "idle";
  Client once(stage.server->port());
  EXPECT_EQ(once.ask(get("/a", "Connection: close\r\n")).status, 200);
  EXPECT_TRUE(once.closed());
}

// R4, R10
TEST(HttpServer, TellsTheHandlerWhenThePeerLeaves) {
  UntilStopped waiting;
  Stage stage(waiting.handler());
  Client client(stage.server->port());
  client.send(get("/"));
  waiting.begun.wait();
  client.hang_up();
  waiting.stopped.wait();
}

TEST(HttpServer, StreamsEventsAsTheyComeWithSignsOfLife) {
  std::latch go_on{1};
  Stage stage(
      [&](const Request&, Answer& answer) {
        EXPECT_EQ(answer.send_event("text", "1"), Reader::kThere);
        go_on.wait();
        EXPECT_EQ(answer.send_event("text", "2"), Reader::kThere);
      },
      options_with([](Patience& patience) { patience.ping = milliseconds(10); }));
  Client client(stage.server->port());
  client.send(get("/"));
  EXPECT_THAT(client.read_to("\r\n\r\n"), HasSubstr("Content-Type: text/event-stream\r\n"));
  // On a busy machine a sign of life may come before it.
  EXPECT_THAT(client.read_to("data: 1\n\n"), HasSubstr("15\r\nevent: text\ndata: 1\n\n"));
  EXPECT_THAT(client.read_to(": ping\n\n"), HasSubstr("8\r\n"));
  go_on.count_down();
  EXPECT_THAT(client.read_to("0\r\n\r\n"), HasSubstr("data: 2\n\n"));
  EXPECT_THAT(client.ask(get("/")).head, HasSubstr("200")) << "the connection goes on";
  Client old(stage.server->port());
  old.send("GET / HTTP/1.0\r\n\r\n");
  const std::string unframed = old.read_all();
  EXPECT_THAT(unframed, HasSubstr("event: text\ndata: 1\n\n"));
  EXPECT_EQ(unframed.find("15\r\n"), std::string::npos);
}

// R3
TEST(HttpServer, DropsAReaderThatDoesNotRead) {
  std::latch dropped{1};
  Stage stage(
      [&](const Request&, Answer& answer) {
        const std::string data(16 * 1024, 'x');
        while (answer.send_event("text", data) == Reader::kThere) std::this_thread::yield();
        EXPECT_TRUE(answer.stop().stop_requested());
        dropped.count_down();
      },
      options_with([](Patience& patience) { patience.stall = milliseconds(50); }));
  Client client(stage.server->port(), 4096);
  client.send(get("/"));
  dropped.wait();
  EXPECT_EQ(client.read_all().find("\r\n0\r\n\r\n"), std::string::npos)
      << "a cut stream must not look whole";
}

// What the heap holds for this process. A sanitizer's heap tells nothing: 0.
std::size_t heap_bytes() {
  const auto all = ::mallinfo2();
  return all.uordblks + all.hblkhd;
}

// R3
TEST(HttpServer, AStalledReaderCostsLessThan64KiB) {
  constexpr std::size_t kReaders = 200;
  std::latch said{kReaders};
  HttpOptions options =
      options_with([](Patience& patience) { patience.stall = std::chrono::minutes(5); });
  options.max_waiting = kReaders;
  Stage stage(
      [&](const Request&, Answer& answer) {
        const std::string words(1000, 'x');
        // With what frames them, nearly all that may wait; the kernel may take none of it.
        for (std::size_t n = 0; n < kMaxQueuedBytes / 1100; ++n)
          EXPECT_EQ(answer.send_event("text", words), Reader::kThere);
        said.count_down();
      },
      options);
  std::vector<std::unique_ptr<Client>> readers;
  const std::size_t before = heap_bytes();
  for (std::size_t n = 0; n < kReaders; ++n) {
    readers.push_back(std::make_unique<Client>(stage.server->port(), 4096));
    // A body that was read is not kept beside the answer to it.
    ASSERT_TRUE(readers.back()->send(post("/", std::string(8 * 1024, 'b'))));
  }
  said.wait();
  EXPECT_EQ(stage.server->connections(), kReaders);
  EXPECT_LT((heap_bytes() - std::min(before, heap_bytes())) / kReaders, 64 * 1024U);
}

// R3
TEST(HttpServer, LongAnswersThatNobodyReadsHaveABoundTogether) {
  HttpOptions options = options_with();
  options.max_leaving = 12 * 1024 * 1024;
  Stage stage(
      [](const Request& request, Answer& answer) {
        const std::size_t size = request.path == "/long" ? 5 * 1024 * 1024 : 100;
        answer.respond(
            {.status = 200, .content_type = "text/plain", .body = std::string(size, 'x')});
      },
      options);
  std::vector<std::unique_ptr<Client>> readers;
  for (int n = 0; n < 2; ++n) {
    readers.push_back(std::make_unique<Client>(stage.server->port(), 4096));
    readers.back()->send(get("/long"));
    EXPECT_THAT(readers.back()->read_to("\r\n"), HasSubstr(" 200 ")) << "it is on its way";
  }
  Client third(stage.server->port());
  EXPECT_EQ(third.ask(get("/long")).status, 503);
  EXPECT_EQ(third.ask(get("/short")).status, 200) << "on the same connection";
  readers.pop_back();
  while (third.ask(get("/long")).status != 200) std::this_thread::yield();
}

// R8
TEST(HttpServer, RefusesAtOnceWhatNobodyHasTimeFor) {
  HttpOptions options = options_with();
  options.max_waiting = 2;
  std::latch all_begun{4};
  std::latch go_on{1};
  Stage stage(
      [&](const Request& request, Answer& answer) {
        if (request.path == "/wait") {
          all_begun.count_down();
          go_on.wait();
        }
        answer.respond({.status = 204});
      },
      options);
  std::vector<std::unique_ptr<Client>> waiting;
  for (int n = 0; n < 4; ++n) {
    waiting.push_back(std::make_unique<Client>(stage.server->port()));
    waiting.back()->send(get("/wait"));
  }
  all_begun.wait();
  std::vector<std::unique_ptr<Client>> more;
  std::atomic<int> refused{0};
  for (int n = 0; n < 3; ++n) {
    more.push_back(std::make_unique<Client>(stage.server->port()));
    more.back()->send(get("/"));
  }
  // Two wait and one is refused at once; which one is a matter of threads.
  std::latch answered{1};
  std::vector<std::jthread> readers;
  for (auto& client : more) {
    readers.emplace_back([&client, &refused, &answered] {
      if (client->read_response().status != 503) return;
      ++refused;
      answered.count_down();
    });
  }
  answered.wait();
  go_on.count_down();
  readers.clear();
  EXPECT_EQ(refused, 1);
  for (auto& client : waiting) EXPECT_EQ(client->read_response().status, 204);
}

// R5
TEST(HttpServer, ClosesConnectionsPastItsNumber) {
  HttpOptions options = options_with();
  options.max_connections = 1;
  Stage stage(nullptr, options);
  Client first(stage.server->port());
  EXPECT_EQ(first.ask(get("/")).status, 200);
  Client second(stage.server->port());
  EXPECT_TRUE(second.closed());
  EXPECT_EQ(first.ask(get("/")).status, 200);
}

TEST(HttpServer, AnswersForAHandlerThatThrowsOrSaysNothing) {
  Stage stage([](const Request& request, Answer&) {
    if (request.path == "/throw") throw std::runtime_error("secret detail");
  });
  Client client(stage.server->port());
  for (const char* path : {"/throw", "/nothing"}) {
    const auto got = client.ask(get(path));
    EXPECT_EQ(got.status, 500);
    EXPECT_EQ(got.body.find("secret"), std::string::npos);
  }
}

TEST(HttpServer, LetsWhatRunsEndWhenItStops) {
  std::latch begun{1};
  std::latch go_on{1};
  Stage stage(
      [&](const Request&, Answer& answer) {
        begun.count_down();
        go_on.wait();
        answer.respond({.status = 200, .content_type = "text/plain", .body = "whole"});
      },
      options_with([](Patience& patience) { patience.farewell = milliseconds(50); }));
  Client busy(stage.server->port());
  Client idle(stage.server->port());
  busy.send(get("/"));
  begun.wait();
  std::jthread stopping([&] { stage.server->stop(); });
  EXPECT_TRUE(idle.closed());
  go_on.count_down();
  EXPECT_EQ(busy.read_response().body, "whole");
  EXPECT_TRUE(busy.closed());
  stopping.join();
  EXPECT_EQ(stage.server->connections(), 0u);
  EXPECT_THROW(Client(stage.server->port()), std::runtime_error);
}

TEST(HttpServer, StopsWhatDoesNotEndInTime) {
  UntilStopped waiting;
  Stage stage(waiting.handler(),
              options_with([](Patience& patience) { patience.drain = milliseconds(20); }));
  Client client(stage.server->port());
  client.send(get("/"));
  waiting.begun.wait();
  stage.server->stop();
  waiting.stopped.wait();
  EXPECT_TRUE(client.closed());
}

TEST(HttpServer, SurvivesManyThatComeAndGo) {
  Stage stage;
  for (int n = 0; n < 300; ++n) {
    Client client(stage.server->port());
    if (n % 3 == 0) client.send(get("/"));
    if (n % 3 == 1) client.send("GET / HT");
  }
  Client client(stage.server->port());
  EXPECT_EQ(client.ask(get("/a")).body, "/a");
}

TEST(HttpServer, ListensAtEveryDoorAndSaysByWhichOneCame) {
  HttpOptions options;
  options.doors = {0, 0};
  Service service{.gate = [](const Request& request) -> Verdict {
    return {.answer = Response{.content_type = "text/plain", .body = std::to_string(request.door)}};
  }};
  const SystemClock clock;
  const auto server = HttpServer::open(options, service, clock).value();
  for (const std::size_t door : {0U, 1U, 2U})
    EXPECT_EQ(Client(server->port(door)).ask(get("/")).body, std::to_string(door));
  HttpOptions taken;
  taken.doors = {server->port(2)};
  const auto refused = HttpServer::open(taken, service, clock);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(refused.error().what,
              HasSubstr(fmt::format("127.0.0.1 port {} cannot be listened on", server->port(2))));
}

}  // namespace
}  // namespace dramatis::server
