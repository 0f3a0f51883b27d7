// Ends the process on a defect of ours, with the place.
#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace dramatis {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "dramatis: defect at %s:%d: %s does not hold\n", file, line, condition);
  std::abort();
}

}  // namespace dramatis
