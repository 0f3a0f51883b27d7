// The adapters of a network -> a folder as PEFT saves one.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "formats/peft.h"
#include "formats/safetensors.h"
#include "train/network.h"
#include "train/tune/plan.h"

namespace dramatis::train::tune {

struct PeftParts {
  std::string config{};              // adapter_config.json
  std::vector<std::byte> tensors{};  // adapter_model.safetensors
};

// Names, order of rows and config as PEFT expects them for `base`, the model's name or path.
// Errors: those of folder_name. Source: peft, `tuners/lora/config.py`, `utils/save_and_load.py`.
[[nodiscard]] Result<PeftParts> peft_parts(const Network& network, const Lora& lora,
                                           std::string_view base, formats::SafeDtype dtype);
// Writes both files into a folder that exists.
[[nodiscard]] Status write_peft(const std::filesystem::path& folder, const PeftParts& parts);
// As formats::read_peft would read it.
[[nodiscard]] Result<formats::PeftFolder> as_read(const PeftParts& parts);

}  // namespace dramatis::train::tune
