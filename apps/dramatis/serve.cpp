// dramatis serve: a cast, a model and a database -> a service on an address, until a signal ends
// it.
#include <cerrno>
#include <cstdio>

#include <fmt/format.h>
#include <poll.h>

#include "base/clock.h"
#include "commands.h"
#include "dialogue/turnstile.h"
#include "model_port.h"
#include "persona/cast.h"
#include "places.h"
#include "prompt/examples.h"
#include "remote/key.h"
#include "server/server.h"
#include "store/database.h"
#include "terminal.h"

namespace dramatis::app {
namespace {

Result<server::ServerOptions> options_of(const Settings& settings) {
  server::ServerOptions options;
  options.host = settings.find("host").value;
  DRAMATIS_TRY(const auto port, settings.integer("port", 0, 65535));
  options.port = static_cast<std::uint16_t>(port);
  const std::filesystem::path key_file = settings.path("serve_key_file");
  if (!key_file.empty()) {
    DRAMATIS_TRY(options.key, remote::read_key({.variable = {}, .file = key_file}));
  }
  return options;
}

void wait_for_signal(Signals& signals) {
  pollfd woken{.fd = signals.wake_fd(), .events = POLLIN, .revents = 0};
  while (::poll(&woken, 1, -1) < 0 && errno == EINTR) {
  }
}

// Serves until a signal; turns under way end first.
Status serve(const Settings& settings) {
  prepare_memory(settings);
  Signals signals;
  DRAMATIS_TRY(const auto options, options_of(settings));
  DRAMATIS_TRY(const auto cast, persona::load_cast(settings.path("cast")));
  const SystemClock clock;
  DRAMATIS_TRY(const auto opened, open_model(settings, clock, Start::kWarm));
  DRAMATIS_TRY(const auto database, store::open(database_address(settings)));
  dialogue::Store& store = database->conversations();
  DRAMATIS_TRY(const auto found, open_examples(settings, cast));
  dialogue::Turnstile turnstile;
  const dialogue::Models models({{opened.model->name(), *opened.model, opened.head}});
  DRAMATIS_TRY(const auto server, server::Server::open(options, {store, models, clock, cast,
                                                                 found.examples, turnstile}));
  const bool is_ipv6 = options.host.find(':') != std::string::npos;
  fmt::print("Dramatis listens on http://{}:{} with {} characters and {}.\n",
             is_ipv6 ? "[" + options.host + "]" : options.host, server->port(), cast.members.size(),
             opened.model->name());
  std::fflush(stdout);
  wait_for_signal(signals);
  server->stop();
  keep_warm(opened);
  return {};
}

}  // namespace

int run_serve(const Settings& settings) {
  const auto served = serve(settings);
  return served ? 0 : complain(served.error());
}

}  // namespace dramatis::app
