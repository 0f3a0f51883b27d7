// What all implementations say alike.
#include "accounts/keys.h"

#include <fmt/format.h>

#include "accounts/limits.h"

namespace dramatis::accounts {

Error no_such(KeyId id) {
  return {ErrorCode::kNotFound, fmt::format("No key has the id {}.", print_id(id))};
}

Error too_many_keys() {
  return {ErrorCode::kOverBudget,
          fmt::format("There are {} keys already; revoke those that nobody uses.", kMaxKeys)};
}

}  // namespace dramatis::accounts
