// The adapters that an engine has loaded, by name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/limits.h"
#include "lm/adapter_keeper.h"
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
  std::vector<lm::AdapterUsed> told{};  // the same, for whoever asks how a reply came about
  // Names, contents and scales in order: sequences with another key share no keys and values.
  std::string key{};
  // Owned by this choice and by the set that it was made from; whoever goes last frees it.
  std::vector<std::shared_ptr<const model::Adapter>> kept{};
};

// Immutable; thread-safe. A copy shares the adapters.
class Adapters {
 public:
  // For the model that its file calls `model`. Errors: those of Adapter::read, with the path;
  // kInvalidArgument for a name given twice; kOverBudget past kMaxAdapters or kMaxAdapterBytes,
  // before more are read.
  [[nodiscard]] static Result<Adapters> read(std::span<const AdapterFile> files,
                                             const model::ModelConfig& config,
                                             std::string_view model);
  // This set with one more, and this set without one. Errors: those of read, with at most `bytes`
  // for all together; kNotFound with the names that there are.
  [[nodiscard]] Result<Adapters> with(const AdapterFile& file, const model::ModelConfig& config,
                                      std::string_view model,
                                      std::size_t bytes = kMaxAdapterBytes) const;
  [[nodiscard]] Result<Adapters> without(std::string_view name) const;

  // Adapters whose authors name another model than this, as far as names tell: one of the same
  // shape computes, but not what was trained.
  [[nodiscard]] std::span<const std::string> warnings() const& { return warnings_; }
  std::span<const std::string> warnings() && = delete;

  // What the set of this one alone tells of it. Errors: those of with.
  [[nodiscard]] static Result<lm::LoadedAdapter> judge(const std::filesystem::path& path,
                                                       const model::ModelConfig& config,
                                                       std::string_view model);

  // Each, by name.
  [[nodiscard]] std::vector<lm::LoadedAdapter> list() const;
  // Of their numbers, in memory.
  [[nodiscard]] std::size_t bytes() const;
  // By name; empty where there is none.
  [[nodiscard]] std::shared_ptr<const model::Adapter> find(std::string_view name) const;
  // Errors: kNotFound with the names that there are; those of check_adapters.
  [[nodiscard]] Result<ChosenAdapters> choose(std::span<const lm::AdapterChoice> chosen,
                                              const model::ModelConfig& config) const;

 private:
  struct Loaded {
    std::shared_ptr<const model::Adapter> adapter;  // with the choices that have it
    std::uint64_t checksum;  // of its numbers: the file of a name may change while pages are kept
    std::size_t bytes;       // of its numbers
  };

  [[nodiscard]] tl::unexpected<Error> absent(std::string_view name) const;

  // With all sets that have it: an adapter itself is counted once for them, and once for each
  // reply.
  std::map<std::string, std::shared_ptr<const Loaded>, std::less<>> by_name_;
  std::vector<std::string> warnings_;
};

}  // namespace dramatis::engine
