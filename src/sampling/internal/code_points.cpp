// Ranges sorted and merged; ranges cut until every byte of a sequence runs through a span of its
// own.
#include "sampling/internal/code_points.h"

#include <algorithm>
#include <string>

#include "text/utf8.h"

namespace dramatis::sampling::internal {
namespace {

constexpr char32_t kFirstSurrogate = 0xD800;
constexpr char32_t kLastSurrogate = 0xDFFF;

// The parts of a range below and above the surrogates.
void add_without_surrogates(CodePointRange range, std::vector<CodePointRange>& out) {
  range.last = std::min(range.last, kLastCodePoint);
  const CodePointRange below{range.first, std::min<char32_t>(range.last, kFirstSurrogate - 1)};
  const CodePointRange above{std::max<char32_t>(range.first, kLastSurrogate + 1), range.last};
  if (below.first <= below.last) out.push_back(below);
  if (above.first <= above.last) out.push_back(above);
}

// The sequence of a range whose ends differ so that each byte may be chosen by itself.
ByteSequence sequence_of(CodePointRange range) {
  std::string low;
  std::string high;
  text::append_utf8(range.first, low);
  text::append_utf8(range.last, high);
  ByteSequence sequence{.length = low.size()};
  for (std::size_t n = 0; n < low.size(); ++n)
    sequence.ranges[n] = {static_cast<std::uint8_t>(low[n]), static_cast<std::uint8_t>(high[n])};
  return sequence;
}

// Cuts a range of code points of one length where its last bytes do not run through a whole span.
void cut(CodePointRange range, std::size_t length, std::vector<ByteSequence>& out) {
  for (std::size_t tail = 1; tail < length; ++tail) {
    const char32_t span = (char32_t{1} << (6 * tail)) - 1;  // what `tail` last bytes can say
    if ((range.first & ~span) == (range.last & ~span)) continue;
    if ((range.first & span) != 0) {
      cut({range.first, range.first | span}, length, out);
      cut({(range.first | span) + 1, range.last}, length, out);
      return;
    }
    if ((range.last & span) != span) {
      cut({range.first, (range.last & ~span) - 1}, length, out);
      cut({range.last & ~span, range.last}, length, out);
      return;
    }
  }
  out.push_back(sequence_of(range));
}

}  // namespace

CodePointSet::CodePointSet(std::vector<CodePointRange> ranges) {
  std::vector<CodePointRange> whole;
  for (const auto& range : ranges) add_without_surrogates(range, whole);
  std::ranges::sort(whole, {}, &CodePointRange::first);
  for (const auto& range : whole) {
    if (!ranges_.empty() && range.first <= ranges_.back().last + 1) {
      ranges_.back().last = std::max(ranges_.back().last, range.last);
    } else {
      ranges_.push_back(range);
    }
  }
}

CodePointSet CodePointSet::negated() const {
  std::vector<CodePointRange> others;
  char32_t next = 0;
  for (const auto& range : ranges_) {
    if (range.first > next) others.push_back({next, range.first - 1});
    next = range.last + 1;
  }
  if (next <= kLastCodePoint) others.push_back({next, kLastCodePoint});
  return CodePointSet(std::move(others));
}

std::vector<ByteSequence> byte_sequences(const CodePointSet& set) {
  constexpr CodePointRange kLengths[] = {
      {0, 0x7F}, {0x80, 0x7FF}, {0x800, 0xFFFF}, {0x10000, kLastCodePoint}};
  std::vector<ByteSequence> all;
  for (const auto& range : set.ranges()) {
    for (std::size_t n = 0; n < 4; ++n) {
      const CodePointRange part{std::max(range.first, kLengths[n].first),
                                std::min(range.last, kLengths[n].last)};
      if (part.first <= part.last) cut(part, n + 1, all);
    }
  }
  return all;
}

}  // namespace dramatis::sampling::internal
