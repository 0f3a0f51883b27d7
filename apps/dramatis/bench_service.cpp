// A pipe in, a pipe out, the same program between them.
#include "bench_service.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/files.h"
#include "dialogue/turnstile.h"
#include "paced_model.h"
#include "persona/cast.h"
#include "prompt/examples.h"
#include "server/server.h"
#include "store/database.h"

namespace dramatis::app {
namespace {

struct Pipe {
  int read = -1;
  int write = -1;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return fail(ErrorCode::kUnavailable, fmt::format("No pipe: {}.", std::strerror(errno)));
  return Pipe{.read = ends[0], .write = ends[1]};
}

// Becomes the service; does not return.
[[noreturn]] void become(const std::string& database, std::size_t at_once, const Pipe& in,
                         const Pipe& out) {
  ::dup2(in.read, STDIN_FILENO);
  ::dup2(out.write, STDOUT_FILENO);
  const std::string readers = std::to_string(at_once);
  ::execl("/proc/self/exe", "dramatis", "bench", "serve", "--served", "--database",
          database.c_str(), "--readers", readers.c_str(), static_cast<char*>(nullptr));
  ::_exit(127);
}

Result<std::uint16_t> read_port(int from) {
  std::string line;
  char letter = 0;
  while (line.size() < 16 && ::read(from, &letter, 1) == 1 && letter != '\n') line += letter;
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), port);
  if (error != std::errc() || port == 0)
    return fail(ErrorCode::kUnavailable, "The service under load did not begin.");
  return port;
}

}  // namespace

Result<BenchService> BenchService::start(const ServeBenchArgs& args) {
  BenchService service;
  std::string database = args.database;
  if (database.empty()) {
    std::string name = (std::filesystem::temp_directory_path() / "dramatis-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr)
      return fail(ErrorCode::kUnavailable, fmt::format("No folder can be made at {}.", name));
    service.folder_ = name;
    database = (service.folder_ / "dramatis.sqlite").string();
  }
  DRAMATIS_TRY(const Pipe in, make_pipe());
  DRAMATIS_TRY(const Pipe out, make_pipe());
  service.process_ = ::fork();
  if (service.process_ == 0) become(database, args.readers, in, out);
  ::close(in.read);
  ::close(out.write);
  service.input_ = in.write;
  const auto port = read_port(out.read);
  ::close(out.read);
  if (!port) return tl::unexpected(port.error());
  service.port_ = *port;
  return service;
}

BenchService::BenchService(BenchService&& other) noexcept
    : process_(std::exchange(other.process_, -1)),
      input_(std::exchange(other.input_, -1)),
      port_(other.port_),
      folder_(std::exchange(other.folder_, {})) {}

BenchService::~BenchService() {
  if (input_ >= 0) ::close(input_);
  if (process_ > 0) ::waitpid(process_, nullptr, 0);
  std::error_code left;  // a folder that stays in /tmp is no harm
  if (!folder_.empty()) std::filesystem::remove_all(folder_, left);
}

std::size_t BenchService::resident_bytes() const {
  std::size_t pages = 0, resident = 0;
  std::FILE* file = std::fopen(fmt::format("/proc/{}/statm", process_).c_str(), "re");
  if (file == nullptr) return 0;
  if (std::fscanf(file, "%zu %zu", &pages, &resident) != 2) resident = 0;
  std::fclose(file);
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::chrono::milliseconds BenchService::processor_time() const {
  // The clock of another process, by its number.
  clockid_t which{};
  timespec spent{};
  if (::clock_getcpuclockid(process_, &which) != 0 || ::clock_gettime(which, &spent) != 0)
    return {};
  return std::chrono::milliseconds(spent.tv_sec * 1000 + spent.tv_nsec / 1'000'000);
}

Status serve_bench(const ServeBenchArgs& args) {
  std::signal(SIGINT, SIG_IGN);  // Ctrl-C is for the bench, which ends this process
  const SystemClock clock;
  DRAMATIS_TRY(const auto database, store::open(args.database));
  const persona::Cast cast;
  DRAMATIS_TRY(const auto examples, prompt::Examples::build(cast));
  PacedModel model;
  const dialogue::Models models({{"paced", model}});
  dialogue::Turnstile turnstile;
  server::ServerOptions options;
  options.port = 0;
  // A stream holds a worker while its model speaks, and stalled readers hold a connection.
  options.http.workers = args.readers + 64;
  options.http.max_waiting = 1024;
  options.http.max_connections = 16'384;
  // All that stall are to do so at once, however long it takes to make them.
  options.http.patience.stall = std::chrono::minutes(5);
  options.http.patience.idle = std::chrono::minutes(5);
  DRAMATIS_TRY(const auto server,
               server::Server::open(
                   options, {database->conversations(), models, clock, cast, examples, turnstile}));
  fmt::print("{}\n", server->port());
  std::fflush(stdout);
  char ignored = 0;
  while (::read(STDIN_FILENO, &ignored, 1) > 0) {
  }
  server->stop();
  return {};
}

}  // namespace dramatis::app
