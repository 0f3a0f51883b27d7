// OpenSSL's SHA-256, printed.
#include "text/digest.h"

#include <array>

#include <fmt/format.h>
#include <openssl/sha.h>

namespace dramatis::text {

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  std::string printed;
  for (const unsigned char byte : digest) printed += fmt::format("{:02x}", byte);
  return printed;
}

}  // namespace dramatis::text
