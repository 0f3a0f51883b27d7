// Flags, variables, dramatis.yaml and defaults -> one value for each setting, with the place that
// it came from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model_settings.h"

namespace dramatis::app {

// What can be set. DRAMATIS_<KEY> is its variable, --<key> with hyphens its flag.
struct SettingRow {
  std::string_view key;       // "max_tokens", as in dramatis.yaml
  std::string_view fallback;  // the default; empty: see `meaning`
  std::string_view meaning;   // for --help and docs/settings.md
};

// All settings, in the order in which people meet them.
[[nodiscard]] std::span<const SettingRow> setting_rows();
[[nodiscard]] std::string variable_of(std::string_view key);  // "DRAMATIS_MAX_TOKENS"
[[nodiscard]] std::string flag_of(std::string_view key);      // "--max-tokens"

// From the strongest to the weakest.
enum class From { kFlag, kVariable, kFile, kDefault };

struct Settled {
  std::string value;
  From from = From::kDefault;
  std::string place;  // "--model", "DRAMATIS_MODEL", "/home/ada/dramatis.yaml:3", "default"
};

// Where settings come from. A default that depends on the machine is given in `defaults`.
struct Sources {
  std::map<std::string, std::string, std::less<>> flags{};  // by key
  std::function<std::optional<std::string>(const std::string&)> variable{};
  std::filesystem::path file{};  // dramatis.yaml; empty: none
  std::map<std::string, std::string, std::less<>> defaults{};
};

// Immutable once settled.
class Settings {
 public:
  // Errors: kInvalidArgument with file and line for a key that nobody knows, with the nearest one
  // that exists, or for a value that is no scalar; those of read_text_file and parse_yaml.
  [[nodiscard]] static Result<Settings> settle(const Sources& sources);

  // Checked: the key is one of setting_rows().
  [[nodiscard]] const Settled& find(std::string_view key) const&;
  const Settled& find(std::string_view key) && = delete;

  // Values in their types. Errors: kInvalidArgument naming place, value and range.
  [[nodiscard]] Result<double> number(std::string_view key, double least, double most) const;
  [[nodiscard]] Result<std::int64_t> integer(std::string_view key, std::int64_t least,
                                             std::int64_t most) const;
  // on, off, or nothing where the value is empty.
  [[nodiscard]] Result<std::optional<bool>> on_off(std::string_view key) const;
  // The list `models:` of dramatis.yaml, which has no flag and no variable.
  [[nodiscard]] const std::vector<ModelSettings>& models() const& { return models_; }
  const std::vector<ModelSettings>& models() && = delete;
  // The one that the setting `model` names; null where it names a file or a service. Where nobody
  // set `model`, the first of the list.
  [[nodiscard]] const ModelSettings* chosen_model() const&;
  const ModelSettings* chosen_model() && = delete;
  // The file of the model that is asked; of no use where that is a service.
  [[nodiscard]] std::filesystem::path model_file() const;

  // A relative path of dramatis.yaml starts at the file's own folder.
  [[nodiscard]] std::filesystem::path path(std::string_view key) const;

 private:
  std::map<std::string, Settled, std::less<>> values_;
  std::vector<ModelSettings> models_;
  std::filesystem::path folder_;  // of dramatis.yaml
};

}  // namespace dramatis::app
