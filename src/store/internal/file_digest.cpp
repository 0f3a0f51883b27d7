// OpenSSL's, fed a piece at a time.
#include "store/internal/file_digest.h"

#include <array>
#include <fstream>
#include <memory>

#include <fmt/format.h>
#include <openssl/evp.h>

namespace dramatis::store::internal {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

}  // namespace

Result<std::string> file_digest(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  if (context == nullptr || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1)
    return fail(ErrorCode::kInternal, "OpenSSL has no SHA-256.");
  std::array<char, 64 * 1024> piece{};
  while (file) {
    file.read(piece.data(), piece.size());
    EVP_DigestUpdate(context.get(), piece.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (!file.eof())
    return fail(ErrorCode::kUnavailable, fmt::format("{} cannot be read.", path.string()));
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_DigestFinal_ex(context.get(), digest.data(), &size);
  std::string printed;
  for (unsigned n = 0; n < size; ++n) printed += fmt::format("{:02x}", digest[n]);
  return printed;
}

}  // namespace dramatis::store::internal
