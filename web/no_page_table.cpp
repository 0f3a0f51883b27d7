// The table of the page's files for a program that is built without the page.
#include "server/page_files.h"

namespace dramatis::server {

std::span<const PageFile> page_files() {
  return {};
}

}  // namespace dramatis::server
