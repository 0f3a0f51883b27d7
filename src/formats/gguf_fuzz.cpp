// Any bytes -> a checked file or an Error; a file that was accepted is walked to its last byte.
#include <cstdint>
#include <cstdlib>

#include "formats/gguf.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto* begin = reinterpret_cast<const std::byte*>(data);
  const auto file = dramatis::formats::Gguf::parse(std::vector<std::byte>(begin, begin + size));
  if (!file) {
    if (file.error().what.empty()) std::abort();
    return 0;
  }
  unsigned sum = 0;
  for (const auto& tensor : file->tensors()) {
    if (file->tensor(tensor.name) != &tensor) std::abort();
    for (const auto byte : tensor.bytes) sum += static_cast<unsigned>(byte);
  }
  for (const auto& [key, value] : file->metadata()) {
    if (file->find(key) != &value) std::abort();
  }
  volatile unsigned kept = sum;
  static_cast<void>(kept);
  return 0;
}
