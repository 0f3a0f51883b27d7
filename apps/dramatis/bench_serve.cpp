// Three phases: turns one after the other, many streams at once, readers that do not read.
#include "bench_serve.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <span>

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "bench_service.h"
#include "load_client.h"
#include "text/json.h"

namespace dramatis::app {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using text::JsonObject;

// Before each phase's figures: connections and caches are warm then.
constexpr seconds kWarmUp{1};
// Words of a measured stream, and the pause between them: a fast model's.
constexpr int kStreamPause = 200;
// Healthy readers beside the stalled ones.
constexpr std::size_t kHealthy = 50;
// What a stalled reader asks for: nearly all that the service keeps for one, in words and once more
// at the end; of a longer reply it would take its leave.
constexpr std::string_view kLongReply = "38 0 470";
// Requests under way while many are made ready.
constexpr std::size_t kAtOnce = 64;
// Nothing takes longer than this, or the service is at fault.
constexpr seconds kPatience{60};

double milliseconds_of(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

// Times of one kind, and what is usually told of them.
class Times {
 public:
  void add(std::chrono::nanoseconds time) { times_.push_back(milliseconds_of(time)); }
  [[nodiscard]] std::size_t size() const { return times_.size(); }
  // In milliseconds; 0 where nothing was measured.
  [[nodiscard]] double quantile(double share) {
    if (times_.empty()) return 0;
    const auto place = std::min(
        times_.size() - 1, static_cast<std::size_t>(share * static_cast<double>(times_.size())));
    std::nth_element(times_.begin(), times_.begin() + static_cast<std::ptrdiff_t>(place),
                     times_.end());
    return times_[place];
  }

 private:
  std::vector<double> times_;
};

// One answer after the other, whole.
class Quiet final : public LoadListener {
 public:
  void heard(std::size_t /*peer*/, std::string_view bytes) override { body += bytes; }
  void ended(std::size_t /*peer*/, int answered) override { status = answered; }
  void closed(std::size_t /*peer*/) override { status = -1; }
  std::string body;
  int status = 0;
};

Result<std::string> field_of(std::string_view body, std::string_view field) {
  const auto answer = text::parse_json(body);
  const text::Json* found = answer ? answer->find(field) : nullptr;
  if (found == nullptr || found->as_string() == nullptr)
    return fail(ErrorCode::kUnavailable, fmt::format("The service answered: {}", body));
  return *found->as_string();
}

std::string call(LoadClient& client, std::size_t peer, std::string request) {
  Quiet quiet;
  client.ask(peer, std::move(request));
  client.listen(SystemClock().steady() + kPatience, quiet, [&] { return quiet.status != 0; });
  return quiet.body;
}

Result<std::string> make_npc(LoadClient& client, std::size_t peer) {
  return field_of(
      call(client, peer,
           post_json("/v1/npcs", R"({"character_description":"You are Echo.","history_size":2})")),
      "npc_id");
}

// A figure of the service's own, such as dramatis_connections; 0 where it has none.
double figure(LoadClient& client, std::size_t peer, std::string_view name) {
  const std::string all =
      fmt::format("\n{}", call(client, peer, "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  const std::size_t at = all.find(fmt::format("\n{} ", name));
  double value = 0;
  if (at != std::string::npos)
    std::from_chars(all.data() + at + name.size() + 2, all.data() + all.size(), value);
  return value;
}

std::string say(const std::string& npc, const std::string& user, std::string_view message,
                std::string_view headers = {}) {
  return post_json(fmt::format("/v1/npcs/{}/chat", npc),
                   fmt::format(R"({{"user_id":"{}","message":"{}"}})", user, message), headers);
}

std::string stream(const std::string& npc, const std::string& user, std::string_view message) {
  return say(npc, user, message, "Accept: text/event-stream\r\n");
}

// Players who speak again as soon as they are answered.
class TurnTakers final : public LoadListener {
 public:
  TurnTakers(LoadClient& client, std::string npc, std::vector<std::string> users)
      : client_(client), npc_(std::move(npc)), users_(std::move(users)), asked_(users_.size()) {}

  void speak(std::size_t peer) {
    asked_[peer] = SystemClock().steady();
    client_.ask(peer, say(npc_, users_[peer], "Well?"));
  }
  void heard(std::size_t /*peer*/, std::string_view /*bytes*/) override {}
  void ended(std::size_t peer, int status) override {
    if (status != 200) ++failed;
    if (measures && status == 200) times.add(SystemClock().steady() - asked_[peer]);
    speak(peer);
  }
  // A connection is closed after so many requests, that load may be moved; the next goes on.
  void closed(std::size_t peer) override {
    if (client_.reopen(peer)) return speak(peer);
    ++failed;
  }

  Times times;
  std::size_t failed = 0;
  bool measures = false;

 private:
  LoadClient& client_;
  std::string npc_;
  std::vector<std::string> users_;
  std::vector<SteadyTime> asked_;
};

// Readers of streams whose words are the moments at which they were said.
class StreamReaders final : public LoadListener {
 public:
  void heard(std::size_t /*peer*/, std::string_view bytes) override {
    constexpr std::string_view kBefore = R"("text":")";
    const auto now = SystemClock().steady().time_since_epoch();
    for (std::size_t at = bytes.find(kBefore); at != std::string_view::npos;
         at = bytes.find(kBefore, at + 1)) {
      std::int64_t said = 0;
      // The space between two words travels before the second.
      const std::size_t digits = bytes.find_first_not_of(' ', at + kBefore.size());
      const char* first = bytes.data() + std::min(digits, bytes.size());
      std::from_chars(first, bytes.data() + bytes.size(), said);
      if (measures && said > 0) times.add(now - std::chrono::nanoseconds(said));
    }
  }
  void ended(std::size_t /*peer*/, int status) override {
    ++over;
    if (status != 200) ++failed;
  }
  void closed(std::size_t /*peer*/) override {
    ++over;
    ++failed;
  }

  Times times;
  std::size_t over = 0;
  std::size_t failed = 0;
  bool measures = false;
};

// Players who register, several at once.
class Registering final : public LoadListener {
 public:
  explicit Registering(std::size_t count) : bodies(count) {}
  void heard(std::size_t peer, std::string_view bytes) override { bodies[peer] += bytes; }
  void ended(std::size_t /*peer*/, int /*status*/) override { ++over; }
  void closed(std::size_t /*peer*/) override { ++over; }
  std::vector<std::string> bodies;
  std::size_t over = 0;
};

// Connects as many, each with a player of its own.
Result<std::vector<std::string>> gather(LoadClient& client, std::size_t count, std::size_t from,
                                        LoadClient::Window window = LoadClient::Window::kUsual) {
  Registering registering(count);
  for (std::size_t n = 0; n < count; ++n) {
    DRAMATIS_TRY(const std::size_t peer, client.open(window));
    client.ask(peer, post_json("/v1/users", fmt::format(R"({{"username":"player{}"}})", from + n)));
    const std::size_t least = n + 1 == count ? count : n + 1 - std::min(n + 1, kAtOnce);
    client.listen(SystemClock().steady() + kPatience, registering,
                  [&] { return registering.over >= least; });
  }
  std::vector<std::string> users;
  for (const std::string& body : registering.bodies) {
    DRAMATIS_TRY(auto user, field_of(body, "user_id"));
    users.push_back(std::move(user));
  }
  return users;
}

Result<JsonObject> measure_turns(const ServeBenchArgs& args, const BenchService& service) {
  DRAMATIS_TRY(auto client, LoadClient::make(service.port()));
  DRAMATIS_TRY(auto users, gather(client, args.players, 0));
  DRAMATIS_TRY(auto npc, make_npc(client, 0));
  TurnTakers takers(client, std::move(npc), std::move(users));
  const SystemClock clock;
  for (std::size_t peer = 0; peer < args.players; ++peer) takers.speak(peer);
  client.listen(clock.steady() + kWarmUp, takers, [] { return false; });
  takers.measures = true;
  const auto spent_before = service.processor_time();
  const auto begun = clock.steady();
  client.listen(begun + seconds(args.seconds), takers, [] { return false; });
  const double took = std::chrono::duration<double>(clock.steady() - begun).count();
  const double spent = milliseconds_of(service.processor_time() - spent_before);
  return JsonObject{
      {"players", args.players},
      {"turns", takers.times.size()},
      {"turns_per_second", static_cast<double>(takers.times.size()) / took},
      {"p50_ms", takers.times.quantile(0.5)},
      {"p99_ms", takers.times.quantile(0.99)},
      {"cpu_us_per_turn",
       spent * 1000 / static_cast<double>(std::max<std::size_t>(1, takers.times.size()))},
      {"failed", takers.failed}};
}

struct Streams {
  Times times;
  std::size_t failed = 0;
};

// `count` streams, begun a little after each other, as people do.
Result<Streams> read_streams(const ServeBenchArgs& args, std::uint16_t port, std::size_t count,
                             std::size_t first_player) {
  DRAMATIS_TRY(auto client, LoadClient::make(port));
  DRAMATIS_TRY(const auto users, gather(client, count, first_player));
  DRAMATIS_TRY(const auto npc, make_npc(client, 0));
  StreamReaders readers;
  const SystemClock clock;
  const auto words = static_cast<int>(args.seconds * 1000 / kStreamPause) + 10;
  for (std::size_t peer = 0; peer < count; ++peer) {
    client.ask(peer, stream(npc, users[peer], fmt::format("{} {}", words, kStreamPause)));
    client.listen(clock.steady() + milliseconds(1), readers, [] { return false; });
  }
  readers.measures = true;
  client.listen(clock.steady() + seconds(args.seconds), readers, [] { return false; });
  readers.measures = false;
  client.listen(clock.steady() + kPatience, readers, [&] { return readers.over == count; });
  return Streams{.times = std::move(readers.times), .failed = readers.failed};
}

Result<JsonObject> measure_streams(const ServeBenchArgs& args, const BenchService& service) {
  const auto spent_before = service.processor_time();
  DRAMATIS_TRY(auto read, read_streams(args, service.port(), args.readers, 100'000));
  const double spent = milliseconds_of(service.processor_time() - spent_before);
  return JsonObject{
      {"streams", args.readers},
      {"words", read.times.size()},
      {"added_p50_ms", read.times.quantile(0.5)},
      {"added_p99_ms", read.times.quantile(0.99)},
      {"cpu_ms_per_stream", spent / static_cast<double>(std::max<std::size_t>(1, args.readers))},
      {"failed", read.failed}};
}

// Readers who ask for a long reply each and never look at it; all stall when this returns.
Result<std::size_t> stall(LoadClient& client, std::span<const std::string> users,
                          const std::string& npc) {
  for (std::size_t peer = 0; peer < users.size(); ++peer) {
    client.stop_reading(peer);
    client.ask(peer, stream(npc, users[peer], kLongReply));
    if (peer >= kAtOnce) static_cast<void>(client.has_unread(peer - kAtOnce, kPatience));
  }
  std::size_t stalled = 0;
  for (std::size_t peer = 0; peer < users.size(); ++peer)
    if (client.has_unread(peer, kPatience)) ++stalled;
  return stalled;
}

Result<JsonObject> measure_stalled(const ServeBenchArgs& args, const BenchService& service) {
  DRAMATIS_TRY(auto before, read_streams(args, service.port(), kHealthy, 200'000));
  DRAMATIS_TRY(auto watcher, LoadClient::make(service.port()));
  DRAMATIS_TRY(const std::size_t watching, watcher.open());
  DRAMATIS_TRY(const auto npc, make_npc(watcher, watching));
  const std::size_t memory = service.resident_bytes();
  const double others = figure(watcher, watching, "dramatis_connections");
  DRAMATIS_TRY(auto client, LoadClient::make(service.port()));
  DRAMATIS_TRY(const auto users, gather(client, args.stalled, 300'000, LoadClient::Window::kSmall));
  const std::size_t idle = service.resident_bytes();
  DRAMATIS_TRY(const std::size_t stalled, stall(client, users, npc));
  std::size_t most = service.resident_bytes();
  DRAMATIS_TRY(auto beside, read_streams(args, service.port(), kHealthy, 400'000));
  most = std::max(most, service.resident_bytes());
  const auto each = [&](std::size_t bytes) {
    return static_cast<double>(bytes - std::min(memory, bytes)) / 1024.0 /
           static_cast<double>(std::max<std::size_t>(1, args.stalled));
  };
  return JsonObject{{"stalled", stalled},
                    {"still_there", figure(watcher, watching, "dramatis_connections") - others},
                    {"kib_each_idle", each(idle)},
                    {"kib_each", each(most)},
                    {"healthy", kHealthy},
                    {"p99_before_ms", before.times.quantile(0.99)},
                    {"p99_beside_ms", beside.times.quantile(0.99)},
                    {"failed", before.failed + beside.failed}};
}

// Thousands of connections at both ends need as many descriptors.
void raise_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void show(std::string_view name, const JsonObject& figures) {
  fmt::print("{}\n", name);
  for (const auto& [key, value] : figures) {
    if (const auto number = value.as_number()) fmt::print("  {:<18} {:>12.2f}\n", key, *number);
  }
  std::fflush(stdout);
}

Status bench(const ServeBenchArgs& args) {
  raise_descriptors();
  DRAMATIS_TRY(const auto service, BenchService::start(args));
  JsonObject all{{"model", "scripted"}, {"load", "a second process on the same machine"}};
  const auto phase = [&](std::string_view name, auto&& measure) -> Status {
    DRAMATIS_TRY(auto figures, measure());
    // Of the last minute, and of other programs too: above the number of processors the rest says
    // little.
    double busy = 0;
    if (::getloadavg(&busy, 1) == 1) figures.emplace_back("load_average", busy);
    if (args.output == Output::kText) show(name, figures);
    all.emplace_back(name, std::move(figures));
    return {};
  };
  if (args.players > 0) DRAMATIS_DO(phase("turns", [&] { return measure_turns(args, service); }));
  if (args.readers > 0)
    DRAMATIS_DO(phase("streams", [&] { return measure_streams(args, service); }));
  if (args.stalled > 0)
    DRAMATIS_DO(phase("stalled", [&] { return measure_stalled(args, service); }));
  if (args.output == Output::kJson) fmt::print("{}\n", text::print_json(all));
  return {};
}

}  // namespace

int run_bench_serve(const ServeBenchArgs& args) {
  const auto done = args.serves ? serve_bench(args) : bench(args);
  return done ? 0 : complain(done.error());
}

}  // namespace dramatis::app
