// dramatis doctor: the machine and the settings -> what is well, what is not, and the mend.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "base/clock.h"
#include "commands.h"
#include "model_port.h"
#include "models.h"
#include "persona/cast.h"
#include "places.h"
#include "store/database.h"
#include "text/json.h"
#include "text/utterance.h"

namespace dramatis::app {
namespace {

namespace fs = std::filesystem;

// A model that needs longer for a few words is of no use in a conversation.
constexpr std::chrono::seconds kPatience{60};
constexpr double kGib = 1024.0 * 1024 * 1024;

enum class Health { kWell, kPoor, kIll };

// One thing that was looked at.
struct Symptom {
  std::string what;  // "model"
  Health health = Health::kWell;
  std::string detail;  // what was found; where it is ill, with the mend
};

Symptom ill(std::string what, const Error& error) {
  return {.what = std::move(what), .health = Health::kIll, .detail = error.what};
}

// The words after `name` in a file of /proc; empty where there are none.
std::string line_of(const char* file, std::string_view name) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.compare(0, name.size(), name) == 0) return line.substr(name.size());
  }
  return {};
}

// What the kernels choose between at run time.
Symptom look_at_processor() {
  const std::string flags = line_of("/proc/cpuinfo", "flags") + " ";
  std::vector<std::string_view> found;
  static constexpr std::pair<std::string_view, std::string_view> kUnits[] = {
      {" avx2 ", "AVX2"},
      {" avx512f ", "AVX-512"},
      {" avx512_vnni ", "AVX-512 VNNI"},
      {" amx_int8 ", "AMX"}};
  for (const auto& [flag, name] : kUnits) {
    if (flags.find(flag) != std::string::npos) found.push_back(name);
  }
  if (!found.empty())
    return {.what = "processor", .detail = fmt::format("{}", fmt::join(found, ", "))};
  return {
      .what = "processor",
      .health = Health::kPoor,
      .detail = "no AVX2: replies will be slow; a smaller model or a service (--model URL) helps."};
}

Symptom look_at_cores(const Settings& settings) {
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  const auto threads = settings.integer("threads", 0, 512);
  if (!threads) return ill("cores", threads.error());
  return {
      .what = "cores",
      .detail = fmt::format("{}, of which {} compute", cores, *threads == 0 ? cores : *threads)};
}

// Bytes that may be used: what is free, and no more than a container's share.
std::uintmax_t available_memory() {
  std::uintmax_t kib = 0;
  std::istringstream(line_of("/proc/meminfo", "MemAvailable:")) >> kib;
  std::uintmax_t bytes = kib * 1024, share = 0;
  if (std::ifstream("/sys/fs/cgroup/memory.max") >> share) bytes = std::min(bytes, share);
  return bytes;
}

Symptom look_at_memory(const Settings& settings) {
  const double available = static_cast<double>(available_memory());
  std::error_code none;  // no such file: the next symptom says so
  const auto size = fs::file_size(settings.model_file(), none);
  Symptom symptom{.what = "memory",
                  .detail = fmt::format("{:.1f} GiB available", available / kGib)};
  if (!none && static_cast<double>(size) * 1.2 > available) {
    symptom.health = Health::kIll;
    symptom.detail += fmt::format(", and the model alone takes {:.1f} GiB; choose a smaller one.",
                                  static_cast<double>(size) / kGib);
  }
  return symptom;
}

// Hears nothing; whether words come is what counts.
class Deaf final : public lm::TextSink {
 public:
  [[nodiscard]] lm::Go write(std::string_view /*words*/) override { return lm::Go::kOn; }
};

Symptom look_at_model(const Settings& settings) {
  const SystemClock clock;
  const auto opened = open_model(settings, clock);
  if (!opened) return ill("model", opened.error());
  lm::Prompt asked;
  asked.messages = {{lm::Role::kSystem, "You are a knight."}, {lm::Role::kPlayer, "Good day."}};
  Deaf deaf;
  const auto said = opened->model->generate(
      asked, {.max_tokens = 8, .seed = 1, .stop = {}, .deadline = clock.steady() + kPatience}, deaf,
      {});
  if (!said) return ill("model", said.error());
  const double seconds = std::chrono::duration<double>(said->total).count();
  const ModelSettings* chosen = settings.chosen_model();
  std::error_code none;  // a service has no size
  const auto size = fs::file_size(settings.model_file(), none);
  std::string detail = fmt::format("{} ({})", opened->model->name(),
                                   chosen == nullptr ? settings.find("model").value : chosen->name);
  if (!none) detail += fmt::format(", {:.0f} MiB", static_cast<double>(size) / (1024 * 1024));
  detail +=
      fmt::format(", context {}, answers in {:.2f} s", opened->model->context_size(), seconds);
  return {.what = "model", .detail = std::move(detail)};
}

// Of the list `models:`.
void look_at_listed_models(const Settings& settings, std::vector<Symptom>& symptoms) {
  const SystemClock clock;
  for (auto& report : look_at_models(settings, clock)) {
    symptoms.push_back({.what = std::move(report.name),
                        .health = report.answers ? Health::kWell : Health::kIll,
                        .detail = std::move(report.detail)});
  }
}

Symptom look_at_embeddings(const Settings& settings) {
  const SystemClock clock;
  const auto opened = open_embedder(settings, clock);
  if (!opened) return ill("embeddings", opened.error());
  if (*opened == nullptr) return {.what = "embeddings", .detail = "off"};
  const SteadyTime began = clock.steady();
  const std::vector<std::string> texts = {"Good day."};
  const auto vectors = (*opened)->embed(texts, {});
  if (!vectors) return ill("embeddings", vectors.error());
  const double seconds = std::chrono::duration<double>(clock.steady() - began).count();
  return {.what = "embeddings",
          .detail = fmt::format("{} ({}), vectors of {} numbers, the first in {:.2f} s",
                                (*opened)->name(), settings.find("embeddings").value,
                                vectors->front().size(), seconds)};
}

Symptom look_at_cast(const Settings& settings) {
  const fs::path folder = settings.path("cast");
  const auto cast = persona::load_cast(folder);
  if (!cast) return ill("cast", cast.error());
  return {.what = "cast",
          .health = cast->members.empty() ? Health::kIll : Health::kWell,
          .detail = fmt::format("{}: {} characters in {} worlds", folder.string(),
                                cast->members.size(), cast->worlds.size())};
}

// Whether a file can be made at `path`, which is not there.
Symptom look_at_place(const fs::path& path) {
  std::error_code none;
  fs::path folder = fs::absolute(path).parent_path();
  while (!fs::exists(folder, none) && folder != folder.root_path()) folder = folder.parent_path();
  if (access(folder.c_str(), W_OK | X_OK) == 0)
    return {.what = "database", .detail = path.string() + ": not yet there; it can be made"};
  return ill("database", {ErrorCode::kUnavailable,
                          fmt::format("{}: cannot be made, since {} is not writable. Name another "
                                      "place with --database.",
                                      path.string(), folder.string())});
}

// Looks without making anything: a database comes into being with the first talk.
Symptom look_at_database(const Settings& settings) {
  const std::string setting = database_address(settings);
  const auto address = store::parse_address(setting);
  if (!address) return ill("database", address.error());
  const fs::path& path = address->path;
  std::error_code none;
  if (address->kind == store::Kind::kSqlite && !fs::exists(path, none)) return look_at_place(path);
  if (address->kind == store::Kind::kSqlite && access(path.c_str(), W_OK) != 0) {
    return ill("database",
               {ErrorCode::kUnavailable,
                path.string() + ": is not writable. Mend its permissions, or name another "
                                "place with --database."});
  }
  const auto database = store::open(setting);
  if (!database) return ill("database", database.error());
  dialogue::Store& store = (*database)->conversations();
  const auto users = store.list_users();
  const auto npcs = store.list_npcs();
  if (!users) return ill("database", users.error());
  if (!npcs) return ill("database", npcs.error());
  return {.what = "database",
          .detail =
              fmt::format("{}: {} players, {} NPCs", address->shown, users->size(), npcs->size())};
}

std::string_view print(Health health) {
  if (health == Health::kWell) return "well";
  return health == Health::kPoor ? "poor" : "ill";
}

void print_json_report(const std::vector<Symptom>& symptoms, const Settings& settings, bool well) {
  text::JsonArray looked, settled;
  for (const auto& symptom : symptoms) {
    looked.push_back(text::JsonObject{{"what", symptom.what},
                                      {"health", print(symptom.health)},
                                      {"detail", text::printable(symptom.detail)}});
  }
  for (const auto& row : setting_rows()) {
    const Settled& setting = settings.find(row.key);
    settled.push_back(
        text::JsonObject{{"key", row.key}, {"value", setting.value}, {"from", setting.place}});
  }
  fmt::print("{}\n", text::print_json(text::JsonObject{
                         {"well", well}, {"symptoms", looked}, {"settings", settled}}));
}

void print_report(const std::vector<Symptom>& symptoms, const Settings& settings, bool well) {
  for (const auto& symptom : symptoms) {
    fmt::print("{:<5} {:<10} {}\n", print(symptom.health), symptom.what,
               text::printable(symptom.detail));
  }
  fmt::print("\nsettings\n");
  for (const auto& row : setting_rows()) {
    const Settled& setting = settings.find(row.key);
    fmt::print("  {:<23} {:<40} {}\n", row.key,
               setting.value.empty() ? "-" : text::printable(setting.value), setting.place);
  }
  fmt::print("\n{}\n", well ? "All is well." : "Not all is well: see what is ill above.");
}

}  // namespace

int run_doctor(const Settings& settings, Output output) {
  prepare_memory(settings);
  std::vector<Symptom> symptoms{look_at_processor(),          look_at_cores(settings),
                                look_at_memory(settings),     look_at_model(settings),
                                look_at_embeddings(settings), look_at_cast(settings),
                                look_at_database(settings)};
  look_at_listed_models(settings, symptoms);
  const bool well = std::none_of(symptoms.begin(), symptoms.end(),
                                 [](const Symptom& one) { return one.health == Health::kIll; });
  output == Output::kJson ? print_json_report(symptoms, settings, well)
                          : print_report(symptoms, settings, well);
  return well ? 0 : 1;
}

}  // namespace dramatis::app
