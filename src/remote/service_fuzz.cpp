// Any bytes as what an operator writes to name a service -> a Service whose address is one, or an
// Error with a sentence.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "remote/service.h"
#include "remote/url.h"
#include "text/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto service = dramatis::remote::parse_service(text);
  if (!service) {
    DRAMATIS_CHECK(!service.error().what.empty());
    DRAMATIS_CHECK(dramatis::text::is_valid_utf8(service.error().what));
    return 0;
  }
  DRAMATIS_CHECK(dramatis::remote::is_service(text));
  DRAMATIS_CHECK(dramatis::remote::parse_url(service->url).has_value());
  DRAMATIS_CHECK(dramatis::text::is_valid_utf8(service->model));
  return 0;
}
