// Any bytes as an answer with vectors -> unit vectors of one width, or an Error without the key.
// The first byte says how many are expected.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "remote/embed_wire.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.empty()) return 0;
  constexpr std::string_view kKey = "sk-secret";
  const std::size_t count = data[0] % 4;
  const auto vectors = dramatis::remote::parse_vectors(bytes.substr(1), count, kKey);
  if (!vectors) {
    if (vectors.error().what.empty()) std::abort();
    if (vectors.error().what.find(kKey) != std::string::npos) std::abort();
    return 0;
  }
  if (vectors->size() != count) std::abort();
  for (const auto& vector : *vectors) {
    double squares = 0;
    for (const float number : vector) squares += static_cast<double>(number) * number;
    if (vector.size() != vectors->front().size() || std::abs(squares - 1) > 1e-3) std::abort();
  }
  return 0;
}
