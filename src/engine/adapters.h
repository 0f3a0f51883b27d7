// The adapters that an engine has loaded, by name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lm/language_model.h"
#include "model/adapter.h"
#include "model/config.h"

namespace dramatis::engine {

struct AdapterFile {
  std::string name;            // by which prompts choose it
  std::filesystem::path path;  // a GGUF file, or a folder of PEFT's
};

// What a prompt's adapters come to.
struct ChosenAdapters {
  std::vector<model::AdapterUse> uses{};
  // Names, contents and scales in order: sequences with another key share no keys and values.
  std::string key{};
};

// Immutable; thread-safe. What it gives refers to it.
class Adapters {
 public:
  // For the model that its file calls `model`. Errors: those of Adapter::read, with the path;
  // kInvalidArgument for a name given twice; kOverBudget past kMaxAdapters or kMaxAdapterBytes,
  // before more are read.
  [[nodiscard]] static Result<Adapters> read(std::span<const AdapterFile> files,
                                             const model::ModelConfig& config,
                                             std::string_view model);

  // Adapters whose authors name another model than this, as far as names tell: one of the same
  // shape computes, but not what was trained.
  [[nodiscard]] std::span<const std::string> warnings() const& { return warnings_; }
  std::span<const std::string> warnings() && = delete;

  // Of their numbers, in memory.
  [[nodiscard]] std::size_t bytes(const model::ModelConfig& config) const;
  // Errors: kNotFound with the names that there are; those of check_adapters.
  [[nodiscard]] Result<ChosenAdapters> choose(std::span<const lm::AdapterChoice> chosen,
                                              const model::ModelConfig& config) const;

 private:
  struct Loaded {
    model::Adapter adapter;
    std::uint64_t checksum;  // of its numbers: the file of a name may change while pages are kept
  };

  std::map<std::string, Loaded, std::less<>> by_name_;
  std::vector<std::string> warnings_;
};

}  // namespace dramatis::engine
