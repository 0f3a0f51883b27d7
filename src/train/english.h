// Books -> a base model that knows English and nothing else.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>

#include "base/result.h"
#include "train/recipe.h"
#include "train/run.h"

namespace dramatis::train {

struct EnglishJob {
  std::filesystem::path corpus;      // the folder of books
  std::filesystem::path vocabulary;  // GGUF without tensors, from dramatis-vocabulary
  std::filesystem::path run;         // checkpoints
  std::filesystem::path out;         // models/english-base.safetensors
  std::function<void(const Progress&)> report;
};

// Learns a vocabulary, then the language; writes bf16 weights with the vocabulary, recipe and
// figures.
[[nodiscard]] Status train_english(const Recipe& recipe, const EnglishJob& job,
                                   std::stop_token stop);

}  // namespace dramatis::train
