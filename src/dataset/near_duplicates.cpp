// Texts -> which of them say what another said already.
#include "dataset/near_duplicates.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string_view>
#include <unordered_map>

namespace dramatis::dataset {
namespace {

constexpr std::size_t kRun = 3;
// A pair with share s falls together in one band with probability s^4, in any of 32 with
// 1 - (1 - s^4)^32: 0.988 at 0.6, 0.99995 at 0.8.
constexpr std::size_t kBands = 32;
constexpr std::size_t kRowsOfBand = 4;
constexpr std::size_t kRows = kBands * kRowsOfBand;

using Signature = std::array<std::uint64_t, kRows>;

// Source: Steele et al. 2014, "Fast splittable pseudorandom number generators", the finaliser.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31U);
}

std::vector<std::uint64_t> word_hashes(std::string_view text) {
  std::vector<std::uint64_t> words;
  // Source: FNV-1a, 64 bits.
  constexpr std::uint64_t kEmpty = 0xCBF29CE484222325ULL;
  std::uint64_t word = kEmpty;
  for (const char raw : text) {
    const char c = raw >= 'A' && raw <= 'Z' ? static_cast<char>(raw + ('a' - 'A')) : raw;
    const bool letter =
        (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
    if (letter) {
      word = (word ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    } else if (c != '\'' && word != kEmpty) {
      words.push_back(mix(word));
      word = kEmpty;
    }
  }
  if (word != kEmpty) words.push_back(mix(word));
  return words;
}

// The different runs of a text, sorted.
std::vector<std::uint64_t> runs_of(std::string_view text) {
  const auto words = word_hashes(text);
  std::vector<std::uint64_t> runs;
  const std::size_t length = std::clamp<std::size_t>(words.size(), 1, kRun);
  for (std::size_t n = 0; n + length <= words.size(); ++n) {
    std::uint64_t run = 0;
    for (std::size_t i = 0; i < length; ++i) run = mix(run + words[n + i]);
    runs.push_back(run);
  }
  std::ranges::sort(runs);
  runs.erase(std::unique(runs.begin(), runs.end()), runs.end());
  return runs;
}

Signature sign(const std::vector<std::uint64_t>& runs) {
  Signature signature;
  signature.fill(std::numeric_limits<std::uint64_t>::max());
  for (const std::uint64_t run : runs) {
    for (std::size_t row = 0; row < kRows; ++row)
      signature[row] = std::min(signature[row], mix(run ^ mix(row + 1)));
  }
  return signature;
}

std::uint64_t band_of(const Signature& signature, std::size_t band) {
  std::uint64_t hash = band + 1;
  for (std::size_t row = 0; row < kRowsOfBand; ++row)
    hash = mix(hash + signature[band * kRowsOfBand + row]);
  return hash;
}

bool alike(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b) {
  std::size_t shared = 0;
  for (std::size_t n = 0, m = 0; n < a.size() && m < b.size();) {
    shared += a[n] == b[m] ? 1 : 0;
    const bool first = a[n] <= b[m];
    const bool second = b[m] <= a[n];
    n += first ? 1 : 0;
    m += second ? 1 : 0;
  }
  const std::size_t all = a.size() + b.size() - shared;
  return static_cast<double>(shared) >= kAlike * static_cast<double>(all);
}

}  // namespace

std::vector<std::size_t> first_alike(std::span<const std::string> texts) {
  std::vector<std::vector<std::uint64_t>> runs;
  runs.reserve(texts.size());
  std::vector<std::size_t> first(texts.size());
  std::unordered_map<std::uint64_t, std::vector<std::size_t>> bands;
  for (std::size_t n = 0; n < texts.size(); ++n) {
    runs.push_back(runs_of(texts[n]));
    first[n] = n;
    const auto signature = sign(runs[n]);
    for (std::size_t band = 0; band < kBands; ++band) {
      auto& met = bands[band_of(signature, band)];
      for (const std::size_t earlier : met) {
        if (earlier >= first[n]) break;
        if (alike(runs[n], runs[earlier])) first[n] = earlier;
      }
      // Those that repeat stand for themselves no more, or a thousand copies would be compared with
      // each other.
      if (first[n] == n) met.push_back(n);
    }
  }
  return first;
}

}  // namespace dramatis::dataset
