// A network in which everything was learnt -> files of a whole model.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "formats/gguf.h"
#include "formats/gguf_writer.h"
#include "tensor/dtype.h"
#include "train/network.h"

namespace dramatis::train::tune {

using Notes = std::vector<std::pair<std::string, std::string>>;

// `base` with the network's weights: matrices in `type` (or what convert::type_for makes of it),
// vectors in f32; the pairs of `base` and `notes` besides. Errors: those of kernels::quantise and
// GgufWriter.
[[nodiscard]] Result<formats::Gguf> with_weights(const formats::Gguf& base, const Network& network,
                                                 tensor::Dtype type, const Notes& notes);

// A GGUF file of a new network with the tokenizer of `vocabulary`; what training begins with.
[[nodiscard]] Result<formats::Gguf> new_model(const formats::Gguf& vocabulary,
                                              const Network& network, std::string_view name);

// model.safetensors and config.json in Hugging Face's names, and where `base` is a Hugging Face
// folder its tokenizer beside them. Errors: kUnsupported for a shape that no config.json tells.
[[nodiscard]] Status write_folder(const std::filesystem::path& folder, const Network& network,
                                  const std::filesystem::path& base);

}  // namespace dramatis::train::tune
