// Tensors <-> safetensors.
#include "train/checkpoint.h"

#include <charconv>

#include <fmt/format.h>

#include "train/tensors.h"

namespace dramatis::train {
namespace {

using formats::SafeDtype;

Named everything(const Llama& model, const Optimizer& optimizer) {
  Named all(model.parameters());
  for (auto& [name, tensor] : optimizer.state()) all.emplace_back(name, tensor);
  return all;
}

}  // namespace

Status write_checkpoint(const std::filesystem::path& path, const Llama& model,
                        const Optimizer& optimizer, const std::string& digest) {
  return write_tensors(path, everything(model, optimizer), SafeDtype::kF32,
                       {{"digest", digest}, {"step", fmt::format("{}", optimizer.steps())}});
}

Status read_checkpoint(const std::filesystem::path& path, const Llama& model, Optimizer& optimizer,
                       const std::string& digest) {
  DRAMATIS_TRY(const auto file, formats::Safetensors::read(path));
  const std::string* of = file.metadata("digest");
  const std::string* step = file.metadata("step");
  if (of == nullptr || step == nullptr)
    return fail(ErrorCode::kCorrupt, path.string() + " is no checkpoint.");
  if (*of != digest) {
    return fail(ErrorCode::kConflict,
                fmt::format("{} is of another recipe or other data; name another --run folder, "
                            "or remove it.",
                            path.string()));
  }
  for (const auto& [name, tensor] : everything(model, optimizer)) {
    DRAMATIS_DO(copy_tensor(file, name, tensor));
  }
  std::int64_t steps = 0;
  std::from_chars(step->data(), step->data() + step->size(), steps);
  optimizer.set_steps(steps);
  return {};
}

Status write_weights(const std::filesystem::path& path, const Llama& model, SafeDtype dtype,
                     const formats::SafeMetadata& metadata) {
  return write_tensors(path, model.parameters(), dtype, metadata);
}

Status read_weights(const formats::Safetensors& file, const Llama& model) {
  for (const auto& [name, tensor] : model.parameters()) {
    DRAMATIS_DO(copy_tensor(file, name, tensor));
  }
  return {};
}

}  // namespace dramatis::train
