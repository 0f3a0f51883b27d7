// The port to adapters that come and go while a model speaks: files in, names that prompts may
// choose out. engine/ implements it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dramatis::lm {

// One that prompts may choose.
struct LoadedAdapter {
  std::string name{};
  std::string base{};      // the model it was trained on, as its author named it; may be empty
  std::string checksum{};  // of its numbers, as AdapterUsed has it
  std::size_t bytes = 0;   // in memory
  bool speaks = false;     // a reply is being made with it
  bool for_all = false;    // prompts that choose none get it; it stays
  std::vector<std::string> odd{};  // what its owner should know: trained on another model, it seems
};

// Thread-safe. A reply keeps the adapters that it began with until its end.
class AdapterKeeper {
 public:
  AdapterKeeper() = default;
  AdapterKeeper(const AdapterKeeper&) = delete;
  AdapterKeeper& operator=(const AdapterKeeper&) = delete;
  virtual ~AdapterKeeper() = default;

  // Those that are loaded, by name.
  [[nodiscard]] virtual std::vector<LoadedAdapter> list_adapters() const = 0;
  // What the file or folder at `path` says it was trained on; may be empty. Its numbers are not
  // judged. Errors: those of its format.
  [[nodiscard]] virtual Result<std::string> base_of(const std::filesystem::path& path) const = 0;
  // Reads it as load_adapter does, and keeps nothing. Errors: the same, but for room.
  [[nodiscard]] virtual Result<LoadedAdapter> judge_adapter(
      const std::filesystem::path& path) const = 0;
  // Prompts may choose it under `name` from now on, in place of one that had the name. Errors:
  // kNotFound, kCorrupt, kUnsupported and kInvalidArgument of the file; kConflict where the one of
  // that name is for all; kOverBudget where there is no room.
  [[nodiscard]] virtual Result<LoadedAdapter> load_adapter(const std::string& name,
                                                           const std::filesystem::path& path) = 0;
  // Prompts may no longer choose it. Errors: kNotFound; kConflict where it is for all.
  [[nodiscard]] virtual Status unload_adapter(std::string_view name) = 0;
};

}  // namespace dramatis::lm
