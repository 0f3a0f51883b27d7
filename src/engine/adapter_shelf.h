// The adapters of a running engine: they come and go while replies are written.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/adapters.h"
#include "lm/language_model.h"
#include "model/config.h"
#include "runtime/mutex.h"

namespace dramatis::engine {

// Thread-safe. A reply keeps what it chose at its beginning until its end.
class AdapterShelf {
 public:
  // For whom, and how much.
  struct Terms {
    const model::ModelConfig& config;           // the engine's model keeps it alive
    std::string model{};                        // as its file calls it; may be empty
    std::vector<lm::AdapterChoice> for_all{};   // for prompts that choose none
    std::size_t most_bytes = kMaxAdapterBytes;  // of all, those included that replies still use
  };

  AdapterShelf(Adapters first, Terms terms);

  // Of the ones that it began with.
  [[nodiscard]] std::span<const std::string> warnings() const& { return warnings_; }
  std::span<const std::string> warnings() && = delete;

  // Errors: those of Adapters::choose.
  [[nodiscard]] Result<ChosenAdapters> choose(std::span<const lm::AdapterChoice> chosen) const;
  // Prompts may choose it from now on. Gives what is odd about it. Errors: those of Adapters::with.
  [[nodiscard]] Result<std::vector<std::string>> load(const AdapterFile& file);
  // The same in place of the one of that name, if there is one: both are in memory for a moment.
  // Errors: the same; kConflict where that one serves the prompts that choose none.
  [[nodiscard]] Result<std::vector<std::string>> put(const AdapterFile& file);
  // Prompts may no longer choose it. Errors: kNotFound; kConflict for one that serves the prompts
  // that choose none.
  [[nodiscard]] Status unload(std::string_view name);
  // Those that prompts may choose, by name.
  [[nodiscard]] std::vector<lm::LoadedAdapter> list() const;
  // One that was read and is not kept. Errors: those of Adapters::with.
  [[nodiscard]] Result<lm::LoadedAdapter> judge(const std::filesystem::path& path) const {
    return Adapters::judge(path, terms_.config, terms_.model);
  }

 private:
  [[nodiscard]] std::shared_ptr<const Adapters> now() const;
  void show(Adapters next);
  [[nodiscard]] bool is_for_all(std::string_view name) const;
  [[nodiscard]] std::size_t bytes_in_use() DRAMATIS_REQUIRES(changing_);

  // One that was unloaded, until the last reply with it ends.
  struct Leaving {
    std::weak_ptr<const model::Adapter> adapter;
    std::size_t bytes;
  };

  const Terms terms_;
  const std::vector<std::string> warnings_;
  runtime::Mutex changing_;  // one change at a time, files are read meanwhile
  std::vector<Leaving> leaving_ DRAMATIS_GUARDED_BY(changing_);
  mutable runtime::Mutex mutex_;
  // Shared with those who are just choosing; the last of them frees what was replaced.
  std::shared_ptr<const Adapters> all_ DRAMATIS_GUARDED_BY(mutex_);
};

}  // namespace dramatis::engine
