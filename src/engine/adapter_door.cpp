// Names and paths -> what the shelf takes.
#include "engine/adapter_door.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/files.h"
#include "formats/gguf.h"
#include "formats/limits.h"
#include "formats/peft.h"

namespace dramatis::engine {

Result<std::string> AdapterDoor::base_of(const std::filesystem::path& path) const {
  std::error_code ignored;  // what cannot be looked at is reported when it is read
  if (std::filesystem::is_directory(path, ignored)) {
    DRAMATIS_TRY(const auto json,
                 read_text_file(path / "adapter_config.json", formats::kMaxPeftConfigBytes));
    DRAMATIS_TRY(auto config, formats::parse_peft_config(json));
    return std::move(config.base);
  }
  DRAMATIS_TRY(auto bytes, read_file(path, formats::kMaxAdapterBytes));
  DRAMATIS_TRY(const auto file, formats::Gguf::parse(std::move(bytes)));
  return std::string(file.text("general.base_model.0.name").value_or(std::string_view()));
}

Result<lm::LoadedAdapter> AdapterDoor::load_adapter(const std::string& name,
                                                    const std::filesystem::path& path) {
  DRAMATIS_TRY(auto odd, engine_.put_adapter({.name = name, .path = path}));
  auto all = engine_.adapters().list();
  const auto found = std::ranges::find(all, name, &lm::LoadedAdapter::name);
  if (found == all.end()) {
    return fail(ErrorCode::kConflict,
                fmt::format("The adapter {} was unloaded as soon as it was loaded.", name));
  }
  found->odd = std::move(odd);
  return std::move(*found);
}

}  // namespace dramatis::engine
