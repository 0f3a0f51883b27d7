// Names, help and labels of all that is counted.
#include "server/telemetry.h"

#include <fmt/format.h>

#include "base/error_table.h"
#include "server/process_memory.h"

namespace dramatis::server {
namespace {

using runtime::whole;

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

void Telemetry::answered(const Answered& request) {
  const std::string status = std::to_string(request.status);
  metrics_
      .counter({"dramatis_http_requests_total", "Requests answered"},
               {{"method", request.method}, {"route", request.route}, {"status", status}})
      .add();
  metrics_
      .histogram({"dramatis_http_request_seconds", "From a request's head to its last byte"},
                 runtime::waiting_bounds(), {{"route", request.route}})
      .observe(seconds(request.took));
  const auto level = request.status >= 500 ? runtime::Level::kWarn : runtime::Level::kInfo;
  const std::string key = request.key ? print_id(*request.key) : std::string("none");
  log_.write(level, "request answered",
             {{"method", runtime::LogName{request.method}},
              {"route", runtime::LogName{request.route}},
              {"status", whole(request.status)},
              {"took", std::chrono::duration_cast<std::chrono::milliseconds>(request.took)},
              {"key", runtime::LogName{key}}});
}

void Telemetry::turn_kept(const std::optional<dialogue::Account>& account) {
  constexpr runtime::MetricName kTurns{"dramatis_turns_total", "Turns by how they ended"};
  metrics_.counter(kTurns, {{"outcome", "kept"}}).add();
  if (!account) return;
  count({.model = account->model,
         .prompt_tokens = account->prompt_tokens,
         .cached_tokens = account->cached_tokens,
         .computed_tokens = account->computed_tokens,
         .generated_tokens = account->generated_tokens,
         .first_word = account->first_word,
         .total = account->total});
}

void Telemetry::reply_made(const lm::Completion& made, std::string_view model) {
  count({.model = model,
         .prompt_tokens = made.prompt_tokens,
         .cached_tokens = made.cached_tokens,
         .computed_tokens = made.computed_tokens,
         .generated_tokens = made.generated_tokens,
         .first_word = made.first_word,
         .total = made.total});
}

void Telemetry::count(const Cost& cost) {
  constexpr runtime::MetricName kTokens{
      "dramatis_tokens_total",
      "Tokens of prompts (cached: found already computed) and of replies (generated)"};
  const auto add = [&](std::string_view kind, std::size_t tokens) {
    metrics_.counter(kTokens, {{"kind", kind}, {"model", cost.model}}).add(tokens);
  };
  add("prompt", cost.prompt_tokens);
  add("cached", cost.cached_tokens);
  add("computed", cost.computed_tokens);
  add("generated", cost.generated_tokens);
  metrics_
      .histogram({"dramatis_first_word_seconds", "From asking the model to its first word"},
                 runtime::waiting_bounds(), {{"model", cost.model}})
      .observe(seconds(cost.first_word));
  metrics_
      .histogram({"dramatis_reply_seconds", "From asking the model to its last word"},
                 runtime::waiting_bounds(), {{"model", cost.model}})
      .observe(seconds(cost.total));
  up(cost.model).set(1);
}

void Telemetry::turn_failed(ErrorCode code, std::string_view model) {
  metrics_
      .counter({"dramatis_turns_total", "Turns by how they ended"},
               {{"outcome", error_row(code).name}})
      .add();
  if (code == ErrorCode::kUnavailable && !model.empty()) up(model).set(0);
  if (code == ErrorCode::kUnavailable || code == ErrorCode::kDeadline ||
      code == ErrorCode::kInternal || code == ErrorCode::kCorrupt) {
    log_.write(runtime::Level::kWarn, "turn failed",
               {{"code", code}, {"model", runtime::LogName{model}}});
  }
}

runtime::Gauge& Telemetry::up(std::string_view model) {
  return metrics_.gauge({"dramatis_model_up", "1: the model can be asked"}, {{"model", model}});
}

bool Telemetry::is_up(std::string_view model) {
  return up(model).value() > 0;
}

void Telemetry::started(std::string_view version) {
  metrics_.gauge({"dramatis_build_info", "Always 1"}, {{"version", version}}).set(1);
}

void Telemetry::serves(std::string_view model) {
  up(model).set(1);
}

void Telemetry::model_is(std::string_view model, Up is) {
  up(model).set(is == Up::kYes ? 1 : 0);
}

void Telemetry::now(std::size_t waiting, std::size_t running, std::size_t connections,
                    std::size_t turns) {
  const auto set = [this](const runtime::MetricName& name, std::size_t value) {
    metrics_.gauge(name).set(static_cast<double>(value));
  };
  set({"dramatis_queue_waiting", "Requests that wait for a worker"}, waiting);
  set({"dramatis_workers_busy", "Requests and turns that workers are at"}, running);
  set({"dramatis_connections", "Connections that are open"}, connections);
  set({"dramatis_turns_underway", "Turns that are being taken"}, turns);
  set({"process_resident_memory_bytes", "Resident memory"}, resident_bytes());
}

}  // namespace dramatis::server
