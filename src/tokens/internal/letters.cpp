// Which tokens stand for single bytes.
#include "tokens/internal/letters.h"

#include <fmt/format.h>

namespace dramatis::tokens::internal {

Result<ByteTokens> find_byte_tokens(const Pieces& pieces, bool normal_too) {
  ByteTokens ids;
  ids.fill(-1);
  std::int32_t unknown = -1;
  for (std::size_t id = 0; id < pieces.types.size(); ++id) {
    const auto number = static_cast<std::int32_t>(id);
    if (pieces.types[id] == TokenType::kUnknown && unknown < 0) unknown = number;
    const bool counts =
        pieces.types[id] == TokenType::kByte ||
        (normal_too && pieces.types[id] == TokenType::kNormal && pieces.bytes[id].size() == 1);
    if (!counts) continue;
    auto& token = ids[static_cast<unsigned char>(pieces.bytes[id].front())];
    if (token >= 0) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("Tokens {} and {} both stand for the byte 0x{:02X}.", token, id,
                              pieces.bytes[id].front() & 0xFF));
    }
    token = number;
  }
  for (auto& token : ids) {
    if (token < 0) token = unknown;
  }
  return ids;
}

}  // namespace dramatis::tokens::internal
