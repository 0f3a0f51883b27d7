// The document of the API -> one page of HTML: what each address does, who may call it, its
// schemas.
#include <array>

#include <fmt/format.h>

#include "server/openapi.h"
#include "text/digest.h"

namespace dramatis::server {
namespace {

using text::Json;
using text::JsonObject;

constexpr std::string_view kStyle =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;"
    "color:#1c1b1a;background:#fbfaf7}"
    "h1,h2{font-weight:600}h2{border-bottom:1px solid #d8d3c8;padding-bottom:.2rem}"
    "code,pre{font:14px/1.4 ui-monospace,monospace}"
    "pre{background:#f1eee6;padding:.7rem;overflow:auto;border-radius:4px}"
    "section{margin:1.2rem 0}.m{font-weight:700;display:inline-block;min-width:4.5rem}"
    ".w{color:#6b6459}a{color:#23527c}"
    "@media(prefers-color-scheme:dark){body{color:#e8e4da;background:#1b1a18}"
    "pre{background:#262420}h2{border-color:#3a372f}.w{color:#a49c8c}a{color:#8fb8de}}";

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string_view text_in(const Json& json, std::string_view key) {
  const Json* found = json.find(key);
  const std::string* words = found == nullptr ? nullptr : found->as_string();
  return words == nullptr ? std::string_view() : std::string_view(*words);
}

// "Turn" of "#/components/schemas/Turn", as a link to it.
std::string link_to(std::string_view reference) {
  const std::size_t slash = reference.rfind('/');
  const std::string name =
      escape(slash == reference.npos ? reference : reference.substr(slash + 1));
  return fmt::format("<a href=\"#{0}\">{0}</a>", name);
}

// The schema's name under `holder`.content, whatever the type.
std::string schema_under(const Json& holder) {
  const Json* content = holder.find("content");
  if (content == nullptr || content->as_object() == nullptr || content->as_object()->empty())
    return {};
  const Json* schema = content->as_object()->front().second.find("schema");
  return schema == nullptr ? std::string() : link_to(text_in(*schema, "$ref"));
}

std::string upper(std::string_view method) {
  std::string out;
  for (const char c : method) out += static_cast<char>(c - 'a' + 'A');
  return out;
}

std::string print_operation(std::string_view method, std::string_view path, const Json& operation) {
  std::string out = fmt::format(
      "<section><div><span class=\"m\">{}</span> <code>{}</code></div><div>{}. "
      "<span class=\"w\">For {}.</span></div>",
      upper(method), escape(path), escape(text_in(operation, "summary")),
      escape(text_in(operation, "x-caller")));
  if (const Json* body = operation.find("requestBody"))
    out += fmt::format("<div>Takes {}.</div>", schema_under(*body));
  const Json* responses = operation.find("responses");
  std::string errors;
  for (const auto& [status, response] : *responses->as_object()) {
    if (status >= "400") {
      errors += ' ';
      errors += escape(status);
      continue;
    }
    const std::string schema = schema_under(response);
    out += fmt::format("<div>{} {}</div>", escape(status), schema);
  }
  return out + fmt::format("<div class=\"w\">Problems:{}</div></section>", errors);
}

// A byte string in Base64.
std::string base64(std::string_view bytes) {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::array<unsigned, 3> three{};
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    for (std::size_t n = 0; n < count; ++n) three[n] = static_cast<unsigned char>(bytes[at + n]);
    const unsigned bits = three[0] << 16U | three[1] << 8U | three[2];
    for (std::size_t n = 0; n < 4; ++n)
      out += n <= count ? kLetters[(bits >> (18 - 6 * n)) & 63U] : '=';
  }
  return out;
}

std::string digest_of_style() {
  const auto nibble = [](char digit) {
    return static_cast<unsigned>(digit >= 'a' ? digit - 'a' + 10 : digit - '0');
  };
  const std::string hex = text::sha256(kStyle);
  std::string bytes;
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2)
    bytes += static_cast<char>(nibble(hex[at]) << 4U | nibble(hex[at + 1]));
  return base64(bytes);
}

}  // namespace

Response docs_page(const Json& openapi) {
  std::string page = fmt::format(
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\"><title>Dramatis API</title><style>{}</style></head><body>"
      "<h1>Dramatis API</h1><p>The same for programs: <a "
      "href=\"/openapi.json\">/openapi.json</a>. Problems follow RFC 9457; programs look at "
      "<code>code</code>.</p><h2>Addresses</h2>",
      kStyle);
  for (const auto& [path, methods] : *openapi.find("paths")->as_object()) {
    for (const auto& [method, operation] : *methods.as_object())
      page += print_operation(method, path, operation);
  }
  page += "<h2>Schemas</h2>";
  for (const auto& [name, schema] : *openapi.find("components")->find("schemas")->as_object()) {
    page += fmt::format("<section id=\"{0}\"><b>{0}</b><pre>{1}</pre></section>", escape(name),
                        escape(text::print_json(schema)));
  }
  page += "</body></html>\n";
  Response response{
      .status = 200, .content_type = "text/html; charset=utf-8", .body = std::move(page)};
  response.headers.emplace_back(
      "Content-Security-Policy",
      fmt::format("default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'; "
                  "frame-ancestors 'none'",
                  digest_of_style()));
  return response;
}

}  // namespace dramatis::server
