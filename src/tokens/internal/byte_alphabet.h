// GPT-2's spelling of bytes: every byte is one visible character, so that a token is always text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dramatis::tokens::internal {

// The bytes which `name` spells; nothing where a character is none of the 256.
// Source: Radford et al. 2019, bytes_to_unicode of the published encoder.
[[nodiscard]] std::optional<std::string> spelled_bytes(std::string_view name);

// How `byte` is spelled.
[[nodiscard]] std::string spell_byte(unsigned char byte);

}  // namespace dramatis::tokens::internal
