// The protocol before the address, the model behind it.
#include "remote/service.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "remote/limits.h"
#include "remote/url.h"
#include "text/utf8.h"
#include "text/utterance.h"

namespace dramatis::remote {
namespace {

struct Named {
  std::string_view name;
  Protocol protocol;
};
constexpr std::array kProtocols{
    Named{.name = "openai", .protocol = Protocol::kOpenAi},
    Named{.name = "completions", .protocol = Protocol::kCompletions},
    Named{.name = "ollama", .protocol = Protocol::kOllama},
    Named{.name = "kobold", .protocol = Protocol::kKobold},
};

bool is_web(std::string_view text) {
  return text.starts_with("http://") || text.starts_with("https://");
}

// The bytes before the address of the web: "ollama:"; nothing where there is none.
std::string_view head_of(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == text.npos || !is_web(text.substr(colon + 1))) return {};
  return text.substr(0, colon + 1);
}

bool is_model_name(std::string_view name) {
  return name.size() <= kMaxModelName && text::is_valid_utf8(name) &&
         std::none_of(name.begin(), name.end(),
                      [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7F'; });
}

}  // namespace

bool is_service(std::string_view text) {
  return is_web(text) || !head_of(text).empty();
}

Result<Service> parse_service(std::string_view text) {
  Service service;
  const std::string_view head = head_of(text);
  std::string_view rest = text.substr(head.size());
  if (!head.empty()) {
    const auto found = std::find_if(kProtocols.begin(), kProtocols.end(), [&](const Named& one) {
      return one.name == head.substr(0, head.size() - 1);
    });
    if (found == kProtocols.end()) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("'{}' begins with no protocol that Dramatis speaks; they are openai, "
                              "completions, ollama and kobold.",
                              text::printable(text.substr(0, kMaxShownAddress))));
    }
    service.protocol = found->protocol;
  }
  if (const std::size_t mark = rest.find('#'); mark != rest.npos) {
    service.model = rest.substr(mark + 1);
    rest = rest.substr(0, mark);
    if (!is_model_name(service.model)) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("The model's name after the # of '{}' has spaces, controls or more "
                              "than {} bytes.",
                              text::printable(rest.substr(0, kMaxShownAddress)), kMaxModelName));
    }
  }
  DRAMATIS_DO(parse_url(rest));
  service.url = rest;
  return service;
}

std::string_view protocol_name(Protocol protocol) {
  for (const auto& one : kProtocols) {
    if (one.protocol == protocol) return one.name;
  }
  return kProtocols.front().name;
}

}  // namespace dramatis::remote
