// Asked anew each time: a chart is looked at every few seconds at most.
#include "server/process_memory.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <memory>

#include <unistd.h>

namespace dramatis::server {

std::size_t resident_pages(std::string_view statm) {
  const std::size_t space = statm.find(' ');
  if (space == statm.npos) return 0;
  const std::string_view rest = statm.substr(space + 1);
  std::size_t pages = 0;
  const auto [end, failed] = std::from_chars(rest.data(), rest.data() + rest.size(), pages);
  return failed == std::errc{} ? pages : 0;
}

std::size_t resident_bytes() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/self/statm", "re"),
                                                             &std::fclose);
  if (file == nullptr) return 0;
  std::array<char, 128> line{};
  const std::size_t read = std::fread(line.data(), 1, line.size(), file.get());
  const long page = ::sysconf(_SC_PAGESIZE);
  if (page <= 0) return 0;
  return resident_pages({line.data(), read}) * static_cast<std::size_t>(page);
}

}  // namespace dramatis::server
