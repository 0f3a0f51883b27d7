// Visible Latin-1 stands for itself; the other 68 bytes are U+0100 and on, in their order.
#include "tokens/internal/byte_alphabet.h"

#include <array>

#include "text/utf8.h"

namespace dramatis::tokens::internal {
namespace {

constexpr bool stands_for_itself(unsigned byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

constexpr std::size_t kOthers = 68;

constexpr std::array<unsigned char, kOthers> make_others() {
  std::array<unsigned char, kOthers> others{};
  std::size_t count = 0;
  for (unsigned byte = 0; byte < 256; ++byte) {
    if (!stands_for_itself(byte)) others[count++] = static_cast<unsigned char>(byte);
  }
  return others;
}

constexpr auto kOtherBytes = make_others();

}  // namespace

std::optional<std::string> spelled_bytes(std::string_view name) {
  std::string bytes;
  while (!name.empty()) {
    const auto character = text::first_code_point(name);
    if (character.length == 0) return std::nullopt;
    name.remove_prefix(character.length);
    if (character.value < 0x100 && stands_for_itself(character.value)) {
      bytes += static_cast<char>(character.value);
    } else if (character.value >= 0x100 && character.value < 0x100 + kOthers) {
      bytes += static_cast<char>(kOtherBytes[character.value - 0x100]);
    } else {
      return std::nullopt;
    }
  }
  return bytes;
}

std::string spell_byte(unsigned char byte) {
  std::string name;
  if (stands_for_itself(byte)) {
    text::append_utf8(byte, name);
    return name;
  }
  char32_t n = 0;
  while (kOtherBytes[n] != byte) ++n;
  text::append_utf8(0x100 + n, name);
  return name;
}

}  // namespace dramatis::tokens::internal
