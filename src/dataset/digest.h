// A cast -> a name for all that a model can learn from it.
#pragma once

#include <string>

#include "persona/cast.h"

namespace dramatis::dataset {

// The SHA-256, in 64 hexadecimal digits, of every field of every world, sheet, dialogue and wording
// in their order; a changed letter changes it, comments and layout of the files do not. Checks are
// no part of it: nothing is taught from them.
[[nodiscard]] std::string digest(const persona::Cast& cast);

}  // namespace dramatis::dataset
