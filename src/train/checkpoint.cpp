// Tensors <-> safetensors.
#include "train/checkpoint.h"

#include <charconv>
#include <cstring>

#include <fmt/format.h>

#include "base/files.h"

namespace dramatis::train {
namespace {

using formats::SafeDtype;
using formats::SafeTensor;
using Named = std::vector<std::pair<std::string, torch::Tensor>>;

torch::ScalarType scalar_type(SafeDtype dtype) {
  return dtype == SafeDtype::kBF16  ? torch::kBFloat16
         : dtype == SafeDtype::kF16 ? torch::kHalf
                                    : torch::kFloat32;
}

// Writes the tensors converted to `dtype`.
Status write_tensors(const std::filesystem::path& path, const Named& tensors, SafeDtype dtype,
                     const formats::SafeMetadata& metadata) {
  std::vector<torch::Tensor> kept;  // owns the bytes until the file is written
  std::vector<SafeTensor> views;
  for (const auto& [name, tensor] : tensors) {
    kept.push_back(tensor.detach().to(scalar_type(dtype)).contiguous());
    const torch::Tensor& held = kept.back();
    SafeTensor view{.name = name, .dtype = dtype, .shape = {}, .bytes = {}};
    for (const auto size : held.sizes()) view.shape.push_back(static_cast<std::size_t>(size));
    view.bytes = {static_cast<const std::byte*>(held.data_ptr()),
                  static_cast<std::size_t>(held.nbytes())};
    views.push_back(std::move(view));
  }
  return write_file(path, formats::write_safetensors(views, metadata));
}

Status copy_tensor(const formats::Safetensors& file, const std::string& name, torch::Tensor into) {
  const SafeTensor* found = file.tensor(name);
  if (found == nullptr)
    return fail(ErrorCode::kCorrupt, fmt::format("the tensor '{}' is missing", name));
  std::vector<std::int64_t> shape(found->shape.begin(), found->shape.end());
  if (into.sizes() != torch::IntArrayRef(shape)) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("the tensor '{}' has another shape than the recipe's", name));
  }
  const torch::NoGradGuard no_gradients;
  const auto held = torch::empty(shape, scalar_type(found->dtype));
  std::memcpy(held.data_ptr(), found->bytes.data(), found->bytes.size());
  into.copy_(held);
  return {};
}

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
