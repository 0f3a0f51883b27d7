// Scripted services with sockets, and a router over them, set up in one line.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "remote/router.h"
#include "remote/testing/scripted_server.h"
#include "remote/testing/stage.h"
#include "runtime/testing/gathering_log_sink.h"

namespace dramatis::remote::testing {

// A router over one service for each script. `change` may alter a service's options and the
// router's before they open.
struct ReadyRouter {
  using Change = std::function<void(RemoteOptions&, Endpoint&, RouterOptions&)>;

  explicit ReadyRouter(std::vector<ScriptedServer::Script> scripts, const Clock& clock,
                       const Change& change = nullptr, Fallback fallback = {}, int threads = 2)
      : log(lines, clock) {
    RouterOptions options{.name = "big", .retry_base = std::chrono::milliseconds(2)};
    std::vector<Endpoint> endpoints;
    for (auto& script : scripts) {
      servers.push_back(std::make_unique<ScriptedServer>(std::move(script), nullptr, threads));
      RemoteOptions service = options_for(servers.back()->url());
      Endpoint endpoint;
      endpoint.seat.name = fmt::format("service {}", endpoints.size());
      if (change) change(service, endpoint, options);
      endpoint.backend = RemoteModel::open(std::move(service), Rng(1), clock).value();
      endpoints.push_back(std::move(endpoint));
    }
    router = Router::open(std::move(options), std::move(endpoints), std::move(fallback), Rng(2),
                          {.clock = clock, .metrics = metrics, .log = log, .ledger = &ledger})
                 .value();
  }

  runtime::Metrics metrics;
  runtime::testing::GatheringLogSink lines;
  runtime::Log log;
  MemoryLedger ledger;
  std::vector<std::unique_ptr<ScriptedServer>> servers;
  std::unique_ptr<Router> router;
};

}  // namespace dramatis::remote::testing
