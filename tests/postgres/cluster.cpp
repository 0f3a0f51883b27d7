// initdb and pg_ctl, which refuse to run as root.
#include "cluster.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"

// libpqxx 6.4 loses the result of a query on whose way the connection broke: it asks for the
// encoding before anything owns it. For LeakSanitizer, which asks by this name.
extern "C" const char* __lsan_default_suppressions();   // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __lsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
  return "leak:PQmakeEmptyPGresult";
}

namespace dramatis {
namespace {

namespace fs = std::filesystem;

// The newest version that Debian has put here; empty: none.
std::string find_programs() {
  std::vector<std::string> found;
  std::error_code none;
  for (fs::directory_iterator at("/usr/lib/postgresql", none), end; !none && at != end; ++at) {
    const auto programs = at->path() / "bin";
    if (fs::exists(programs / "initdb", none)) found.push_back(programs.string());
  }
  return found.empty() ? "" : *std::ranges::max_element(found);
}

}  // namespace

Cluster* Cluster::get() {
  static std::unique_ptr<Cluster> cluster = [] {
    std::unique_ptr<Cluster> made(new Cluster);
    if (!made->set_up()) made.reset();
    return made;
  }();
  return cluster.get();
}

bool Cluster::set_up() {
  programs_ = find_programs();
  if (programs_.empty()) return false;
  fs::create_directories(folder());
  if (geteuid() == 0) {
    const passwd* nobody = getpwnam("nobody");
    DRAMATIS_CHECK(nobody != nullptr);
    for (const std::string& path : {scratch_.path().string(), folder()})
      DRAMATIS_CHECK(chown(path.c_str(), nobody->pw_uid, nobody->pw_gid) == 0);
  }
  const std::string data = scratch_ / "data";
  if (!run({"initdb", "-D", data, "-U", "dramatis", "-A", "trust", "-E", "UTF8", "--no-locale",
            "-N"}))
    return false;
  std::ofstream(data + "/postgresql.conf", std::ios::app)
      << "listen_addresses = ''\nunix_socket_directories = '" << folder()
      << "'\nfsync = off\ndeadlock_timeout = 20ms\nmax_connections = 60\n";
  std::ofstream(data + "/pg_hba.conf") << "local secret all scram-sha-256\nlocal all all trust\n";
  start();
  return true;
}

Cluster::~Cluster() {
  if (!programs_.empty())
    (void)run({"pg_ctl", "-D", scratch_ / "data", "-m", "immediate", "-w", "stop"});
}

void Cluster::start() const {
  DRAMATIS_CHECK(
      run({"pg_ctl", "-D", scratch_ / "data", "-l", scratch_ / "run/log", "-w", "start"}));
}
void Cluster::stop() const {
  DRAMATIS_CHECK(run({"pg_ctl", "-D", scratch_ / "data", "-m", "immediate", "-w", "stop"}));
}

bool Cluster::run(std::vector<std::string> words) const {
  const pid_t child = ::fork();
  DRAMATIS_CHECK(child >= 0);
  if (child == 0) {
    if (geteuid() == 0) {
      const passwd* nobody = getpwnam("nobody");
      if (nobody == nullptr || setgid(nobody->pw_gid) != 0 || setuid(nobody->pw_uid) != 0)
        _exit(126);
    }
    const int quiet = ::open("/dev/null", O_WRONLY);
    ::dup2(quiet, STDOUT_FILENO);
    ::dup2(quiet, STDERR_FILENO);
    if (::chdir("/") != 0) _exit(126);
    const std::string program = programs_ + "/" + words.front();
    std::vector<char*> pointers;
    for (auto& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    ::execv(program.c_str(), pointers.data());
    _exit(127);
  }
  int how = 0;
  DRAMATIS_CHECK(::waitpid(child, &how, 0) == child);
  return WIFEXITED(how) && WEXITSTATUS(how) == 0;
}

void Cluster::run_sql(const std::string& database, const std::string& sql) const {
  EXPECT_TRUE(run({"psql", "-X", "-v", "ON_ERROR_STOP=1", "-d", address(database), "-c", sql}))
      << sql;
}

void Cluster::wait_until_unused(const std::string& database) const {
  run_sql("postgres",
          fmt::format("DO $$ BEGIN "
                      "WHILE EXISTS (SELECT FROM pg_stat_activity WHERE datname = '{}') "
                      "LOOP PERFORM pg_sleep(0.002), pg_stat_clear_snapshot(); "
                      "END LOOP; END $$",
                      database));
}

std::string Cluster::address(const std::string& database, const std::string& folder_asked) const {
  return fmt::format("postgresql:///{}?user=dramatis&host={}", database,
                     folder_asked.empty() ? folder() : folder_asked);
}

std::string Cluster::make_database(const std::string& options) {
  const std::string name = fmt::format("test{}", ++databases_);
  run_sql("postgres", fmt::format("CREATE DATABASE {} TEMPLATE template0 {}", name, options));
  return name;
}

}  // namespace dramatis
