// The front of a GGUF file -> its metadata, read field by field.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/result.h"
#include "formats/gguf.h"

namespace dramatis::formats::internal {

// A foreign name as it may stand in an error: quoted, escaped, short.
[[nodiscard]] std::string shown(std::string_view name);
// Not empty, valid UTF-8, no control characters.
[[nodiscard]] bool is_plain_name(std::string_view name);

// Takes numbers and texts from the front of a file. What is short is kCorrupt with both numbers.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> file) : file_(file) {}

  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] std::size_t left() const { return file_.size() - at_; }

  template <class T>
  [[nodiscard]] Result<T> number(std::string_view what) {
    if (left() < sizeof(T)) return short_of(what, sizeof(T));
    const T value = load_le<T>(file_, at_);
    at_ += sizeof(T);
    return value;
  }

  [[nodiscard]] Result<std::string_view> text(std::string_view what, std::size_t at_most) {
    DRAMATIS_TRY(const auto length, number<std::uint64_t>(what));
    if (length > left()) return short_of(what, length);
    if (length > at_most) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("The {} before byte {} has {} bytes; at most {} are allowed.", what,
                              at_, length, at_most));
    }
    const auto taken = as_text(file_.subspan(at_, length));
    at_ += length;
    return taken;
  }

  // A count of records of at least `least` bytes each: more than could follow is refused unread.
  [[nodiscard]] Result<std::size_t> count(std::string_view what, std::size_t least,
                                          std::size_t at_most) {
    DRAMATIS_TRY(const auto claimed, number<std::uint64_t>(what));
    return fits(what, claimed, least, at_most);
  }
  [[nodiscard]] Result<std::size_t> fits(std::string_view what, std::uint64_t claimed,
                                         std::size_t least, std::size_t at_most) const {
    if (claimed > left() / least) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("The file claims {} {} before byte {}, but only {} bytes follow.",
                              claimed, what, at_, left()));
    }
    if (claimed > at_most) {
      return fail(ErrorCode::kOverBudget,
                  fmt::format("The file has {} {}; at most {} are read.", claimed, what, at_most));
    }
    return static_cast<std::size_t>(claimed);
  }

 private:
  [[nodiscard]] tl::unexpected<Error> short_of(std::string_view what, std::uint64_t wanted) const {
    return fail(
        ErrorCode::kCorrupt,
        fmt::format("The file ends within the {} at byte {}: {} bytes are needed, {} are left. "
                    "It may have been cut short; fetch it again.",
                    what, at_, wanted, left()));
  }

  std::span<const std::byte> file_;
  std::size_t at_ = 0;
};

using GgufPairs = std::vector<std::pair<std::string, GgufValue>>;

// The next `count` pairs. Errors: those of Gguf::parse.
[[nodiscard]] Result<GgufPairs> read_pairs(Reader& from, std::size_t count);

}  // namespace dramatis::formats::internal
