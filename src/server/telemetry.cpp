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
  constexpr runtime::MetricName kTokens{
      "dramatis_tokens_total",
      "Tokens of prompts (cached: found already computed) and of replies (generated)"};
  const auto count = [&](std::string_view kind, std::size_t tokens) {
    metrics_.counter(kTokens, {{"kind", kind}, {"model", account->model}}).add(tokens);
  };
  count("prompt", account->prompt_tokens);
  count("cached", account->cached_tokens);
  count("computed", account->computed_tokens);
  count("generated", account->generated_tokens);
  metrics_
      .histogram({"dramatis_first_word_seconds", "From asking the model to its first word"},
                 runtime::waiting_bounds(), {{"model", account->model}})
      .observe(seconds(account->first_word));
  metrics_
      .histogram({"dramatis_reply_seconds", "From asking the model to its last word"},
                 runtime::waiting_bounds(), {{"model", account->model}})
      .observe(seconds(account->total));
  up(account->model).set(1);
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
  return metrics_.gauge({"dramatis_model_up", "1: the model's last answer was one"},
                        {{"model", model}});
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
