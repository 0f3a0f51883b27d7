// Request line, header lines, then the rules against smuggling.
#include "server/head.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "server/limits.h"

namespace dramatis::server {
namespace {

constexpr std::string_view kTokenMarks = "!#$%&'*+-.^_`|~";

tl::unexpected<Refusal> refuse(int status, std::string detail) {
  return tl::unexpected<Refusal>(Refusal{.status = status, .detail = std::move(detail)});
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kTokenMarks.find(c) != std::string_view::npos;
  });
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Cuts the first line from `rest`; every line ends in CRLF.
std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find("\r\n");
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 2);
  return line;
}

tl::expected<void, Refusal> take_request_line(std::string_view line, Head& head) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == line.npos || first == last || !is_token(line.substr(0, first))) {
    return refuse(400, "The first line is not METHOD ADDRESS VERSION.");
  }
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return refuse(version.starts_with("HTTP/") ? 505 : 400,
                  "HTTP/1.1 and HTTP/1.0 are spoken here.");
  }
  if (target.size() > kMaxTargetBytes) {
    return refuse(414, fmt::format("The address has {} bytes; at most {} are read.", target.size(),
                                   kMaxTargetBytes));
  }
  if (!target.starts_with('/') || target.find_first_of(" \t\"<>\\^`{|}#") != target.npos) {
    return refuse(400, "The address is not a path that begins with '/'.");
  }
  head.version = version == "HTTP/1.1" ? Version::kHttp11 : Version::kHttp10;
  head.request.method = line.substr(0, first);
  const std::size_t question = target.find('?');
  head.request.path = target.substr(0, question);
  if (question != target.npos) head.request.query = target.substr(question + 1);
  return {};
}

tl::expected<void, Refusal> take_header_line(std::string_view line, Head& head) {
  const std::size_t colon = line.find(':');
  if (colon == line.npos || !is_token(line.substr(0, colon))) {
    return refuse(400, "A header line is not NAME: VALUE.");
  }
  if (head.request.headers.size() == kMaxHeaderLines) {
    return refuse(431, fmt::format("The header has more than {} lines.", kMaxHeaderLines));
  }
  head.request.headers.emplace_back(lower(line.substr(0, colon)), trim(line.substr(colon + 1)));
  return {};
}

std::size_t count_of(const Request& request, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::count(
      request.headers, name, [](const auto& entry) { return std::string_view(entry.first); }));
}

// How the body is framed; exactly one reading is left, or none.
tl::expected<void, Refusal> judge_framing(Head& head) {
  const std::size_t lengths = count_of(head.request, "content-length");
  const std::size_t codings = count_of(head.request, "transfer-encoding");
  if (lengths + codings > 1) return refuse(400, "The body's length is said twice.");
  if (codings == 1) {
    if (head.version == Version::kHttp10 ||
        lower(head.request.header("transfer-encoding")) != "chunked") {
      return refuse(400, "Transfer-Encoding is chunked or absent.");
    }
    head.framing = Framing::kChunked;
  }
  if (lengths == 1) {
    const std::string_view text = head.request.header("content-length");
    const bool digits =
        !text.empty() && text.size() < 19 && text.find_first_not_of("0123456789") == text.npos;
    if (!digits) return refuse(400, "Content-Length is no plain number.");
    std::from_chars(text.data(), text.data() + text.size(), head.length);
    if (head.length > 0) head.framing = Framing::kLength;
  }
  const std::string& method = head.request.method;
  // Methods that nobody serves are answered as such, and what they bring is not read.
  const bool has_none =
      method == "GET" || method == "HEAD" || method == "DELETE" || method == "OPTIONS";
  if (head.framing != Framing::kNone && has_none) {
    return refuse(400, fmt::format("A {} has no body.", method));
  }
  // Most routes take less; that is judged when the route is known.
  if (head.length > kMaxUploadBytes) {
    return refuse(413, fmt::format("The body has {} bytes; at most {} are read.", head.length,
                                   kMaxUploadBytes));
  }
  const std::string_view coding = head.request.header("content-encoding");
  if (!coding.empty() && lower(coding) != "identity") {
    return refuse(415, "The body is compressed; send it as it is.");
  }
  return {};
}

tl::expected<void, Refusal> judge_connection(Head& head) {
  for (const std::string_view once : {"host", "authorization", "origin", "expect"}) {
    if (count_of(head.request, once) > 1)
      return refuse(400, fmt::format("The header {} stands twice.", once));
  }
  if (head.version == Version::kHttp11 && head.request.header("host").empty()) {
    return refuse(400, "The header Host is missing.");
  }
  const std::string wish = lower(head.request.header("connection"));
  const bool close =
      head.version == Version::kHttp10 ? wish != "keep-alive" : wish.find("close") != wish.npos;
  head.after = close ? After::kClose : After::kKeepAlive;
  const std::string expect = lower(head.request.header("expect"));
  if (!expect.empty() && (expect != "100-continue" || head.version == Version::kHttp10)) {
    return refuse(417, "Only 100-continue can be expected.");
  }
  head.expects_continue = !expect.empty() && head.framing != Framing::kNone;
  return {};
}

}  // namespace

tl::expected<std::size_t, Refusal> HeadScanner::push(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const char c = bytes[at];
    const char before = bytes_.empty() ? '\0' : bytes_.back();
    if ((before == '\r') != (c == '\n')) return refuse(400, "A line does not end in CR LF.");
    const bool plain = (c >= ' ' && c < '\x7F') || c == '\r' || c == '\n' || c == '\t';
    if (!plain)
      return refuse(400,
                    "The header holds a byte that is no printable ASCII; this port speaks HTTP.");
    // A line that begins with a space continued the one before, once.
    if (before == '\n' && (c == ' ' || c == '\t'))
      return refuse(400, "A header line begins with a space.");
    if (bytes_.size() == kMaxHeaderBytes) {
      return refuse(431, fmt::format("The header has more than {} bytes.", kMaxHeaderBytes));
    }
    bytes_ += c;
    if (bytes_ == "\r\n") return refuse(400, "The first line is empty.");
    if (bytes_.ends_with("\r\n\r\n")) {
      whole_ = true;
      return at + 1;
    }
  }
  return bytes.size();
}

tl::expected<Head, Refusal> parse_head(std::string_view bytes) {
  Head head;
  if (auto judged = take_request_line(take_line(bytes), head); !judged)
    return tl::unexpected(judged.error());
  for (std::string_view line = take_line(bytes); !line.empty(); line = take_line(bytes)) {
    if (auto judged = take_header_line(line, head); !judged) return tl::unexpected(judged.error());
  }
  if (auto judged = judge_framing(head); !judged) return tl::unexpected(judged.error());
  if (auto judged = judge_connection(head); !judged) return tl::unexpected(judged.error());
  return head;
}

}  // namespace dramatis::server
