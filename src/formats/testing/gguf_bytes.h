// For tests: GGUF bytes laid down field by field, so that any field can lie.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace dramatis::formats::testing {

// A count, a length or an offset of a file: where it lies, and of how many bytes it is.
struct Measure {
  std::size_t at;
  std::size_t width;
};

class GgufBytes {
 public:
  // As put, and remembered among measures().
  template <class T>
  GgufBytes& measure(T value) {
    measures_.push_back({.at = bytes_.size(), .width = sizeof(T)});
    return put(value);
  }
  template <class T>
  GgufBytes& put(T value) {
    const auto* begin = reinterpret_cast<const std::byte*>(&value);
    bytes_.insert(bytes_.end(), begin, begin + sizeof(T));
    return *this;
  }
  // Over what lies there.
  GgufBytes& set(std::size_t at, std::uint64_t value) {
    std::memcpy(bytes_.data() + at, &value, sizeof(value));
    return *this;
  }
  GgufBytes& raw(std::string_view text) {
    for (const char c : text) bytes_.push_back(static_cast<std::byte>(c));
    return *this;
  }
  GgufBytes& text(std::string_view text) { return measure<std::uint64_t>(text.size()).raw(text); }
  GgufBytes& header(std::uint64_t tensors, std::uint64_t pairs, std::uint32_t version = 3) {
    return raw("GGUF").put(version).measure(tensors).measure(pairs);
  }
  GgufBytes& key(std::string_view name, std::uint32_t kind) { return text(name).put(kind); }
  GgufBytes& tensor(std::string_view name, const std::vector<std::uint64_t>& shape,
                    std::uint32_t type, std::uint64_t offset) {
    text(name).measure(static_cast<std::uint32_t>(shape.size()));
    for (const auto length : shape) measure(length);
    return put(type).measure(offset);
  }
  GgufBytes& array(std::string_view name, std::uint32_t kind, std::uint64_t count) {
    return key(name, 9).put(kind).measure(count);
  }
  GgufBytes& pad(std::size_t alignment = 32) {
    while (bytes_.size() % alignment != 0) bytes_.push_back(std::byte{0});
    return *this;
  }
  GgufBytes& zeros(std::size_t count) {
    bytes_.resize(bytes_.size() + count);
    return *this;
  }
  [[nodiscard]] const std::vector<std::byte>& bytes() const { return bytes_; }
  [[nodiscard]] const std::vector<Measure>& measures() const { return measures_; }

 private:
  std::vector<std::byte> bytes_;
  std::vector<Measure> measures_;
};

// A valid file with every kind of value and two tensors.
inline GgufBytes small_gguf_measured() {
  GgufBytes file;
  file.header(2, 15)
      .key("general.architecture", 8)
      .text("llama")
      .key("a.u8", 0)
      .put<std::uint8_t>(200)
      .key("a.i8", 1)
      .put<std::int8_t>(-3)
      .key("a.u16", 2)
      .put<std::uint16_t>(60000)
      .key("a.i16", 3)
      .put<std::int16_t>(-300)
      .key("a.u32", 4)
      .put<std::uint32_t>(4000000000U)
      .key("a.i32", 5)
      .put<std::int32_t>(-70000)
      .key("a.f32", 6)
      .put(0.5F)
      .key("a.bool", 7)
      .put<std::uint8_t>(1)
      .key("a.u64", 10)
      .put<std::uint64_t>(1ULL << 40)
      .key("a.i64", 11)
      .put<std::int64_t>(-5)
      .key("a.f64", 12)
      .put(0.25)
      .array("a.texts", 8, 2)
      .text("one")
      .text("")
      .array("a.ints", 5, 3)
      .put(1)
      .put(-2)
      .put(3)
      .array("a.floats", 6, 2)
      .put(1.5F)
      .put(-1.0F);
  file.tensor("x.weight", {4, 2}, 0, 0).tensor("y.weight", {32}, 8, 32).pad();
  for (int n = 0; n < 8; ++n) file.put(static_cast<float>(n));
  file.zeros(34).pad();
  return file;
}
inline std::vector<std::byte> small_gguf() {
  return small_gguf_measured().bytes();
}

}  // namespace dramatis::formats::testing
