// Any bytes -> a checked file or an Error; a file that was accepted is walked to its last byte and
// comes back from the writer as it was read.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "formats/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using dramatis::formats::Safetensors;
  const auto* begin = reinterpret_cast<const std::byte*>(data);
  const auto file = Safetensors::parse(std::vector<std::byte>(begin, begin + size));
  if (!file) {
    if (file.error().what.empty()) std::abort();
    return 0;
  }
  for (const auto& tensor : file->tensors()) {
    if (file->tensor(tensor.name) != &tensor) std::abort();
  }
  const auto again = Safetensors::parse(dramatis::formats::write_safetensors(file->tensors(), {}));
  if (!again || again->tensors().size() != file->tensors().size()) std::abort();
  for (const auto& tensor : file->tensors()) {
    const auto* same = again->tensor(tensor.name);
    if (same == nullptr || same->shape != tensor.shape) std::abort();
    if (!std::ranges::equal(same->bytes, tensor.bytes)) std::abort();
  }
  return 0;
}
