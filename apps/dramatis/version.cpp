// The version, as the build says it.
#include "version.h"

namespace dramatis::app {

std::string_view version() {
  return DRAMATIS_VERSION;
}

}  // namespace dramatis::app
