// A number, then perhaps one letter.
#include "memory_size.h"

#include <charconv>

#include <fmt/format.h>
#include <malloc.h>
#include <pthread.h>

#include "base/checked.h"

namespace dramatis::app {

Result<std::size_t> parse_memory_size(std::string_view place, std::string_view text) {
  std::size_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data(), end, number);
  const std::string_view unit(stop, static_cast<std::size_t>(end - stop));
  std::size_t factor = 0;
  if (unit.empty()) factor = 1;
  if (unit == "K") factor = 1'000;
  if (unit == "M") factor = 1'000'000;
  if (unit == "G") factor = 1'000'000'000;
  const auto bytes = checked_mul(number, factor);
  if (failed == std::errc{} && factor > 0 && bytes && *bytes > 0) return *bytes;
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{}: '{}' is no size of memory; write it as 200M or 2G.", place, text));
}

void keep_memory_small() {
  mallopt(M_ARENA_MAX, 1);
  pthread_attr_t small;
  if (pthread_attr_init(&small) != 0) return;
  if (pthread_attr_setstacksize(&small, kSmallStackBytes) == 0) pthread_setattr_default_np(&small);
  pthread_attr_destroy(&small);
}

}  // namespace dramatis::app
