// dramatis serve: a cast, a model and a database -> a service on an address, until a signal ends
// it.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "accounts/keys.h"
#include "base/clock.h"
#include "commands.h"
#include "dialogue/turnstile.h"
#include "engine/adapter_door.h"
#include "engine/continuer.h"
#include "model_port.h"
#include "persona/cast.h"
#include "persona/cast_changes.h"
#include "places.h"
#include "prompt/examples.h"
#include "remote/key.h"
#include "runtime/log.h"
#include "runtime/metrics.h"
#include "server/adapter_desk.h"
#include "server/adapter_routes.h"
#include "server/arena_desk.h"
#include "server/arena_routes.h"
#include "server/curation_routes.h"
#include "server/dialect_limits.h"
#include "server/dialects.h"
#include "server/log_lines.h"
#include "server/page_routes.h"
#include "server/server.h"
#include "server/sheet_routes.h"
#include "server/study_routes.h"
#include "server/training_routes.h"
#include "serving.h"
#include "store/database.h"
#include "terminal.h"
#include "text/utterance.h"
#include "version.h"

namespace dramatis::app {
namespace {

// The words of a setting that are parted by commas.
std::vector<std::string> words_of(const std::string& value) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : value + ",") {
    if (c != ',' && c != ' ') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, {}));
    }
  }
  return words;
}

// Where clients look for Ollama and others.
Result<std::vector<server::CompatPort>> compat_of(const Settings& settings) {
  const Settled& said = settings.find("listen_compat");
  auto chosen = server::parse_compat(said.value);
  if (!chosen) return fail(chosen.error().code, said.place + ": " + chosen.error().what);
  return chosen;
}

Result<std::vector<server::Door>> doors_of(const Settings& settings) {
  DRAMATIS_TRY(const auto chosen, compat_of(settings));
  std::vector<server::Door> doors;
  for (const auto& [name, port, greeting] : chosen)
    doors.push_back({.port = port, .greeting = std::string(greeting)});
  return doors;
}

Result<bool> opens_metrics(const Settings& settings) {
  const Settled& said = settings.find("metrics");
  if (said.value == "owner" || said.value == "anybody") return said.value == "anybody";
  return fail(
      ErrorCode::kInvalidArgument,
      fmt::format("{}: 'metrics' is '{}'; it takes owner or anybody.", said.place, said.value));
}

Result<runtime::Level> level_of(const Settings& settings) {
  const Settled& said = settings.find("log");
  const auto level = runtime::parse_level(said.value);
  if (level) return *level;
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{}: 'log' is '{}'; it takes debug, info, warn or error.", said.place,
                          said.value));
}

// As many connections as there are descriptors for, with some left for files, models and the
// database.
std::size_t connections_to_take() {
  constexpr rlim_t kOthers = 200;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return server::kMaxConnections / 8;
  rlimit raised = limit;
  raised.rlim_cur = std::min<rlim_t>(limit.rlim_max, server::kMaxConnections + kOthers);
  if (raised.rlim_cur > limit.rlim_cur && ::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  const rlim_t left = limit.rlim_cur > 2 * kOthers ? limit.rlim_cur - kOthers : kOthers / 2;
  return std::min<std::size_t>(server::kMaxConnections, left);
}

Result<server::ServerOptions> options_of(const Settings& settings) {
  server::ServerOptions options;
  options.host = settings.find("host").value;
  DRAMATIS_TRY(const auto port, settings.integer("port", 0, 65535));
  options.port = static_cast<std::uint16_t>(port);
  DRAMATIS_DO(settings.on_off("keys"));  // said before a model is loaded
  const std::filesystem::path key_file = settings.path("serve_key_file");
  if (!key_file.empty()) {
    DRAMATIS_TRY(options.key, remote::read_key({.variable = {}, .file = key_file}));
  }
  options.names = words_of(settings.find("names").value);
  options.origins = words_of(settings.find("origins").value);
  DRAMATIS_TRY(options.doors, doors_of(settings));
  DRAMATIS_TRY(options.open_metrics, opens_metrics(settings));
  DRAMATIS_TRY(const auto seconds, settings.integer("turn_seconds", 1, 3600));
  options.turn_time = std::chrono::seconds(seconds);
  options.version = std::string(version());
  options.http.max_connections = connections_to_take();
  DRAMATIS_TRY(const auto room, adapter_room(settings));
  if (!settings.find("ram").value.empty()) options.http.max_arriving = room;
  options.http.patience.idle = server::kPatientIdleTime;
  return options;
}

// The first owner's key, where one is needed and there is none. What is made is shown here, once.
Status make_first_key(const Settings& settings, const server::ServerOptions& options,
                      accounts::Keys& keys, const Clock& clock) {
  DRAMATIS_TRY(const auto wished, settings.on_off("keys"));
  const bool wanted =
      wished.value_or(!server::is_loopback_address(options.host) && options.key.empty());
  DRAMATIS_TRY(const auto all, keys.list());
  if (!wanted || !all.empty()) return {};
  DRAMATIS_TRY(const auto made,
               accounts::make_key({.role = accounts::Role::kOwner, .name = "first"}, clock));
  DRAMATIS_DO(keys.add(made.key));
  fmt::print("The owner's key, shown this once: {}\n", made.secret);
  return {};
}

// ", on 11434 for ollama, on 5001 for kobold"
std::string print_doors(const std::vector<server::CompatPort>& doors) {
  std::string told;
  for (const auto& door : doors) told += fmt::format(", on {} for {}", door.port, door.name);
  return told;
}

void wait_for_signal(Signals& signals) {
  pollfd woken{.fd = signals.wake_fd(), .events = POLLIN, .revents = 0};
  while (::poll(&woken, 1, -1) < 0 && errno == EINTR) {
  }
}

// What goes on with raw text, for each model; the first has no name, too.
class Continuers {
 public:
  // `serving` outlives it.
  explicit Continuers(const Serving& serving) {
    for (const auto& row : serving.models()) {
      lm::TextContinuer* one = nullptr;
      if (engine::Engine* engine = serving.engine_of(row.name)) {
        own_.push_back(std::make_unique<engine::Continuer>(*engine));
        one = own_.back().get();
      } else {
        // Services, and what routes to them.
        one = dynamic_cast<lm::TextContinuer*>(&row.model);
      }
      if (one == nullptr) continue;
      by_name_.emplace(row.name, one);
      if (&row == &serving.models().front()) by_name_.emplace("", one);
    }
  }

  [[nodiscard]] lm::TextContinuer* find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
  }

 private:
  std::vector<std::unique_ptr<engine::Continuer>> own_;
  std::map<std::string, lm::TextContinuer*, std::less<>> by_name_;
};

// The adapters of each model, for those of this process.
class AdapterDoors {
 public:
  // `serving` outlives it.
  explicit AdapterDoors(const Serving& serving) {
    for (const auto& row : serving.models()) {
      lm::AdapterKeeper* keeper = nullptr;
      if (engine::Engine* engine = serving.engine_of(row.name)) {
        doors_.push_back(std::make_unique<engine::AdapterDoor>(*engine));
        keeper = doors_.back().get();
      }
      models_.push_back({.name = row.name, .keeper = keeper});
    }
  }

  [[nodiscard]] const std::vector<server::AdapterDesk::Model>& models() const& { return models_; }
  const std::vector<server::AdapterDesk::Model>& models() && = delete;

 private:
  std::vector<std::unique_ptr<engine::AdapterDoor>> doors_;
  std::vector<server::AdapterDesk::Model> models_;
};

// Serves until a signal; turns under way end first.
Status serve(const Settings& settings) {
  prepare_memory(settings);
  Signals signals;
  DRAMATIS_TRY(auto options, options_of(settings));
  DRAMATIS_TRY(const auto level, level_of(settings));
  DRAMATIS_TRY(auto cast, persona::load_cast(settings.path("cast")));
  cast.changes = std::make_shared<persona::CastChanges>();
  const SystemClock clock;
  runtime::DescriptorSink standard_error(STDERR_FILENO);
  server::LogLines lines(standard_error);
  runtime::Log log(lines, clock, level);
  runtime::Metrics metrics;
  DRAMATIS_TRY(const auto database, store::open(database_address(settings)));
  DRAMATIS_TRY(const auto serving, Serving::open(settings, clock,
                                                 {.metrics = &metrics,
                                                  .log = &log,
                                                  .ledger = &database->ledger(),
                                                  .start = Start::kWarm}));
  DRAMATIS_DO(make_first_key(settings, options, database->keys(), clock));
  DRAMATIS_TRY(auto found, open_examples(settings, cast));
  dialogue::Store& store = database->conversations();
  server::SheetDesk desk(settings.path("cast"), cast, found.examples, clock);
  options.more.emplace_back([&](const server::Api&) { return server::sheet_routes(desk, store); });
  options.more.emplace_back(
      [](const server::Api&) { return server::page_routes(server::page_files()); });
  dialogue::Turnstile turnstile;
  const dialogue::Models models(serving.models());
  DRAMATIS_TRY(const auto embedder, open_embedder(settings, clock));
  const Continuers continuers(serving);
  options.more.emplace_back([&](const server::Api& api) {
    return server::dialect_routes(
        api, {.root = server::Root::kAnothers,
              .vectors = embedder.get(),
              .continuer_of = [&](std::string_view name) { return continuers.find(name); }});
  });
  const AdapterDoors doors(serving);
  server::AdapterDesk adapters(settings.path("adapters_folder"), doors.models(), store);
  for (const auto& trouble : adapters.load_used())
    fmt::print(stderr, "dramatis: {}\n", text::printable(trouble));
  options.more.emplace_back([&](const server::Api&) { return server::adapter_routes(adapters); });
  server::ArenaDesk arenas({store, models, clock, cast, found.examples, turnstile},
                           database->talks());
  const study::Shelf shelf(report_folder());
  options.more.emplace_back([&](const server::Api&) { return server::arena_routes(arenas); });
  options.more.emplace_back([&](const server::Api&) { return server::study_routes(shelf); });
  const runs::Folder trainings(settings.path("runs"), clock);
  options.more.emplace_back([&](const server::Api&) { return server::training_routes(trainings); });
  server::CurationDesk curation(settings.path("datasets"), desk, found.examples, models, clock);
  options.more.emplace_back([&](const server::Api&) { return server::curation_routes(curation); });
  DRAMATIS_TRY(const auto server, server::Server::open(options,
                                                       {database->conversations(), models, clock,
                                                        cast, found.examples, turnstile},
                                                       {.keys = &database->keys(),
                                                        .notices = &database->notices(),
                                                        .metrics = &metrics,
                                                        .log = &log,
                                                        .lines = &lines,
                                                        .adapters = &adapters}));
  DRAMATIS_TRY(const auto compat, compat_of(settings));
  const bool is_ipv6 = options.host.find(':') != std::string::npos;
  fmt::print("Dramatis listens on http://{}:{}{} with {} characters and {}.\n",
             is_ipv6 ? "[" + options.host + "]" : options.host, server->port(), print_doors(compat),
             cast.members.size(), models.first().name);
  std::fflush(stdout);
  wait_for_signal(signals);
  arenas.stop_all();
  server->stop();
  serving.keep_warm();
  return {};
}

}  // namespace

int run_serve(const Settings& settings) {
  const auto served = serve(settings);
  return served ? 0 : complain(served.error());
}

}  // namespace dramatis::app
