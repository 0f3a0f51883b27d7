// A talk as people name it -> its id.
#pragma once

#include <string>

#include "arena/store.h"
#include "base/result.h"

namespace dramatis::app {

// A whole id, the last letters of one alone, or `last` for the newest. Errors: kNotFound with the
// mend.
[[nodiscard]] Result<arena::TalkId> find_talk(arena::Store& talks, const std::string& typed);

}  // namespace dramatis::app
