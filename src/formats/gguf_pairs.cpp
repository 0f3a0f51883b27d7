// Keys, types and values, each count compared with the bytes that are left before anything is
// reserved. Source: ggml/docs/gguf.md.
#include "formats/internal/gguf_pairs.h"

#include <algorithm>
#include <unordered_set>

#include "formats/limits.h"
#include "text/json.h"
#include "text/utf8.h"

namespace dramatis::formats::internal {
namespace {

enum class Kind : std::uint32_t {
  kU8,
  kI8,
  kU16,
  kI16,
  kU32,
  kI32,
  kF32,
  kBool,
  kText,
  kArray,
  kU64,
  kI64,
  kF64,
};
constexpr std::uint32_t kKinds = 13;

// The fewest bytes that an element of a kind takes in a file.
std::size_t least_bytes(Kind kind) {
  switch (kind) {
    case Kind::kU8:
    case Kind::kI8:
    case Kind::kBool:
      return 1;
    case Kind::kU16:
    case Kind::kI16:
      return 2;
    case Kind::kU32:
    case Kind::kI32:
    case Kind::kF32:
      return 4;
    case Kind::kText:
    case Kind::kU64:
    case Kind::kI64:
    case Kind::kF64:
      return 8;
    case Kind::kArray:
      return 12;
  }
  return 12;
}

template <class T>
Result<GgufValue> read_integer(Reader& from) {
  DRAMATIS_TRY(const auto value, from.number<T>("value"));
  if (!std::in_range<std::int64_t>(value)) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("The number {} before byte {} is too large.", value, from.at()));
  }
  return GgufValue(static_cast<std::int64_t>(value));
}

Result<GgufValue> read_single(Reader& from, Kind kind) {
  switch (kind) {
    case Kind::kU8:
      return read_integer<std::uint8_t>(from);
    case Kind::kI8:
      return read_integer<std::int8_t>(from);
    case Kind::kU16:
      return read_integer<std::uint16_t>(from);
    case Kind::kI16:
      return read_integer<std::int16_t>(from);
    case Kind::kU32:
      return read_integer<std::uint32_t>(from);
    case Kind::kI32:
      return read_integer<std::int32_t>(from);
    case Kind::kU64:
      return read_integer<std::uint64_t>(from);
    case Kind::kI64:
      return read_integer<std::int64_t>(from);
    case Kind::kF32: {
      DRAMATIS_TRY(const auto value, from.number<float>("value"));
      return GgufValue(static_cast<double>(value));
    }
    case Kind::kF64: {
      DRAMATIS_TRY(const auto value, from.number<double>("value"));
      return GgufValue(value);
    }
    case Kind::kBool: {
      DRAMATIS_TRY(const auto value, from.number<std::uint8_t>("value"));
      return GgufValue(value != 0);
    }
    case Kind::kText: {
      DRAMATIS_TRY(const auto value, from.text("text", kMaxGgufBytes));
      return GgufValue(std::string(value));
    }
    case Kind::kArray:
      break;
  }
  return fail(ErrorCode::kUnsupported,
              fmt::format("An array of arrays ends before byte {}.", from.at()));
}

template <class Element>
Result<GgufValue> read_elements(Reader& from, Kind kind, std::size_t count) {
  std::vector<Element> elements;
  elements.reserve(count);
  for (std::size_t n = 0; n < count; ++n) {
    DRAMATIS_TRY(auto value, read_single(from, kind));
    elements.push_back(std::get<Element>(std::move(value)));
  }
  return GgufValue(GgufArray(std::move(elements)));
}

Result<Kind> read_kind(Reader& from) {
  DRAMATIS_TRY(const auto kind, from.number<std::uint32_t>("value type"));
  if (kind >= kKinds) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("Value type {} before byte {} is unknown; types are 0 to {}.", kind,
                            from.at(), kKinds - 1));
  }
  return static_cast<Kind>(kind);
}

// `elements_left` is what the file's arrays may still hold together.
Result<GgufValue> read_array(Reader& from, std::size_t& elements_left) {
  DRAMATIS_TRY(const Kind kind, read_kind(from));
  if (kind == Kind::kArray) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("An array of arrays stands before byte {}.", from.at()));
  }
  DRAMATIS_TRY(const auto count, from.count("array elements", least_bytes(kind), elements_left));
  elements_left -= count;
  switch (kind) {
    case Kind::kText:
      return read_elements<std::string>(from, kind, count);
    case Kind::kBool:
      return read_elements<bool>(from, kind, count);
    case Kind::kF32:
    case Kind::kF64:
      return read_elements<double>(from, kind, count);
    default:
      return read_elements<std::int64_t>(from, kind, count);
  }
}

}  // namespace

std::string shown(std::string_view name) {
  return text::print_json(text::Json(text::repair_utf8(name.substr(0, 80))));
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && text::is_valid_utf8(name) && std::ranges::none_of(name, [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
}

Result<GgufPairs> read_pairs(Reader& from, std::size_t count) {
  GgufPairs pairs;
  pairs.reserve(count);
  std::unordered_set<std::string_view> keys;  // views of the file
  std::size_t elements_left = kMaxGgufElements;
  for (std::size_t n = 0; n < count; ++n) {
    DRAMATIS_TRY(const auto key, from.text("key", kMaxGgufKeyBytes));
    if (!is_plain_name(key)) {
      return fail(ErrorCode::kCorrupt, fmt::format("The key {} before byte {} is no plain text.",
                                                   shown(key), from.at()));
    }
    if (!keys.insert(key).second) {
      return fail(ErrorCode::kCorrupt, fmt::format("The key {} stands twice, again before byte {}.",
                                                   shown(key), from.at()));
    }
    DRAMATIS_TRY(const Kind kind, read_kind(from));
    auto value = kind == Kind::kArray ? read_array(from, elements_left) : read_single(from, kind);
    if (!value) {
      value.error().what = fmt::format("Key {}: {}", shown(key), value.error().what);
      return tl::unexpected(std::move(value).error());
    }
    pairs.emplace_back(std::string(key), *std::move(value));
  }
  return pairs;
}

}  // namespace dramatis::formats::internal
