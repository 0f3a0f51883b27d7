// What chat formats call the speakers: system, user, assistant.
#pragma once

#include <string_view>

#include "lm/language_model.h"

namespace dramatis::lm {

// The name of `role` in OpenAI's messages and in all that copy them.
[[nodiscard]] constexpr std::string_view role_name(Role role) {
  switch (role) {
    case Role::kSystem:
      return "system";
    case Role::kPlayer:
      return "user";
    case Role::kNpc:
      return "assistant";
  }
  return "user";
}

}  // namespace dramatis::lm
