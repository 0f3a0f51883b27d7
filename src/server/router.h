// Method and path -> what is asked for.
#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "server/http.h"

namespace dramatis::server {

enum class Endpoint { kHealth, kMakeUser, kMakeNpc, kListNpcs, kChat, kHistory, kForget };

struct Match {
  Endpoint endpoint{};
  std::string_view npc{};  // of the path, not yet judged
};

// 404, or 405 with Allow where the path exists for other methods.
[[nodiscard]] tl::expected<Match, Response> match(std::string_view method, std::string_view path);

}  // namespace dramatis::server
