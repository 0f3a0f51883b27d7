// An engine's adapters behind their port.
#pragma once

#include "engine/engine.h"
#include "lm/adapter_keeper.h"

namespace dramatis::engine {

// Thread-safe, as the engine is.
class AdapterDoor final : public lm::AdapterKeeper {
 public:
  // `engine` outlives it.
  explicit AdapterDoor(Engine& engine) : engine_(engine) {}

  [[nodiscard]] std::vector<lm::LoadedAdapter> list_adapters() const override {
    return engine_.adapters().list();
  }
  [[nodiscard]] Result<std::string> base_of(const std::filesystem::path& path) const override;
  [[nodiscard]] Result<lm::LoadedAdapter> judge_adapter(
      const std::filesystem::path& path) const override {
    return engine_.adapters().judge(path);
  }
  [[nodiscard]] Result<lm::LoadedAdapter> load_adapter(const std::string& name,
                                                       const std::filesystem::path& path) override;
  [[nodiscard]] Status unload_adapter(std::string_view name) override {
    return engine_.unload_adapter(name);
  }

 private:
  Engine& engine_;
};

}  // namespace dramatis::engine
