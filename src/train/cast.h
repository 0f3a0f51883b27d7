// A base model and a cast's samples -> a model that plays the cast.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "dataset/samples.h"
#include "train/packing.h"
#include "train/recipe.h"
#include "train/run.h"
#include "train/vocabulary.h"

namespace dramatis::train {

struct CastJob {
  std::filesystem::path base;        // weights that know English, safetensors; empty: from nothing
  std::filesystem::path vocabulary;  // GGUF without tensors
  std::filesystem::path run;         // checkpoints
  std::filesystem::path out;         // models/hearth.gguf
  std::string data;                  // digest of what the samples were made from
  std::vector<std::string> characters;  // whom they teach, by id
  std::function<void(const Progress&)> report;
};

// What came out.
struct CastReport {
  double first_loss = 0;  // held-out loss before, nats per token of the NPC's
  double last_loss = 0;   // and after
  std::size_t samples = 0;
};

// A sample as a document: the prompt is read, the NPC's words and its end of turn are learnt, by
// position. Errors: those of render.
[[nodiscard]] Result<Document> document_of(const dataset::Sample& sample,
                                           const TrainingVocabulary& vocabulary);

// Trains on `samples` (those of every n-th conversation held out) and writes a Q8_0 GGUF that names
// recipe, data and this program's version.
[[nodiscard]] Result<CastReport> train_cast(const Recipe& recipe,
                                            const std::vector<dataset::Sample>& samples,
                                            const CastJob& job, std::stop_token stop);

}  // namespace dramatis::train
