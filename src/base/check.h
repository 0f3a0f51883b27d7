// Conditions that must hold whatever the input: a false one is a defect of ours and ends the
// process.
#pragma once

namespace dramatis {

// Writes `condition` and its place to standard error and aborts.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace dramatis

// In all builds.
#define DRAMATIS_CHECK(condition)                               \
  do {                                                          \
    if (!(condition)) [[unlikely]]                              \
      ::dramatis::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)

// In debug builds; for inner loops.
#ifdef NDEBUG
#define DRAMATIS_DCHECK(condition) \
  do {                             \
  } while (false)
#else
#define DRAMATIS_DCHECK(condition) DRAMATIS_CHECK(condition)
#endif
