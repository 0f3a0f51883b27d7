// A LoRA adapter -> what `dramatis model info` says of it.
#pragma once

#include <filesystem>
#include <optional>

#include "base/result.h"
#include "formats/gguf.h"
#include "text/json.h"

namespace dramatis::app {

// Of a GGUF file; nothing where it is a model.
[[nodiscard]] std::optional<text::JsonObject> describe_adapter(const formats::Gguf& file);
// Of a folder of PEFT's. Errors: those of formats::read_peft.
[[nodiscard]] Result<text::JsonObject> describe_peft(const std::filesystem::path& folder);
// Whether there is an adapter_config.json.
[[nodiscard]] bool is_peft_folder(const std::filesystem::path& path);

}  // namespace dramatis::app
