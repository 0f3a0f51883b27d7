// A name as people type it -> the one that is meant, or the ones that it may have been.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dramatis::app {

// At most `count` of `names` that differ from `typed` by few letters, nearest first.
[[nodiscard]] std::vector<std::string> nearest_names(std::string_view typed,
                                                     std::span<const std::string> names,
                                                     std::size_t count);

// What can be named: an id and the name that people know it by.
struct Named {
  std::string id;    // "orlando-marlo"
  std::string name;  // "Orlando Marlo"
};

// The index of the one that `typed` means: id or name in any case, a word of the name that no other
// has, or the beginning of one alone. Errors: kNotFound with the nearest ids, kInvalidArgument with
// those that it may mean.
[[nodiscard]] Result<std::size_t> find_named(std::string_view typed, std::span<const Named> all);

}  // namespace dramatis::app
