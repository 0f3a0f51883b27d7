// Flags, variables, dramatis.yaml and defaults -> settled values.
#include "settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "base/check.h"
#include "base/files.h"
#include "names.h"
#include "text/limits.h"
#include "text/yaml.h"

namespace dramatis::app {
namespace {

constexpr std::array kRows{
    SettingRow{
        "model", "",
        "A name of the list `models:`, a GGUF file, a Hugging Face folder, or a service such "
        "as http://localhost:8080/v1 or ollama:http://localhost:11434#llama3.2. Default: the "
        "first of that list, else models/hearth.gguf of Dramatis"},
    SettingRow{
        "model_name", "",
        "The name that such a service knows the model by, where the address has none after #"},
    SettingRow{"key_variable", "", "The environment variable that holds the service's key"},
    SettingRow{"key_file", "", "The file whose first line is the service's key"},
    SettingRow{
        "voice", "guided",
        "guided: a model trained on a cast speaks with its author's help; free: in its own words "
        "alone. Larger models always speak freely"},
    SettingRow{
        "adapters", "",
        "LoRA adapters for every reply of a GGUF model: GGUF files or PEFT folders, parted by "
        "commas, each with @ and a scale at will, such as brogue.gguf@0.5"},
    SettingRow{
        "adapters_folder", "",
        "The folder of the adapters that NPCs of the service may speak with, loaded while it "
        "runs. Default: $XDG_DATA_HOME/dramatis/adapters"},
    SettingRow{"adapters_size", "",
               "What such adapters may take of `ram`, such as 16M; three times as much is set "
               "aside for one that arrives. Default: what those of `adapters` need; without "
               "`ram`, 1 GiB"},
    SettingRow{
        "matcher", "",
        "What finds the authored lines nearest to a message. Default: models/matcher.safetensors "
        "of Dramatis; without it, shared words do"},
    SettingRow{"embeddings", "",
               "What makes vectors of texts: a Hugging Face folder of a BERT encoder, a GGUF file, "
               "or the address "
               "of an OpenAI-compatible service. Default: off"},
    SettingRow{"embeddings_name", "", "The name that such a service knows its model by"},
    SettingRow{"embeddings_key_variable", "",
               "The environment variable that holds that service's key"},
    SettingRow{"embeddings_key_file", "", "The file whose first line is that service's key"},
    SettingRow{"cast", "",
               "The folder of worlds and characters. Default: cast/ here, else that of "
               "Dramatis"},
    SettingRow{"database", "",
               "Where conversations are kept: a path, or postgresql://user@host/name with its "
               "password in PGPASSWORD or ~/.pgpass. Default: "
               "$XDG_DATA_HOME/dramatis/dramatis.sqlite"},
    SettingRow{"player", "", "Who talks in the terminal. Default: the login name"},
    SettingRow{"temperature", "0.6", "How boldly words are drawn, 0 to 5; 0: always the likeliest"},
    SettingRow{"max_tokens", "200", "The length at which a reply is cut, in tokens"},
    SettingRow{"history", "10", "Messages of both speakers that a character sees again"},
    SettingRow{"thoughts", "",
               "on or off: whether characters think before they speak. Default: as "
               "the sheet says"},
    SettingRow{"seed", "", "The same seed and words give the same reply. Default: drawn"},
    SettingRow{"threads", "0", "Threads that compute; 0: one for each core"},
    SettingRow{"ram", "",
               "Memory that the whole program keeps within, such as 200M or 2G. Default: what the "
               "model and 8000 tokens of talk need"},
    SettingRow{
        "warm", "",
        "The folder in which a model's work on characters outlasts the program, so that the "
        "next start need not do it again; off: none. Never holds what players said. Default: "
        "$XDG_CACHE_HOME/dramatis"},
    SettingRow{"warm_size", "48M", "What that folder may take for each model, such as 48M"},
    SettingRow{"host", "127.0.0.1", "The address on which the service listens"},
    SettingRow{"port", "8077", "The port on which the service listens; 0: any that is free"},
    SettingRow{
        "listen_compat", "",
        "Listens as well where clients look for others, parted by commas: ollama (port 11434), "
        "kobold (5001), webui (5000). Default: nowhere else"},
    SettingRow{
        "serve_key_file", "",
        "The file whose first line is an owner's key, beside those of the database. Default: "
        "none"},
    SettingRow{"keys", "",
               "on: callers need a key, and an owner's is made and shown at the first start. "
               "Default: on where strangers can call, off on loopback while there is none"},
    SettingRow{
        "names", "",
        "The names by which the service is called, parted by commas, beside its addresses in "
        "numbers; *: any"},
    SettingRow{"origins", "",
               "The sites whose pages may call, parted by commas, such as https://play.example. "
               "Default: the service's own alone"},
    SettingRow{"metrics", "owner",
               "Who may read /metrics where keys are asked for: owner, or anybody"},
    SettingRow{
        "log", "warn",
        "What is written to standard error, a line of JSON each: debug, info (each request), "
        "warn or error"},
    SettingRow{"turn_seconds", "120",
               "How long a reply may take, from its request to its last word"},
    SettingRow{"runs", "build/runs",
               "The folder of training runs that the service's page shows: where `dramatis train` "
               "keeps them"},
    SettingRow{
        "datasets", "",
        "The folder in which `dramatis dataset` keeps what it makes, and whose exchanges the "
        "service's page shows. Default: $XDG_DATA_HOME/dramatis/datasets"},
};

// The one key whose value is a list.
constexpr std::string_view kModels = "models";

template <class T>
std::optional<T> parse_whole(std::string_view text) {
  T value{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_known(std::string_view key) {
  return std::any_of(kRows.begin(), kRows.end(),
                     [key](const SettingRow& row) { return row.key == key; });
}

tl::unexpected<Error> unknown_key(const std::filesystem::path& file, const text::YamlNode& key) {
  std::vector<std::string> keys;
  for (const auto& row : kRows) keys.emplace_back(row.key);
  keys.emplace_back(kModels);
  const auto nearest = nearest_names(key.scalar, keys, 1);
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{}:{}: there is no setting '{}'{}.", file.string(), key.line, key.scalar,
                          nearest.empty() ? "; docs/settings.md lists them"
                                          : fmt::format("; did you mean '{}'?", nearest.front())));
}

// What stands in dramatis.yaml.
struct InFile {
  std::map<std::string, Settled, std::less<>> values{};  // each with its line
  std::vector<ModelSettings> models{};
};

Result<InFile> read_settings(const std::filesystem::path& file) {
  DRAMATIS_TRY(const auto document, read_text_file(file, text::kMaxYamlBytes));
  auto parsed = text::parse_yaml(document);
  if (!parsed) return fail(parsed.error().code, file.string() + ": " + parsed.error().what);
  InFile read;
  if (parsed->kind == text::YamlNode::Kind::kNull) return read;
  if (parsed->kind != text::YamlNode::Kind::kMap) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("{}:{}: settings are lines of `key: value`.", file.string(), parsed->line));
  }
  for (const auto& [key, value] : parsed->members) {
    if (key.scalar != kModels && !is_known(key.scalar)) return unknown_key(file, key);
    if (value.kind == text::YamlNode::Kind::kNull) continue;
    if (key.scalar == kModels) {
      DRAMATIS_TRY(read.models, parse_models(value, file));
      continue;
    }
    if (value.kind != text::YamlNode::Kind::kScalar) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{}:{}: '{}' takes one value, not a list or a map.", file.string(),
                              value.line, key.scalar));
    }
    read.values[key.scalar] = {.value = value.scalar,
                               .from = From::kFile,
                               .place = fmt::format("{}:{}", file.string(), key.line)};
  }
  return read;
}

}  // namespace

std::span<const SettingRow> setting_rows() {
  return kRows;
}

std::string variable_of(std::string_view key) {
  std::string name = "DRAMATIS_";
  for (const char letter : key) {
    name += letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  }
  return name;
}

std::string flag_of(std::string_view key) {
  std::string name = "--" + std::string(key);
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

Result<Settings> Settings::settle(const Sources& sources) {
  Settings settings;
  InFile in_file;
  if (!sources.file.empty()) {
    DRAMATIS_TRY(in_file, read_settings(sources.file));
    settings.models_ = std::move(in_file.models);
    settings.folder_ = sources.file.parent_path();
  }
  for (const auto& row : kRows) {
    const std::string key(row.key);
    Settled settled{.value = std::string(row.fallback), .place = "default"};
    if (const auto found = sources.defaults.find(key); found != sources.defaults.end()) {
      settled.value = found->second;
    }
    if (const auto found = in_file.values.find(key); found != in_file.values.end())
      settled = found->second;
    const auto spoken = sources.variable ? sources.variable(variable_of(key)) : std::nullopt;
    // An empty variable is how a shell says that there is none.
    if (spoken && !spoken->empty()) {
      settled = {.value = *spoken, .from = From::kVariable, .place = variable_of(key)};
    }
    if (const auto found = sources.flags.find(key); found != sources.flags.end()) {
      settled = {.value = found->second, .from = From::kFlag, .place = flag_of(key)};
    }
    settings.values_[key] = std::move(settled);
  }
  return settings;
}

const Settled& Settings::find(std::string_view key) const& {
  const auto found = values_.find(key);
  DRAMATIS_CHECK(found != values_.end());
  return found->second;
}

Result<double> Settings::number(std::string_view key, double least, double most) const {
  const Settled& settled = find(key);
  const auto value = parse_whole<double>(settled.value);
  if (!value || !std::isfinite(*value) || *value < least || *value > most) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: '{}' is '{}'; it takes a number from {} to {}.", settled.place,
                            key, settled.value, least, most));
  }
  return *value;
}

Result<std::int64_t> Settings::integer(std::string_view key, std::int64_t least,
                                       std::int64_t most) const {
  const Settled& settled = find(key);
  const auto value = parse_whole<std::int64_t>(settled.value);
  if (!value || *value < least || *value > most) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: '{}' is '{}'; it takes a whole number from {} to {}.",
                            settled.place, key, settled.value, least, most));
  }
  return *value;
}

Result<std::optional<bool>> Settings::on_off(std::string_view key) const {
  const Settled& settled = find(key);
  if (settled.value.empty()) return std::optional<bool>{};
  for (const std::string_view yes : {"on", "true", "yes", "1"}) {
    if (settled.value == yes) return std::optional<bool>{true};
  }
  for (const std::string_view no : {"off", "false", "no", "0"}) {
    if (settled.value == no) return std::optional<bool>{false};
  }
  return fail(ErrorCode::kInvalidArgument, fmt::format("{}: '{}' is '{}'; it takes on or off.",
                                                       settled.place, key, settled.value));
}

const ModelSettings* Settings::chosen_model() const& {
  const Settled& named = find("model");
  if (named.from == From::kDefault) return models_.empty() ? nullptr : &models_.front();
  return find_model(models_, named.value);
}

std::filesystem::path Settings::model_file() const {
  const ModelSettings* chosen = chosen_model();
  return chosen == nullptr ? path("model") : chosen->file;
}

std::filesystem::path Settings::path(std::string_view key) const {
  const Settled& settled = find(key);
  const std::filesystem::path value(settled.value);
  if (settled.from != From::kFile || value.empty() || value.is_absolute()) return value;
  return folder_ / value;
}

}  // namespace dramatis::app
