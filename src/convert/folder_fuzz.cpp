// Any bytes -> the shape of a folder's model, or an Error; a shape that was accepted finds places
// for tensors. Form: config.json, a NUL, names of tensors parted by NULs.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "convert/internal/folder_config.h"
#include "convert/internal/tensor_places.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dramatis;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const auto take = [&rest] {
    const auto cut = std::min(rest.find('\0'), rest.size());
    const auto part = rest.substr(0, cut);
    rest.remove_prefix(std::min(cut + 1, rest.size()));
    return part;
  };
  const auto config = convert::internal::parse_config(take());
  if (!config) {
    if (config.error().what.empty() || config.error().code == ErrorCode::kInternal) std::abort();
    return 0;
  }
  formats::GgufWriter writer;
  convert::internal::add_keys(writer, *config);
  if (!writer.finish()) std::abort();
  for (const float divisor : convert::internal::rope_divisors(*config)) {
    if (!(divisor > 0)) std::abort();
  }
  while (!rest.empty()) {
    const auto place = convert::internal::find_place(*config, take());
    if (!place || !place->has_value()) continue;
    const auto& found = **place;
    if (found.name.empty() || found.shape.empty()) std::abort();
    if (found.heads > 0 && found.shape[0] % found.heads != 0) std::abort();
  }
  return 0;
}
