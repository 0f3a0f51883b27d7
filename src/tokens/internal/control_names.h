// The names by which models mark turns: a token called so is a control token whatever its file
// says.
#pragma once

#include <string_view>

#include "tokens/vocabulary_tables.h"

namespace dramatis::tokens::internal {

// Converters have written "<|im_end|>" as user-defined or even as normal. As letters it would let a
// player end the turn.
[[nodiscard]] bool is_named_like_control(std::string_view name, TokenType type);

// The control tokens after which a model has finished speaking.
[[nodiscard]] bool is_named_like_end_of_turn(std::string_view name);

}  // namespace dramatis::tokens::internal
