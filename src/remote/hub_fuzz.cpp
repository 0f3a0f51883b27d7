// Any bytes -> a file of a repository's list or an Error, and where an answer sends on to. Form:
// the wanted file, a NUL, the list; the same bytes are read as a Location.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "remote/address.h"
#include "remote/hub.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dramatis::remote;
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const auto cut = std::min(all.find('\0'), all.size());
  const auto list = all.substr(std::min(cut + 1, all.size()));
  const HubName name{.repository = "o/r", .wanted = std::string(all.substr(0, cut))};
  const auto file = choose_hub_file(list, name, "https://h");
  if (file && (file->bytes == 0 || !parse_address(file->address) ||
               file->address.find("..") != std::string::npos))
    std::abort();
  if (!file && file.error().what.empty()) std::abort();
  const auto from = parse_address("https://h/a?b=c").value();
  const auto to = redirect(from, all);
  if (to && (to->url.scheme != Scheme::kHttps || is_loopback(to->url) ||
             to->target().find_first_of(" \r\n") != std::string::npos))
    std::abort();
  return 0;
}
