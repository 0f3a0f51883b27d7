// A finished run -> its folder: adapter or weights, whole models, result.json, the model card.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "runs/facts.h"
#include "train/tune/base.h"
#include "train/tune/material.h"
#include "train/tune/plan.h"
#include "train/tune/state.h"

namespace dramatis::train::tune {

// What is known of a run when it is done; losses and samples come from its log.
[[nodiscard]] Result<runs::Facts> facts_of(const Start& start, const Lessons& lessons,
                                           const Talks& talks, const Plan& plan, const State& state,
                                           const std::filesystem::path& log);

// The network's weights as they are now:
//   adapters   adapter_config.json, adapter_model.safetensors, and adapter.gguf, the same in one
//              file; with output.gguf also model.gguf, the base with the adapter in its weights
//   full       model.gguf (Q8_0 where output.gguf names no type); with output.safetensors also
//              model.safetensors and config.json
// and beside them result.json and README.md. Errors: those of the writers and of convert::merge.
[[nodiscard]] Status write_result(const std::filesystem::path& folder, const Start& start,
                                  const Plan& plan, const runs::Facts& facts);

}  // namespace dramatis::train::tune
