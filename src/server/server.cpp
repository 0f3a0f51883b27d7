// Joins the gate, the routes and the wire.
#include "server/server.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "accounts/ring.h"
#include "dialogue/limits.h"
#include "server/api.h"
#include "server/internal/quotas.h"
#include "server/openapi.h"
#include "server/problem.h"
#include "server/socket_upgrade.h"
#include "text/digest.h"

namespace dramatis::server {

bool is_loopback_address(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

namespace {

Status judge(const ServerOptions& options, const accounts::KeyRing* ring) {
  if (options.key.size() > kMaxKeyBytes) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("The key has {} letters; at most {} are read.", options.key.size(),
                            kMaxKeyBytes));
  }
  if (!std::ranges::all_of(options.key, [](char c) { return c > ' ' && c < '\x7F'; })) {
    return fail(ErrorCode::kInvalidArgument, "The key is not one word of visible letters.");
  }
  for (const std::string& origin : options.origins) {
    const bool http = origin.starts_with("http://") || origin.starts_with("https://");
    const std::size_t start = origin.find("://") + 3;
    if (!http || origin.find_first_of("/ ,*", start) != origin.npos || origin.size() == start) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("'{}' is no origin of pages; one is https://play.example.", origin));
    }
  }
  if (is_loopback_address(options.host) || !options.key.empty()) return {};
  if (ring != nullptr) {
    DRAMATIS_TRY(const bool empty, ring->empty());
    if (!empty) return {};
  }
  return fail(
      ErrorCode::kRefused,
      fmt::format("On {} strangers could call the service; set a key, or listen on 127.0.0.1.",
                  options.host));
}

GateOptions gate_options(const ServerOptions& options) {
  GateOptions gate{.key = options.key, .own_names = options.names, .origins = options.origins};
  if (!is_loopback_address(options.host)) gate.names = Names::kAddresses;
  if (std::ranges::find(options.names, "*") != options.names.end()) gate.names = Names::kAny;
  if (options.open_metrics) gate.metrics = Caller::kAnybody;
  return gate;
}

// The answer of a handler that answers in one piece.
class OneAnswer final : public Answer {
 public:
  explicit OneAnswer(std::stop_token stop = {}) : stop_(std::move(stop)) {}
  void respond(Response response) override { response_ = std::move(response); }
  Reader send_event(std::string_view, std::string_view) override { return Reader::kGone; }
  Reader send_piece(std::string_view, std::string_view) override { return Reader::kGone; }
  [[nodiscard]] std::stop_token stop() const override { return stop_; }
  [[nodiscard]] Response take() { return std::move(response_); }

 private:
  const std::stop_token stop_;
  Response response_ = problem({ErrorCode::kInternal, {}});
};

// Passes an answer on, and counts it once: a whole one before it leaves, so that whoever has it
// finds it counted; a stream when its handler has ended.
class CountedAnswer final : public Answer {
 public:
  CountedAnswer(Answer& next, std::function<void(int)> count)
      : next_(next), count_(std::move(count)) {}
  void respond(Response response) override {
    counted_ = true;
    count_(response.status);
    next_.respond(std::move(response));
  }
  Reader send_event(std::string_view type, std::string_view data) override {
    streams_ = true;
    return next_.send_event(type, data);
  }
  Reader send_piece(std::string_view content_type, std::string_view bytes) override {
    streams_ = true;
    return next_.send_piece(content_type, bytes);
  }
  [[nodiscard]] std::stop_token stop() const override { return next_.stop(); }
  // Nothing follows.
  void end() {
    if (!counted_) count_(streams_ ? 200 : 500);
  }

 private:
  Answer& next_;
  const std::function<void(int)> count_;
  bool counted_ = false;
  bool streams_ = false;
};

}  // namespace

// All parts, in the order in which they use each other.
struct Server::House {
  House(const ServerOptions& options, dialogue::Ports with, Backstage backstage)
      : keys(backstage.keys),
        clock(with.clock),
        silent_log(silence, with.clock),
        telemetry(backstage.metrics == nullptr ? own_metrics : *backstage.metrics,
                  backstage.log == nullptr ? silent_log : *backstage.log),
        underway(with.clock),
        repeats(with.clock, backstage.notices),
        workers(std::make_shared<Workers>(options.http.workers, options.http.max_waiting)),
        api{.with = with,
            .underway = underway,
            .telemetry = telemetry,
            .keys = backstage.keys,
            .notices = backstage.notices,
            .turn_time = options.turn_time,
            .version = options.version,
            .lines = backstage.lines,
            .adapters = backstage.adapters} {
    if (keys != nullptr) api.ring = &ring.emplace(*keys, with.clock);
    api.give = [this](Lane lane, std::function<void()> job) {
      return workers->give(lane, std::move(job));
    };
    api.look_around = [this] {
      for (const auto& model : api.with.models.all())
        telemetry.model_is(model.name, is_up(model, telemetry) ? Up::kYes : Up::kNo);
      const HttpServer* serving = http_now;
      telemetry.now(workers->waiting(), workers->running(),
                    serving == nullptr ? 0 : serving->connections(), underway.size());
    };
    routes.add(native_routes(api));
    for (const auto& more : options.more) routes.add(more(api));
    add_documents(options.version);
    gate.emplace(gate_options(options), routes, api.ring);
    for (const Door& door : options.doors) greetings.push_back(door.greeting);
    telemetry.started(options.version);
    for (const auto& serving : with.models.all()) telemetry.serves(serving.name);
  }

  void add_documents(std::string_view version);
  [[nodiscard]] Verdict judge_request(const Request& request);
  [[nodiscard]] std::optional<Response> greet(const Request& request) const;
  void count_refusal(const Request& request, int status);
  void let_turns_end(std::chrono::milliseconds patience);
  void serve(const Admitted& admitted, const Request& request, SteadyTime begun, Answer& answer);
  void serve_counted(const Admitted& admitted, const Request& request, Answer& answer);
  void serve_once(const Admitted& admitted, const Call& call, Answer& answer);

  accounts::Keys* keys;
  const Clock& clock;
  runtime::Metrics own_metrics;
  runtime::SilentSink silence;
  runtime::Log silent_log;
  Telemetry telemetry;
  TurnsUnderway underway;
  Repeats repeats;
  std::optional<accounts::KeyRing> ring;
  // The connections' as well; its threads end with HttpServer::stop().
  std::shared_ptr<Workers> workers;
  Api api;
  Routes routes;
  std::optional<Gate> gate;
  std::vector<std::string> greetings;  // of the further doors
  std::atomic<const HttpServer*> http_now{nullptr};
  std::unique_ptr<HttpServer> http;  // last: its threads use the rest
};

// They describe the table, themselves included, and are made once.
void Server::House::add_documents(std::string_view version) {
  const auto page = [this](std::string_view path, std::string_view operation,
                           std::string_view summary, std::string_view type) {
    routes.add({.method = "GET",
                .pattern = path,
                .operation = operation,
                .caller = Caller::kAnybody,
                .doc = {.summary = summary, .answer = "Text", .type = type},
                .answered = Answered::kAtOnce});
    return routes.all().size() - 1;
  };
  const std::size_t document = page("/openapi.json", "show_openapi",
                                    "This API, for programs (OpenAPI 3.1)", "application/json");
  const std::size_t docs = page("/docs", "show_docs", "This API, for people", "text/html");
  const text::Json openapi = openapi_json(routes, version);
  const auto always = [](Response response) {
    return
        [response = std::move(response)](const Call&, Answer& answer) { answer.respond(response); };
  };
  routes.answer(document, always(json_response(200, openapi)));
  routes.answer(docs, always(docs_page(openapi)));
}

// Turns that were put off have no connection that waits for them.
void Server::House::let_turns_end(std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds kBetweenLooks{20};
  const SteadyTime last = clock.steady() + patience;
  while (underway.size() > 0 && clock.steady() < last) std::this_thread::sleep_for(kBetweenLooks);
  underway.cancel_all();
}

void Server::House::count_refusal(const Request& request, int status) {
  const auto match = routes.match(request.method, request.path);
  // A method is any word of a stranger's; one of the table's is not.
  telemetry.answered({.method = match ? match->route->method : std::string_view("other"),
                      .route = match ? match->route->pattern : std::string_view("none"),
                      .status = status});
}

// What the root of a further door says, to whoever may know that there is a service.
std::optional<Response> Server::House::greet(const Request& request) const {
  if (request.door == 0 || greetings[request.door - 1].empty()) return std::nullopt;
  const bool asks = request.path == "/" && (request.method == "GET" || request.method == "HEAD");
  if (!asks || !gate->knows(request)) return std::nullopt;
  return Response{.status = 200,
                  .content_type = "text/plain; charset=utf-8",
                  .body = greetings[request.door - 1]};
}

Verdict Server::House::judge_request(const Request& request) {
  if (auto greeting = greet(request)) return {.answer = std::move(greeting)};
  auto admitted = gate->judge(request);
  if (!admitted) {
    Turned turned = std::move(admitted).error();
    count_refusal(request, turned.response.status);
    return {.answer = std::move(turned.response), .headers = std::move(turned.headers)};
  }
  Verdict verdict{.lane = lane_of(admitted->who),
                  .headers = admitted->headers,
                  .most_body = admitted->match.route->most_body};
  const Route& route = *admitted->match.route;
  if (route.takes == Takes::kSocket) {
    auto refused = judge_upgrade(request);
    count_refusal(request, refused ? refused->status : 101);
    if (refused) {
      verdict.answer = std::move(refused);
    } else {
      verdict.socket = socket_peer(api, admitted->who);
    }
    return verdict;
  }
  const SteadyTime begun = clock.steady();
  if (route.answered == Answered::kAtOnce) {
    OneAnswer answer;
    serve(*admitted, request, begun, answer);
    verdict.answer = answer.take();
    return verdict;
  }
  verdict.handler = [this, admitted = *std::move(admitted), begun](const Request& whole,
                                                                   Answer& answer) {
    serve(admitted, whole, begun, answer);
  };
  return verdict;
}

void Server::House::serve(const Admitted& admitted, const Request& request, SteadyTime begun,
                          Answer& answer) {
  CountedAnswer counted(answer, [&](int status) {
    const Route& route = *admitted.match.route;
    telemetry.answered({.method = route.method,
                        .route = route.pattern,
                        .status = status,
                        .took = clock.steady() - begun,
                        .key = admitted.who.key});
  });
  try {
    serve_counted(admitted, request, counted);
  } catch (const std::exception&) {
    counted.end();
    throw;  // the connection's job answers it
  }
  counted.end();
}

void Server::House::serve_counted(const Admitted& admitted, const Request& request,
                                  Answer& answer) {
  const Route& route = *admitted.match.route;
  const auto refuse = [&](Response response) {
    answer.respond(route.reword ? route.reword(std::move(response)) : std::move(response));
  };
  if (request.body.size() > route.most_body) {
    return refuse(http_problem(413, fmt::format("The body has {} bytes; at most {} are read here.",
                                                request.body.size(), route.most_body)));
  }
  if (auto refused = internal::spend(keys, clock, admitted.who, accounts::Meter::kRequests)) {
    return refuse(response_of(*refused));
  }
  const Call call{.request = request, .who = admitted.who, .path = admitted.match.parts};
  // A stream is not kept: whoever asks again for one gets another.
  const bool streams =
      route.doc.streams && request.header("accept").find("event-stream") != std::string_view::npos;
  if (route.repeating != Repeating::kAnew && !streams && !request.header("idempotency-key").empty())
    return serve_once(admitted, call, answer);
  route.handler(call, answer);
}

void Server::House::serve_once(const Admitted& admitted, const Call& call, Answer& answer) {
  const Route& route = *admitted.match.route;
  const std::string_view key = call.request.header("idempotency-key");
  if (key.size() > dialogue::kMaxKeyBytes) {
    return answer.respond(
        http_problem(400, fmt::format("The idempotency key has {} bytes; it has at most {}.",
                                      key.size(), dialogue::kMaxKeyBytes)));
  }
  // A key is one caller's and one route's.
  const std::string whole =
      fmt::format("{} {} {}", static_cast<std::uint64_t>(lane_of(call.who)), route.operation, key);
  const std::string digest = text::sha256(call.request.path + "\n" + call.request.body);
  const auto shared = route.repeating == Repeating::kFromTable ? Repeats::Reach::kAllServers
                                                               : Repeats::Reach::kThisServer;
  const auto until = api.with.clock.now() + api.turn_time + kTurnSlack;
  if (auto earlier =
          repeats.begin({.key = whole, .digest = digest, .reach = shared, .until = until}))
    return answer.respond(*std::move(earlier));
  OneAnswer one(answer.stop());
  try {
    route.handler(call, one);
  } catch (const std::exception&) {
    repeats.give_up(whole);
    throw;
  }
  // Kept before it leaves: whoever has it may ask again at once. What was not made may be tried
  // anew.
  Response response = one.take();
  if (response.status / 100 == 2) {
    repeats.finish(whole, response);
  } else {
    repeats.give_up(whole);
  }
  answer.respond(std::move(response));
}

Server::Server(std::unique_ptr<House> house) : house_(std::move(house)) {}
Server::~Server() {
  stop();
}

Result<std::unique_ptr<Server>> Server::open(const ServerOptions& options, dialogue::Ports with,
                                             Backstage backstage) {
  auto house = std::make_unique<House>(options, with, backstage);
  DRAMATIS_DO(judge(options, house->api.ring));
  HttpOptions http = options.http;
  http.host = options.host;
  http.port = options.port;
  for (const Door& door : options.doors) http.doors.push_back(door.port);
  House* parts = house.get();
  Service service{
      .gate = [parts](const Request& request) { return parts->judge_request(request); },
      .workers = house->workers,
      .ending = [parts, patience = http.patience.drain] { parts->let_turns_end(patience); }};
  DRAMATIS_TRY(house->http, HttpServer::open(http, std::move(service), with.clock));
  house->http_now = house->http.get();
  return std::unique_ptr<Server>(new Server(std::move(house)));
}

std::uint16_t Server::port(std::size_t door) const {
  return house_->http->port(door);
}

std::size_t Server::connections() const {
  return house_->http->connections();
}

const Routes& Server::routes() const& {
  return house_->routes;
}

void Server::stop() {
  house_->http->stop();
}

}  // namespace dramatis::server
