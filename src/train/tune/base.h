// The base of a recipe -> the file it is, and the network that learns.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "formats/gguf.h"
#include "model/model.h"
#include "train/network.h"
#include "train/tune/documents.h"
#include "train/tune/plan.h"

namespace dramatis::train::tune {

// Where "hearth" is, from the folder that the program runs in.
inline constexpr const char* kHearth = "models/hearth.gguf";

struct Start {
  model::Model model;  // the base as the engine computes it, with its file; never changes
  Network network;     // with gradients
  Speech speech;
  std::string name;      // of the base, for cards and configs
  std::string checksum;  // SHA-256 of the base's file as it is read here
};

// What Network is asked for by a recipe.
[[nodiscard]] train::Method method_of(const Plan& plan);

// Reads a GGUF file or a Hugging Face folder, or draws a new model. Errors: those of the readers
// and of Network; kUnsupported for a model that cannot be trained here.
[[nodiscard]] Result<Start> start_of(const Plan& plan);

}  // namespace dramatis::train::tune
