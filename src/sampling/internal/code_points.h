// Sets of code points, and the byte sequences that write them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace dramatis::sampling::internal {

constexpr char32_t kLastCodePoint = 0x10FFFF;

// Both ends included.
struct CodePointRange {
  char32_t first;
  char32_t last;
};

// A set of code points. A value; ranges rise and do not touch, and hold no surrogate.
class CodePointSet {
 public:
  CodePointSet() = default;
  // In any order; may overlap; surrogates are left out.
  explicit CodePointSet(std::vector<CodePointRange> ranges);

  // All code points that are not in this set.
  [[nodiscard]] CodePointSet negated() const;
  [[nodiscard]] const std::vector<CodePointRange>& ranges() const { return ranges_; }
  [[nodiscard]] bool empty() const { return ranges_.empty(); }

 private:
  std::vector<CodePointRange> ranges_;
};

// One range of bytes for each byte of a UTF-8 sequence.
struct ByteSequence {
  struct Range {
    std::uint8_t first;
    std::uint8_t last;
  };
  std::size_t length = 0;
  Range ranges[4] = {};
};

// The sequences which together write exactly the code points of `set`, each once.
// Source: Unicode 15, table 3-7; ranges are cut where a byte's whole span ends.
[[nodiscard]] std::vector<ByteSequence> byte_sequences(const CodePointSet& set);

}  // namespace dramatis::sampling::internal
