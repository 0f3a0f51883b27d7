// Names -> files of one folder; the models' own words about them, without the folder's place.
#include "server/adapter_desk.h"

#include <algorithm>
#include <span>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/files.h"
#include "server/limits.h"
#include "text/utf8.h"
#include "text/utterance.h"

namespace dramatis::server {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = ".gguf";
constexpr std::string_view kPeftConfig = "adapter_config.json";
// Of those that there are, in a sentence.
constexpr std::size_t kNamesShown = 20;

// `error` with the file's name in place of its path.
Error without_path(Error error, const fs::path& path, std::string_view name) {
  const std::string whole = path.string();
  for (std::size_t at = error.what.find(whole); at != std::string::npos;
       at = error.what.find(whole, at + name.size())) {
    error.what.replace(at, whole.size(), name);
  }
  error.what = text::printable(error.what);
  return error;
}

// What is wrong with a file says its reader; `broken` is the code for bytes that are no adapter.
Error fault_of(Error error, ErrorCode broken, const fs::path& path, std::string_view name) {
  Error told = without_path(std::move(error), path, name);
  if (told.code == ErrorCode::kCorrupt || told.code == ErrorCode::kNotFound ||
      told.code == ErrorCode::kInvalidArgument)
    told.code = broken;
  if (told.code == ErrorCode::kOverBudget) {
    told.what +=
        " Unload one that nobody uses; under a promise of memory (ram) the setting adapters_size "
        "says what they may take.";
  }
  return told;
}

bool uses(const dialogue::Npc& npc, std::string_view adapter) {
  return std::ranges::any_of(npc.settings.adapters,
                             [adapter](const auto& choice) { return choice.name == adapter; });
}

std::uintmax_t size_of(const fs::path& path) {
  std::error_code unknown;  // what cannot be looked at has no size to show
  if (!fs::is_directory(path, unknown)) {
    const auto bytes = fs::file_size(path, unknown);
    return unknown ? 0 : bytes;
  }
  const auto bytes = fs::file_size(path / "adapter_model.safetensors", unknown);
  return unknown ? 0 : bytes;
}

}  // namespace

Status judge_adapter_name(std::string_view name) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  if (!name.empty() && name.size() <= kMaxAdapterNameBytes && name.front() != '.' &&
      std::ranges::all_of(name, is_letter) && !name.ends_with(kEnding))
    return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("An adapter's name has 1 to {} letters, digits, '-', '_' and '.', begins "
                          "with no '.', and leaves the ending .gguf away.",
                          kMaxAdapterNameBytes));
}

AdapterDesk::Files AdapterDesk::files() const {
  Files found;
  std::error_code failed;  // a folder that is not there has no files
  for (fs::directory_iterator at(folder_, failed), end; !failed && at != end;
       at.increment(failed)) {
    if (found.size() >= kMaxAdapterFiles) break;
    std::error_code unknown;  // what cannot be looked at is no adapter
    const fs::path& path = at->path();
    const bool is_file = path.extension() == kEnding && fs::is_regular_file(path, unknown);
    const bool is_folder = !is_file && fs::is_regular_file(path / kPeftConfig, unknown);
    if (!is_file && !is_folder) continue;
    std::string name = (is_file ? path.stem() : path.filename()).string();
    if (!judge_adapter_name(name)) continue;
    // A file goes before a folder of its name.
    if (is_file) {
      found.insert_or_assign(std::move(name), path);
    } else {
      found.emplace(std::move(name), path);
    }
  }
  return found;
}

Result<fs::path> AdapterDesk::find(std::string_view name) const {
  const bool possible = judge_adapter_name(name).has_value();
  const auto all = files();
  const auto found = possible ? all.find(name) : all.end();
  if (found != all.end()) return found->second;
  std::vector<std::string_view> names;
  for (const auto& [known, path] : all) names.push_back(known);
  if (names.size() > kNamesShown) names.resize(kNamesShown);
  return fail(ErrorCode::kNotFound,
              fmt::format("The service's folder of adapters has no {}; it has: {}. PUT "
                          "/v1/adapters/NAME brings one.",
                          possible ? name : std::string_view("adapter of such a name"),
                          names.empty() ? "none" : fmt::to_string(fmt::join(names, ", "))));
}

Result<const AdapterDesk::Model*> AdapterDesk::taker(std::string_view model) const {
  std::vector<std::string_view> takers;
  for (const auto& one : models_) {
    if (one.keeper != nullptr) takers.push_back(one.name);
  }
  const auto found =
      model.empty() ? models_.begin() : std::ranges::find(models_, model, &Model::name);
  if (found != models_.end() && found->keeper != nullptr) return &*found;
  if (found == models_.end() && !model.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("model: there is no such model; adapters are taken by: {}.",
                            takers.empty() ? "none" : fmt::to_string(fmt::join(takers, ", "))));
  }
  return fail(ErrorCode::kUnsupported,
              fmt::format("This model is computed elsewhere and takes no adapters; those that do: "
                          "{}. Serve a GGUF file, or name its model.",
                          takers.empty() ? "none" : fmt::to_string(fmt::join(takers, ", "))));
}

AdapterShown AdapterDesk::look_at(const std::string& name, const Files& files,
                                  const std::vector<dialogue::Npc>& npcs) const {
  AdapterShown shown{.name = name};
  for (const auto& model : models_) {
    if (model.keeper == nullptr) continue;
    for (auto& one : model.keeper->list_adapters()) {
      if (one.name == name) shown.loaded.push_back({.model = model.name, .as = std::move(one)});
    }
  }
  if (!shown.loaded.empty()) shown.base = shown.loaded.front().as.base;
  if (const auto found = files.find(name); found != files.end()) {
    const fs::path& path = found->second;
    shown.form = path.extension() == kEnding ? "gguf" : "peft";
    shown.file_bytes = size_of(path);
    const auto reader =
        std::ranges::find_if(models_, [](const Model& model) { return model.keeper != nullptr; });
    if (reader != models_.end()) {
      auto base = reader->keeper->base_of(path);
      if (base) shown.base = text::printable(*base);
      if (!base) shown.fault = without_path(std::move(base).error(), path, name).what;
    }
  }
  for (const auto& npc : npcs) {
    if (uses(npc, name)) shown.npcs.push_back(npc.id);
  }
  return shown;
}

Result<AdapterShown> AdapterDesk::show(const std::string& name) const {
  DRAMATIS_TRY(const auto npcs, store_.list_npcs());
  return look_at(name, files(), npcs);
}

Result<std::vector<AdapterShown>> AdapterDesk::list() const {
  DRAMATIS_TRY(const auto npcs, store_.list_npcs());
  const Files all = files();
  std::map<std::string, bool, std::less<>> names;
  for (const auto& [name, path] : all) names.emplace(name, true);
  for (const auto& model : models_) {
    if (model.keeper == nullptr) continue;
    for (const auto& one : model.keeper->list_adapters()) names.emplace(one.name, true);
  }
  std::vector<AdapterShown> shown;
  for (const auto& [name, is_there] : names) shown.push_back(look_at(name, all, npcs));
  return shown;
}

Result<AdapterShown> AdapterDesk::load(const std::string& name, std::string_view model) {
  const std::lock_guard lock(changing_);
  DRAMATIS_TRY(const auto path, find(name));
  DRAMATIS_TRY(const auto* const to, taker(model));
  const auto loaded = to->keeper->load_adapter(name, path);
  if (!loaded) return tl::unexpected(fault_of(loaded.error(), ErrorCode::kUnsupported, path, name));
  DRAMATIS_TRY(auto shown, show(name));
  for (auto& one : shown.loaded) {
    if (one.model == to->name) one.as.odd = loaded->odd;
  }
  return shown;
}

Status AdapterDesk::unload(std::string_view name) {
  const std::lock_guard lock(changing_);
  DRAMATIS_TRY(const auto shown, show(std::string(name)));
  if (shown.loaded.empty()) {
    return fail(ErrorCode::kNotFound,
                "No adapter of this name is loaded; GET /v1/adapters lists them.");
  }
  if (!shown.npcs.empty()) {
    std::vector<std::string> users;
    for (const NpcId id : shown.npcs) users.push_back(print_id(id));
    const std::size_t all = users.size();
    if (all > 5) users.resize(5);
    return fail(ErrorCode::kConflict,
                fmt::format("{} NPC{} with the adapter {}: {}{}. Give them others first (PATCH "
                            "/v1/npcs/{{npc}}, adapters).",
                            all, all == 1 ? " speaks" : "s speak", name, fmt::join(users, ", "),
                            all > users.size() ? " and others" : ""));
  }
  for (const auto& [model, as] : shown.loaded) {
    if (!as.speaks) continue;
    return fail(ErrorCode::kConflict,
                fmt::format("A reply is being made with the adapter {}; ask again when it has "
                            "ended.",
                            name));
  }
  for (const auto& [model, as] : shown.loaded) {
    DRAMATIS_TRY(const auto* const from, taker(model));
    DRAMATIS_DO(from->keeper->unload_adapter(name));
  }
  return {};
}

Result<AdapterShown> AdapterDesk::put(const std::string& name, std::string_view model,
                                      std::string_view bytes) {
  DRAMATIS_DO(judge_adapter_name(name));
  const std::lock_guard lock(changing_);
  DRAMATIS_TRY(const auto* const to, taker(model));
  const Files all = files();
  const auto old = all.find(name);
  if (old != all.end() && old->second.extension() != kEnding) {
    return fail(ErrorCode::kConflict,
                fmt::format("A folder of PEFT's has the name {}; take another.", name));
  }
  if (old == all.end() && all.size() >= kMaxAdapterFiles) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("The folder of adapters has {} files, and takes no more. Remove some.",
                            all.size()));
  }
  std::error_code failed;
  fs::create_directories(folder_, failed);
  if (failed) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("{} cannot be made: {}.", folder_.string(), failed.message()));
  }
  // Beside its place under a name that no adapter has, until it is known to be one.
  const fs::path arrived = folder_ / fmt::format(".{}.arrived", name);
  DRAMATIS_DO(write_file(arrived, std::as_bytes(std::span(bytes))));
  if (const auto judged = to->keeper->judge_adapter(arrived); !judged) {
    fs::remove(arrived, failed);
    return tl::unexpected(
        fault_of(judged.error(), ErrorCode::kInvalidArgument, arrived, "The body"));
  }
  fs::rename(arrived, folder_ / fmt::format("{}{}", name, kEnding), failed);
  if (failed) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("{} cannot be written: {}.", folder_.string(), failed.message()));
  }
  return show(name);
}

Status AdapterDesk::judge(std::span<const lm::AdapterChoice> chosen, std::string_view model) const {
  if (chosen.empty()) return {};
  DRAMATIS_TRY(const auto* const speaker, taker(model));
  const auto loaded = speaker->keeper->list_adapters();
  for (const auto& choice : chosen) {
    const auto found = std::ranges::find(loaded, choice.name, &lm::LoadedAdapter::name);
    if (found != loaded.end()) continue;
    std::vector<std::string_view> names;
    for (const auto& one : loaded) names.push_back(one.name);
    if (names.size() > kNamesShown) names.resize(kNamesShown);
    return fail(
        ErrorCode::kUnsupported,
        fmt::format("adapters: {} has none loaded that is named {}; it has: {}. POST /v1/adapters "
                    "loads one.",
                    speaker->name, text::printable(text::cut_at(choice.name, kMaxAdapterNameBytes)),
                    names.empty() ? "none" : fmt::to_string(fmt::join(names, ", "))));
  }
  return {};
}

std::vector<std::string> AdapterDesk::load_used() {
  const auto npcs = store_.list_npcs();
  if (!npcs) return {npcs.error().what};
  std::vector<std::string> troubles;
  std::map<std::pair<std::string, std::string>, bool> tried;  // model and adapter
  for (const auto& npc : *npcs) {
    for (const auto& choice : npc.settings.adapters) {
      if (!tried.emplace(std::pair(npc.settings.model, choice.name), true).second) continue;
      const auto to = taker(npc.settings.model);
      if (!to) continue;  // a turn will say so
      const auto has = (*to)->keeper->list_adapters();
      if (std::ranges::find(has, choice.name, &lm::LoadedAdapter::name) != has.end()) continue;
      const auto loaded = load(choice.name, npc.settings.model);
      if (loaded) continue;
      troubles.push_back(fmt::format("{} speaks with an adapter that could not be loaded: {}",
                                     print_id(npc.id), loaded.error().what));
    }
  }
  return troubles;
}

}  // namespace dramatis::server
