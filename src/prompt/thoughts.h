// Whether a character is asked to think before it speaks.
#pragma once

namespace dramatis::prompt {

enum class Thoughts { kNone, kInvited };

}  // namespace dramatis::prompt
