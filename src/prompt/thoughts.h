// The marks between which a character writes its private thoughts, and the words that ask for them.
#pragma once

#include <string_view>

namespace dramatis::prompt {

enum class Thoughts { kNone, kInvited };

constexpr std::string_view kThoughtsOpen = "<scratchpad>";
constexpr std::string_view kThoughtsClose = "</scratchpad>";

}  // namespace dramatis::prompt
