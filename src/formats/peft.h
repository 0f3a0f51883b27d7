// A folder that PEFT saved a LoRA into -> checked facts and named tensors.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "formats/safetensors.h"

namespace dramatis::formats {

// What alpha is divided by.
enum class LoraScaling {
  kByRank,
  kByRootOfRank,  // rsLoRA
};

// Which ranks the tensors may have.
enum class LoraRanks {
  kAllAlike,  // the rank of the config
  kByTensor,  // what each tensor says: the config has patterns of ranks
};

// What adapter_config.json says that changes the arithmetic.
struct PeftConfig {
  std::size_t rank = 0;
  double alpha = 0;
  LoraScaling scaling = LoraScaling::kByRank;
  LoraRanks ranks = LoraRanks::kAllAlike;
  std::string base;  // the model it was trained on, as its author named it; may be empty
};

// Errors: kCorrupt naming the field and its range; kNotFound naming a field; kUnsupported for what
// is no plain LoRA (other methods, DoRA, biases, trained embeddings and heads, alpha by pattern,
// beginnings that change the base). Threads: any. Source: peft, `tuners/lora/config.py`.
[[nodiscard]] Result<PeftConfig> parse_peft_config(std::string_view json);

struct PeftFolder {
  PeftConfig config;
  Safetensors tensors;
};

// Reads adapter_config.json and adapter_model.safetensors. Errors: as above, those of Safetensors,
// and kUnsupported for weights that are pickled Python.
[[nodiscard]] Result<PeftFolder> read_peft(const std::filesystem::path& folder);

}  // namespace dramatis::formats
