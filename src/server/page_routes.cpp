// Validators, compression and the page's own security headers.
#include "server/page_routes.h"

#include <algorithm>

namespace dramatis::server {
namespace {

// Scripts, styles, pictures and requests of this server alone; nothing inline, no frame around it.
// A picture may also be one that the page made itself from what its reader chose.
constexpr std::string_view kPolicy =
    "default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'";

// A name with a hash in it stands for these bytes for ever; the page itself is asked for each time.
std::string_view caching(const PageFile& file) {
  return file.path.starts_with("/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
}

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Cuts the first element of a list with commas from `list`.
std::string_view take_element(std::string_view& list) {
  const std::size_t comma = list.find(',');
  const std::string_view element = trim(list.substr(0, comma));
  list = comma == list.npos ? std::string_view() : list.substr(comma + 1);
  return element;
}

// "q=0", "q=0.", "q=0.000": not at all.
bool is_refused(std::string_view parameters) {
  const std::size_t at = parameters.find("q=");
  if (at == parameters.npos) return false;
  const std::string_view weight = trim(parameters.substr(at + 2));
  return weight.starts_with('0') && weight.find_first_not_of("0.") == weight.npos;
}

Response answer_with(const PageFile& file, const Request& request) {
  Response response{.status = 200, .content_type = std::string(file.content_type)};
  response.headers = {{"Content-Security-Policy", std::string(kPolicy)},
                      {"Cache-Control", std::string(caching(file))},
                      {"ETag", std::string(file.tag)},
                      {"Vary", "Accept-Encoding"}};
  if (has_tag(request.header("if-none-match"), file.tag)) {
    response.status = 304;
    response.content_type.clear();
    return response;
  }
  const bool shorter = file.gzip.size() < file.bytes.size();
  if (shorter && takes_gzip(request.header("accept-encoding"))) {
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.body = file.gzip;
  } else {
    response.body = file.bytes;
  }
  return response;
}

Route route_of(const PageFile& file) {
  return {.method = "GET",
          .pattern = file.path,
          .caller = Caller::kAnybody,
          .takes = Takes::kNothing,
          .answered = Answered::kAtOnce,
          .handler = [&file](const Call& call, Answer& answer) {
            answer.respond(answer_with(file, call.request));
          }};
}

}  // namespace

bool takes_gzip(std::string_view accept_encoding) {
  bool any = false;
  while (!accept_encoding.empty()) {
    const std::string_view element = take_element(accept_encoding);
    const std::size_t semicolon = element.find(';');
    const std::string_view coding = trim(element.substr(0, semicolon));
    const bool refused = semicolon != element.npos && is_refused(element.substr(semicolon + 1));
    if (coding == "gzip" || coding == "x-gzip") return !refused;
    if (coding == "*") any = !refused;
  }
  return any;
}

bool has_tag(std::string_view if_none_match, std::string_view tag) {
  while (!if_none_match.empty()) {
    std::string_view element = take_element(if_none_match);
    if (element.starts_with("W/")) element.remove_prefix(2);
    if (element == "*" || element == tag) return true;
  }
  return false;
}

std::vector<Route> page_routes(std::span<const PageFile> files) {
  std::vector<Route> routes;
  for (const PageFile& file : files) routes.push_back(route_of(file));
  return routes;
}

}  // namespace dramatis::server
