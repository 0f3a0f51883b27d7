// A folder of LoRA files and the models that take them: what lies there, what is loaded, who uses
// it.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "dialogue/store.h"
#include "lm/adapter_keeper.h"
#include "lm/language_model.h"

namespace dramatis::server {

// Letters, digits, hyphens, underscores and full stops, the first of them no full stop: nothing
// else is ever a path. Errors: kInvalidArgument.
[[nodiscard]] Status judge_adapter_name(std::string_view name);

// An adapter by its name: a file, what models have of it, or both.
struct AdapterShown {
  std::string name{};
  std::string form{};  // "gguf", or "peft" for a folder; empty: there is no file
  std::uintmax_t file_bytes = 0;
  std::string base{};   // the model it was trained on, as its author named it; may be empty
  std::string fault{};  // why the file cannot be read; empty: nobody found anything

  struct Loaded {
    std::string model{};
    lm::LoadedAdapter as{};
  };
  std::vector<Loaded> loaded{};
  std::vector<NpcId> npcs{};  // whose settings name it
};

// Thread-safe.
class AdapterDesk {
 public:
  struct Model {
    std::string name{};
    lm::AdapterKeeper* keeper = nullptr;  // null: it runs elsewhere and takes no adapters
  };

  // Adapters are NAME.gguf or PEFT's folder NAME right below `folder`, which need not exist. The
  // first model is for whoever names none. What it is given outlives it.
  AdapterDesk(std::filesystem::path folder, std::vector<Model> models, const dialogue::Store& store)
      : folder_(std::move(folder)), models_(std::move(models)), store_(store) {}

  // By name.
  [[nodiscard]] Result<std::vector<AdapterShown>> list() const;
  // The file of that name for `model`, in place of what it had of it; replies under way keep what
  // they began with. Errors: kNotFound; kUnsupported where the file is damaged or for another
  // model; kConflict; kOverBudget.
  [[nodiscard]] Result<AdapterShown> load(const std::string& name, std::string_view model);
  // From every model. Errors: kNotFound; kConflict where an NPC uses it or a reply is made with it.
  [[nodiscard]] Status unload(std::string_view name);
  // Writes the file NAME.gguf once `model` could compute with it; nothing is loaded. Errors:
  // kInvalidArgument where `bytes` are no adapter, kUnsupported where they are for another model;
  // kConflict where a folder has the name; kOverBudget, kUnavailable.
  [[nodiscard]] Result<AdapterShown> put(const std::string& name, std::string_view model,
                                         std::string_view bytes);
  // Whether `model` has all of them loaded, so that an NPC may speak with them. Errors:
  // kUnsupported naming those that it has; kInvalidArgument where there is no such model.
  [[nodiscard]] Status judge(std::span<const lm::AdapterChoice> chosen,
                             std::string_view model) const;
  // Loads what NPCs use and no model has. Gives what could not be, a sentence each.
  [[nodiscard]] std::vector<std::string> load_used();

 private:
  using Files = std::map<std::string, std::filesystem::path, std::less<>>;

  [[nodiscard]] Files files() const;
  [[nodiscard]] Result<std::filesystem::path> find(std::string_view name) const;
  [[nodiscard]] Result<const Model*> taker(std::string_view model) const;
  [[nodiscard]] AdapterShown look_at(const std::string& name, const Files& files,
                                     const std::vector<dialogue::Npc>& npcs) const;
  [[nodiscard]] Result<AdapterShown> show(const std::string& name) const;

  const std::filesystem::path folder_;
  const std::vector<Model> models_;
  const dialogue::Store& store_;
  std::mutex changing_;  // one change at a time
};

}  // namespace dramatis::server
