// The list `models:` of dramatis.yaml -> models by name, each checked as far as it can be without
// opening it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/yaml.h"

namespace dramatis::app {

// What may be spent on a day; nothing: as much as anybody likes.
struct DayLimit {
  std::optional<std::int64_t> tokens{};
  std::optional<double> money{};

  friend bool operator==(const DayLimit&, const DayLimit&) = default;
};

// A place elsewhere that answers for a model.
struct ServiceSettings {
  std::string address;               // as remote::parse_service takes it
  std::string model{};               // as the service names it; empty: after the address's #
  std::string key_variable{};        // the environment variable with the key
  std::filesystem::path key_file{};  // or the file
  double weight = 1;                 // its share of requests
  std::int64_t at_once = 8;          // requests under way at most
  std::int64_t context = 8192;       // tokens that it holds
  std::string form = "plain";        // of the text, under completions and kobold
  bool streams = true;               // off: it answers whole
  bool samplers = false;             // on: it knows top_k, min_p and repeat_penalty
  std::string max_tokens_field = "max_tokens";
  double connect_seconds = 5;
  double first_word_seconds = 30;
  double idle_seconds = 30;
  double price_prompt = 0;  // of 1,000 tokens
  double price_reply = 0;
};

// A model of the list: a file of this process, or services.
struct ModelSettings {
  std::string name;
  std::string place{};           // "/home/ada/dramatis.yaml:7"
  std::filesystem::path file{};  // a GGUF file or a Hugging Face folder
  std::vector<ServiceSettings> services{};
  std::string falls_back_to{};  // a model with a file; empty: nobody speaks instead
  double total_seconds = 120;   // for a reply
  DayLimit per_key{};
  DayLimit together{};
};

// Relative paths start at the folder of `file`. Errors: kInvalidArgument with file and line for a
// field that nobody knows, with the nearest that exists; for a value out of its range; for a model
// with neither file nor services or with both, a name twice, a fallback that is none.
[[nodiscard]] Result<std::vector<ModelSettings>> parse_models(const text::YamlNode& list,
                                                              const std::filesystem::path& file);

// The one of this name; null where there is none.
[[nodiscard]] const ModelSettings* find_model(const std::vector<ModelSettings>& models,
                                              std::string_view name);

}  // namespace dramatis::app
