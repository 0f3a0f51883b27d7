// The first byte is the size of the pieces. Bytes -> reader -> gate -> handlers, without a socket;
// what the reader says must not depend on the pieces, and what a client is told must be whole.
#include <algorithm>
#include <cstdint>

#include "accounts/testing/memory_keys.h"
#include "base/check.h"
#include "dialogue/testing/memory_store.h"
#include "lm/testing/scripted_model.h"
#include "server/api.h"
#include "server/gate.h"
#include "server/request_reader.h"
#include "text/json.h"

namespace {

using namespace dramatis;  // NOLINT: a program of its own

struct Outcome {
  int status = 0;
  bool done = false;
  std::string path, body;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome read(std::string_view bytes, std::size_t size, server::Head& head) {
  server::RequestReader reader;
  Outcome outcome;
  std::string pending;
  for (std::size_t at = 0; at < bytes.size() && !outcome.done; at += size) {
    pending += bytes.substr(at, size);
    for (bool moved = true; moved && !pending.empty() && !outcome.done;) {
      const auto taken = reader.push(pending);
      if (!taken) return {.status = taken.error().status, .path = {}, .body = {}};
      moved = *taken > 0;
      pending.erase(0, *taken);
      outcome.done = reader.state() == server::RequestReader::State::kDone;
    }
  }
  head = reader.head();
  if (outcome.done) {
    outcome.path = head.request.path;
    outcome.body = head.request.body;
  }
  return outcome;
}

// Keeps what a client would be told.
class KeptAnswer final : public server::Answer {
 public:
  void respond(server::Response response) override {
    DRAMATIS_CHECK(told_ == 0);
    ++told_;
    DRAMATIS_CHECK(response.status >= 200 && response.status <= 599);
    if (response.content_type.find("json") != std::string::npos &&
        response.content_type.find("jsonl") == std::string::npos) {
      DRAMATIS_CHECK(text::parse_json(response.body).has_value());
    }
  }
  server::Reader send_event(std::string_view, std::string_view data) override {
    ++told_;
    DRAMATIS_CHECK(data.find_first_of("\r\n") == data.npos);
    return server::Reader::kThere;
  }
  server::Reader send_piece(std::string_view, std::string_view) override {
    ++told_;
    return server::Reader::kThere;
  }
  [[nodiscard]] std::stop_token stop() const override { return {}; }
  [[nodiscard]] int told() const { return told_; }

 private:
  int told_ = 0;
};

void serve(const server::Request& request) {
  dialogue::testing::MemoryStore store;
  DRAMATIS_CHECK(store.add_user({.id = UserId{1}, .name = "a"}).has_value());
  DRAMATIS_CHECK(
      store
          .add_npc({.id = NpcId{1}, .settings = {.character_description = "You are Iva, a smith."}})
          .has_value());
  lm::testing::ScriptedModel model({Result<std::string>("Good day to you.")});
  const dialogue::Models models({{.name = "scripted", .model = model}});
  const SystemClock clock;
  const persona::Cast cast;
  const auto examples = prompt::Examples::build(cast);
  dialogue::Turnstile turnstile;
  accounts::testing::MemoryKeys keys;
  const accounts::KeyRing ring(keys, clock);
  runtime::Metrics metrics;
  runtime::SilentSink silence;
  runtime::Log log(silence, clock);
  server::Telemetry telemetry(metrics, log);
  server::TurnsUnderway underway(clock);
  const server::Api api{.with = {.store = store,
                                 .models = models,
                                 .clock = clock,
                                 .cast = cast,
                                 .examples = *examples,
                                 .turnstile = turnstile},
                        .underway = underway,
                        .telemetry = telemetry,
                        .keys = &keys,
                        .ring = &ring};
  server::Routes routes;
  routes.add(server::native_routes(api));
  const server::Gate gate({}, routes, &ring);
  const auto admitted = gate.judge(request);
  if (!admitted || !admitted->match.route->handler) return;
  KeptAnswer answer;
  admitted->match.route->handler(
      {.request = request, .who = admitted->who, .path = admitted->match.parts}, answer);
  DRAMATIS_CHECK(answer.told() > 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  server::Head head;
  const Outcome whole = read(bytes, std::max<std::size_t>(bytes.size(), 1), head);
  if (whole.done) serve(head.request);
  server::Head again;
  DRAMATIS_CHECK(read(bytes, 1 + data[0], again) == whole);
  return 0;
}
