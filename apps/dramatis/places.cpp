// Environment and file system -> where things are kept.
#include "places.h"

#include <cstdlib>
#include <vector>

#include <pwd.h>
#include <unistd.h>

#include "store/default_path.h"
#include "text/utterance.h"

namespace dramatis::app {
namespace {

namespace fs = std::filesystem;

bool is_there(const fs::path& path) {
  std::error_code failed;  // a place that cannot be looked at is no place of ours
  return fs::exists(path, failed) && !failed;
}

const passwd* account() {
  return getpwuid(geteuid());
}

std::string home_folder() {
  if (const auto home = variable("HOME"); home && !home->empty()) return *home;
  const passwd* who = account();
  return who != nullptr && who->pw_dir != nullptr ? who->pw_dir : "";
}

// Relative values are to be ignored (XDG Base Directory Specification 0.8).
fs::path config_folder() {
  if (const auto set = variable("XDG_CONFIG_HOME"); set && fs::path(*set).is_absolute())
    return *set;
  return fs::path(home_folder()) / ".config";
}

}  // namespace

std::optional<std::string> variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

fs::path program_folder() {
  std::error_code failed;
  const fs::path program = fs::read_symlink("/proc/self/exe", failed);
  return failed ? fs::path(".") : program.parent_path();
}

fs::path shipped(const fs::path& what) {
  const fs::path bin = program_folder();
  const fs::path in_tree = (bin / "../../.." / what).lexically_normal();
  const std::vector<fs::path> places{what, in_tree,
                                     (bin / "../share/dramatis" / what).lexically_normal()};
  for (const auto& place : places) {
    if (is_there(place)) return place;
  }
  return in_tree;
}

fs::path default_database() {
  return store::default_path(variable("XDG_DATA_HOME").value_or(""), home_folder())
      .value_or("dramatis.sqlite");
}

std::string database_address(const Settings& settings) {
  const std::string& value = settings.find("database").value;
  const bool has_scheme = value.starts_with("sqlite:") || value.find("://") != std::string::npos;
  return has_scheme ? value : settings.path("database").string();
}

fs::path report_folder() {
  return default_database().parent_path() / "reports";
}

fs::path user_models() {
  return default_database().parent_path() / "models";
}

fs::path adapter_folder() {
  return default_database().parent_path() / "adapters";
}

fs::path user_cache() {
  if (const auto set = variable("XDG_CACHE_HOME"); set && fs::path(*set).is_absolute())
    return fs::path(*set) / "dramatis";
  const fs::path home = home_folder();
  return home.is_absolute() ? home / ".cache" / "dramatis" : fs::path();
}

std::string login_name() {
  // Through sudo it is still the same person who talks.
  for (const char* name : {"SUDO_USER", "LOGNAME", "USER"}) {
    const auto value = variable(name);
    if (value && !text::printable(*value).empty()) return text::printable(*value);
  }
  const passwd* who = account();
  if (who != nullptr && who->pw_name != nullptr) return text::printable(who->pw_name);
  return "player";
}

fs::path settings_file(const std::string& asked) {
  if (!asked.empty()) return asked;
  if (const auto set = variable("DRAMATIS_CONFIG"); set && !set->empty()) return *set;
  for (const fs::path& place :
       {fs::path("dramatis.yaml"), config_folder() / "dramatis" / "dramatis.yaml"}) {
    if (is_there(place)) return place;
  }
  return {};
}

std::map<std::string, std::string, std::less<>> machine_defaults() {
  return {{"model", shipped("models/hearth.gguf").string()},
          {"adapters_folder", adapter_folder().string()},
          {"matcher", shipped("models/matcher.safetensors").string()},
          {"cast", shipped("cast").string()},
          {"database", default_database().string()},
          {"datasets", (default_database().parent_path() / "datasets").string()},
          {"player", login_name()},
          {"warm", user_cache().string()}};
}

}  // namespace dramatis::app
