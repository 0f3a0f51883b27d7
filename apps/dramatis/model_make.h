// dramatis model convert, quantize, merge: models -> other models.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace dramatis::app {

struct MakeArgs {
  std::filesystem::path from{};
  std::vector<std::filesystem::path> adapters{};
  std::vector<double> scales{};  // of the adapters, in order; those without one: 1
  std::filesystem::path to{};
  std::string type{};     // "q8_0"; empty: as stored (convert: bf16 or what the folder has)
  bool replaces = false;  // a file that is there already
};

// A Hugging Face folder -> GGUF.
int run_model_convert(const MakeArgs& args);
// A GGUF file or a folder -> GGUF in another type.
int run_model_quantize(const MakeArgs& args);
// A model and LoRA adapters -> GGUF.
int run_model_merge(const MakeArgs& args);

}  // namespace dramatis::app
