// Tensors <-> safetensors.
#include "train/tensors.h"

#include <cstring>

#include <fmt/format.h>

#include "base/check.h"
#include "base/files.h"

namespace dramatis::train {
namespace {

using formats::SafeDtype;
using formats::SafeTensor;

torch::ScalarType scalar_type(SafeDtype dtype) {
  return dtype == SafeDtype::kBF16  ? torch::kBFloat16
         : dtype == SafeDtype::kF16 ? torch::kHalf
                                    : torch::kFloat32;
}

}  // namespace

std::vector<std::byte> pack_tensors(const Named& tensors, SafeDtype dtype,
                                    const formats::SafeMetadata& metadata) {
  std::vector<torch::Tensor> kept;  // owns the bytes until they are laid out
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
  return formats::write_safetensors(views, metadata);
}

Status write_tensors(const std::filesystem::path& path, const Named& tensors, SafeDtype dtype,
                     const formats::SafeMetadata& metadata) {
  return write_file(path, pack_tensors(tensors, dtype, metadata));
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
  if (held.nbytes() != found->bytes.size())
    return fail(ErrorCode::kCorrupt, fmt::format("the tensor '{}' holds no floats", name));
  std::memcpy(held.data_ptr(), found->bytes.data(), found->bytes.size());
  into.copy_(held);
  return {};
}

}  // namespace dramatis::train
