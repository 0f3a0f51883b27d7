// Boost.JSON does the parsing; its values do not leave this file.
#include "text/json.h"

#include <cmath>
#include <set>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/stream_parser.hpp>
#include <fmt/format.h>

#include "text/limits.h"
#include "text/utf8.h"

namespace dramatis::text {
namespace {

namespace json = boost::json;

Result<Json> from_boost(const json::value& from);

Result<Json> from_object(const json::object& from) {
  JsonObject object;
  object.reserve(from.size());
  for (const auto& member : from) {
    DRAMATIS_TRY(auto value, from_boost(member.value()));
    object.emplace_back(std::string(member.key()), std::move(value));
  }
  return Json(std::move(object));
}

Result<Json> from_array(const json::array& from) {
  JsonArray array;
  array.reserve(from.size());
  for (const auto& element : from) {
    DRAMATIS_TRY(auto value, from_boost(element));
    array.push_back(std::move(value));
  }
  return Json(std::move(array));
}

Result<Json> from_boost(const json::value& from) {
  switch (from.kind()) {
    case json::kind::null:
      return Json();
    case json::kind::bool_:
      return Json(from.get_bool());
    case json::kind::int64:
      return Json(from.get_int64());
    case json::kind::uint64:
      return Json(static_cast<double>(from.get_uint64()));
    case json::kind::double_:
      if (!std::isfinite(from.get_double())) {
        return fail(ErrorCode::kInvalidArgument, "A JSON number is too large.");
      }
      return Json(from.get_double());
    case json::kind::string:
      return Json(std::string(from.get_string()));
    case json::kind::array:
      return from_array(from.get_array());
    case json::kind::object:
      return from_object(from.get_object());
  }
  return fail(ErrorCode::kInternal, "A JSON value of no known kind.");
}

// Boost.JSON keeps the last of two equal keys; a request that says two things is refused instead.
// Walks strings and braces of a document already known to be valid.
bool has_duplicate_keys(std::string_view document) {
  std::vector<std::set<std::string, std::less<>>> open;
  std::string last;
  for (std::size_t at = 0; at < document.size(); ++at) {
    const char c = document[at];
    if (c == '{' || c == '[') open.emplace_back();
    if (c == '}' || c == ']') open.pop_back();
    if (c == ':' && !open.empty() && !open.back().insert(last).second) return true;
    if (c != '"') continue;
    const std::size_t start = at++;
    while (document[at] != '"') at += document[at] == '\\' ? 2 : 1;
    const auto quoted = document.substr(start, at - start + 1);
    last = quoted.find('\\') == quoted.npos
               ? std::string(quoted.substr(1, quoted.size() - 2))
               : std::string(
                     json::parse(json::string_view(quoted.data(), quoted.size())).get_string());
  }
  return false;
}

void print_string(std::string_view text, std::string& out) {
  out += '"';
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    const std::string_view raw = text.substr(0, std::max<std::size_t>(point.length, 1));
    text.remove_prefix(raw.size());
    if (point.length == 0) {
      out += "\\ufffd";
    } else if (point.value == U'"' || point.value == U'\\') {
      out += '\\';
      out += raw;
    } else if (point.value == U'\n') {
      out += "\\n";
    } else if (point.value == U'\t') {
      out += "\\t";
    } else if (point.value < 0x20 || point.value == 0x7F || point.value == 0x2028 ||
               point.value == 0x2029) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(point.value));
    } else {
      out += raw;
    }
  }
  out += '"';
}

void print(const Json& value, std::string& out) {
  if (value.is_null()) {
    out += "null";
  } else if (const bool* truth = value.as_bool()) {
    out += *truth ? "true" : "false";
  } else if (const std::int64_t* integer = value.as_int()) {
    out += fmt::format("{}", *integer);
  } else if (const std::string* text = value.as_string()) {
    print_string(*text, out);
  } else if (const JsonArray* array = value.as_array()) {
    out += '[';
    for (std::size_t n = 0; n < array->size(); ++n) {
      if (n > 0) out += ',';
      print((*array)[n], out);
    }
    out += ']';
  } else if (const JsonObject* object = value.as_object()) {
    out += '{';
    for (std::size_t n = 0; n < object->size(); ++n) {
      if (n > 0) out += ',';
      print_string((*object)[n].first, out);
      out += ':';
      print((*object)[n].second, out);
    }
    out += '}';
  } else {
    const double number = *value.as_number();
    out += std::isfinite(number) ? fmt::format("{}", number) : "null";
  }
}

}  // namespace

std::optional<double> Json::as_number() const {
  if (const auto* integer = as_int()) return static_cast<double>(*integer);
  if (const auto* number = std::get_if<double>(&value_)) return *number;
  return std::nullopt;
}

const Json* Json::find(std::string_view key) const {
  const JsonObject* object = as_object();
  if (object == nullptr) return nullptr;
  for (const auto& [name, value] : *object) {
    if (name == key) return &value;
  }
  return nullptr;
}

Result<Json> parse_json(std::string_view document, std::size_t most_bytes) {
  if (document.size() > most_bytes) {
    return fail(ErrorCode::kOverBudget, fmt::format("The JSON has {} bytes; at most {} are read.",
                                                    document.size(), most_bytes));
  }
  json::parse_options strict;
  strict.max_depth = kMaxJsonDepth;
  json::stream_parser parser({}, strict);
  boost::system::error_code ec;
  const std::size_t read = parser.write_some(document.data(), document.size(), ec);
  if (!ec && read < document.size() &&
      document.find_first_not_of(" \t\r\n", read) != document.npos) {
    ec = json::error::extra_data;
  }
  if (!ec) parser.finish(ec);
  if (ec) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("The JSON is not valid near byte {}: {}.", read, ec.message()));
  }
  if (has_duplicate_keys(document)) {
    return fail(ErrorCode::kInvalidArgument, "The JSON names a key twice in one object.");
  }
  return from_boost(parser.release());
}

std::string print_json(const Json& value) {
  std::string out;
  print(value, out);
  return out;
}

}  // namespace dramatis::text
