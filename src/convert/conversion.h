// How weights are converted, and what comes out.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "formats/gguf.h"
#include "tensor/dtype.h"

namespace dramatis::convert {

struct Conversion {
  std::optional<tensor::Dtype> type{};  // of matrices; nothing: as they are stored
  std::size_t threads = 1;              // that quantise; at most kMaxThreads
  // Told after each tensor; may be empty.
  std::function<void(std::size_t done, std::size_t all)> progress{};
};

// A model that the engine takes as if it came from a GGUF file.
struct Converted {
  formats::Gguf file;
  std::vector<std::string> warnings{};
};

}  // namespace dramatis::convert
