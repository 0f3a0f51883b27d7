// The handlers of foreign dialects without a network: a request goes in, and all that a client
// would be told comes out.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "dialogue/registry.h"
#include "dialogue/testing/memory_store.h"
#include "persona/cast.h"
#include "runtime/log.h"
#include "runtime/metrics.h"
#include "server/dialects.h"
#include "server/routes.h"
#include "text/json.h"

namespace dramatis::server::testing {

// Keeps an answer. A reader may leave after so many pieces.
class KeptAnswer final : public Answer {
 public:
  void respond(Response response) override {
    EXPECT_TRUE(whole.status == 0 && pieces.empty());
    whole = std::move(response);
  }
  Reader send_event(std::string_view /*type*/, std::string_view /*data*/) override {
    ADD_FAILURE() << "no dialect sends these";
    return Reader::kGone;
  }
  Reader send_piece(std::string_view content_type, std::string_view bytes) override {
    EXPECT_EQ(whole.status, 0);
    type = content_type;
    pieces.emplace_back(bytes);
    return pieces.size() < most ? Reader::kThere : Reader::kGone;
  }
  [[nodiscard]] std::stop_token stop() const override { return source.get_token(); }
  [[nodiscard]] std::string streamed() const {
    std::string all;
    for (const auto& piece : pieces) all += piece;
    return all;
  }

  Response whole{.status = 0, .content_type = {}, .body = {}, .headers = {}};
  std::string type;
  std::vector<std::string> pieces;
  std::size_t most = 1'000'000;
  std::stop_source source;
};

// A time that stands still: the first of May 2026, noon.
class StillClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override {
    return Instant(std::chrono::milliseconds(1'777'636'800'123));
  }
  [[nodiscard]] SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
};

// Goes on from texts as a scripted model answers messages, and records them.
class ScriptedContinuer final : public lm::TextContinuer {
 public:
  explicit ScriptedContinuer(lm::LanguageModel& model) : model_(model) {}
  [[nodiscard]] Result<lm::Completion> go_on(const lm::RawText& from, const lm::Sampling& how,
                                             lm::TextSink& sink, std::stop_token stop) override {
    texts.emplace_back(from.text);
    lm::Prompt asked;
    asked.messages.push_back({.role = lm::Role::kPlayer, .text = std::string(from.text)});
    return model_.generate(asked, how, sink, std::move(stop));
  }
  std::vector<std::string> texts;

 private:
  lm::LanguageModel& model_;
};

// What it is given outlives it.
struct Desk {
  explicit Desk(lm::LanguageModel& model)
      : cast(persona::load_cast(std::filesystem::path(DRAMATIS_SOURCE_DIR) / "tests/cast-small")
                 .value()),
        examples(prompt::Examples::build(cast).value()),
        continuer(model),
        models({{.name = "scripted", .model = model, .head = prompt::Head::kCompact}}),
        log(silence, clock),
        telemetry(metrics, log),
        underway(clock),
        api{.with = {.store = store,
                     .models = models,
                     .clock = clock,
                     .cast = cast,
                     .examples = examples,
                     .turnstile = turnstile},
            .underway = underway,
            .telemetry = telemetry},
        dialects(api, {.continuer_of = [this](std::string_view) { return &continuer; }}) {
    routes.add(native_routes(api));
    routes.add(dialect_routes(dialects));
  }

  void ask(Answer& answer, std::string_view method, std::string_view path,
           std::string_view body = "", Headers headers = {}) {
    const auto match = routes.match(method, path);
    ASSERT_TRUE(match) << path;
    const Request request{.method = std::string(method),
                          .path = std::string(path),
                          .query = {},
                          .headers = std::move(headers),
                          .body = std::string(body)};
    match->route->handler({.request = request, .who = who, .path = match->parts}, answer);
  }
  Response post(std::string_view path, std::string_view body, Headers headers = {}) {
    KeptAnswer answer;
    ask(answer, "POST", path, body, std::move(headers));
    EXPECT_TRUE(answer.pieces.empty());
    return answer.whole;
  }
  Response get(std::string_view path) {
    KeptAnswer answer;
    ask(answer, "GET", path);
    return answer.whole;
  }
  std::string stream(std::string_view path, std::string_view body, Headers headers = {}) {
    KeptAnswer answer;
    ask(answer, "POST", path, body, std::move(headers));
    EXPECT_EQ(answer.whole.status, 0) << answer.whole.body;
    return answer.streamed();
  }
  dialogue::Npc add_npc(dialogue::NpcSettings settings) {
    return dialogue::register_npc(store, clock, cast, settings).value();
  }
  dialogue::User add_user(std::string_view name) {
    return dialogue::register_user(store, clock, name).value();
  }

  StillClock clock;
  persona::Cast cast;
  prompt::Examples examples;
  dialogue::testing::MemoryStore store;
  dialogue::Turnstile turnstile;
  ScriptedContinuer continuer;
  dialogue::Models models;
  runtime::Metrics metrics;
  runtime::SilentSink silence;
  runtime::Log log;
  Telemetry telemetry;
  TurnsUnderway underway;
  Api api;
  Dialects dialects;
  Routes routes;
  Identity who{};  // the owner
};

// `text` with ids of ours ("chatcmpl-" and 16 digits) put as "ID".
inline std::string without_ids(std::string text) {
  for (const std::string_view prefix : {"chatcmpl-", "cmpl-", "call_"}) {
    for (std::size_t at = text.find(prefix); at != text.npos; at = text.find(prefix, at))
      text.replace(at, prefix.size() + 16, "ID");
  }
  return text;
}

}  // namespace dramatis::server::testing
