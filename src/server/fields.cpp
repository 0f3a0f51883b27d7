// Each kind of value, and the sentence for a value of another kind.
#include "server/fields.h"

#include <vector>

#include <fmt/format.h>

#include "text/utf8.h"
#include "text/utterance.h"

namespace dramatis::server {
namespace {

// A field's name of a stranger, in a sentence of ours.
constexpr std::size_t kMaxNameShown = 64;

}  // namespace

Result<Fields> Fields::read(std::string_view body) {
  DRAMATIS_TRY(auto object, text::parse_json(body));
  if (object.as_object() == nullptr) {
    return fail(ErrorCode::kInvalidArgument, "The body is no JSON object.");
  }
  return Fields(std::move(object), "");
}

Result<Fields> Fields::read_or_empty(std::string_view body) {
  return read(body.empty() ? "{}" : body);
}

const text::Json* Fields::take(std::string_view name) {
  known_.emplace(name);
  const text::Json* value = object_.find(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

void Fields::mistake(std::string_view name, std::string_view what) {
  if (mistake_) return;
  mistake_ = Error{ErrorCode::kInvalidArgument, fmt::format("{}{} {}", before_, name, what)};
}

bool Fields::has_null(std::string_view name) {
  known_.emplace(name);
  const text::Json* value = object_.find(name);
  return value != nullptr && value->is_null();
}

std::optional<Fields> Fields::object(std::string_view name) {
  const text::Json* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (value->as_object() != nullptr) return Fields(*value, fmt::format("{}{}.", before_, name));
  mistake(name, "is no object.");
  return std::nullopt;
}

std::optional<std::vector<Fields>> Fields::objects(std::string_view name) {
  const text::Json* value = take(name);
  if (value == nullptr) return std::nullopt;
  std::vector<Fields> list;
  if (value->as_array() == nullptr) {
    mistake(name, "is no list.");
    return std::nullopt;
  }
  for (const text::Json& element : *value->as_array()) {
    const std::string place = fmt::format("{}[{}]", name, list.size());
    if (element.as_object() == nullptr) {
      mistake(place, "is no object.");
      return std::nullopt;
    }
    list.push_back(Fields(element, fmt::format("{}{}.", before_, place)));
  }
  return list;
}

std::optional<std::string> Fields::text(std::string_view name) {
  const text::Json* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (const std::string* words = value->as_string()) return *words;
  mistake(name, "is no string.");
  return std::nullopt;
}

std::string Fields::required_text(std::string_view name) {
  const bool absent = take(name) == nullptr;
  if (absent) mistake(name, "is missing.");
  return text(name).value_or("");
}

std::optional<bool> Fields::truth(std::string_view name) {
  const text::Json* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (const bool* truth = value->as_bool()) return *truth;
  mistake(name, "is neither true nor false.");
  return std::nullopt;
}

std::optional<std::int64_t> Fields::integer(std::string_view name) {
  const text::Json* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (const std::int64_t* integer = value->as_int()) return *integer;
  mistake(name, "is no whole number.");
  return std::nullopt;
}

std::optional<double> Fields::number(std::string_view name) {
  const text::Json* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (const auto number = value->as_number()) return number;
  mistake(name, "is no number.");
  return std::nullopt;
}

Status Fields::judge() const {
  if (mistake_) return tl::unexpected(*mistake_);
  for (const auto& [name, value] : *object_.as_object()) {
    if (known_.contains(name)) continue;
    std::string all;
    for (const auto& known : known_) all += (all.empty() ? "" : ", ") + known;
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("The field '{}{}' is unknown; known are {}.", before_,
                            text::printable(text::cut_at(name, kMaxNameShown)), all));
  }
  return {};
}

}  // namespace dramatis::server
