// Lookups in a request.
#include "server/http.h"

namespace dramatis::server {

std::string_view Request::header(std::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (known == name) return value;
  }
  return {};
}

std::string_view Request::parameter(std::string_view name) const {
  std::string_view rest = query;
  while (!rest.empty()) {
    const std::size_t end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    const std::size_t equals = pair.find('=');
    if (pair.substr(0, equals) == name && equals != pair.npos) return pair.substr(equals + 1);
    rest = end == rest.npos ? std::string_view() : rest.substr(end + 1);
  }
  return {};
}

}  // namespace dramatis::server
