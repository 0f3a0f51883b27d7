// Features, their vectors, their mean.
#include "search/matcher.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "base/bytes.h"
#include "search/limits.h"

namespace dramatis::search {
namespace {

// Fowler, Noll & Vo, FNV-1a, 32 bits. The kind keeps a word apart from a piece that is spelt like
// it.
std::uint32_t hash(char kind, std::string_view text) {
  std::uint32_t value = 2166136261U;
  const auto take = [&value](char c) {
    value = (value ^ static_cast<unsigned char>(c)) * 16777619U;
  };
  take(kind);
  for (const char c : text) take(c);
  return value;
}

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

// Lower-case words; an apostrophe is dropped ("don't" is "dont"), everything else parts words.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words(1);
  for (const char raw : text) {
    const char c = raw >= 'A' && raw <= 'Z' ? static_cast<char>(raw + ('a' - 'A')) : raw;
    if (is_word_byte(c)) {
      if (words.back().size() < kMaxWordBytes) words.back() += c;
    } else if (c != '\'' && !words.back().empty()) {
      if (words.size() == kMaxMatchedWords) break;
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

float half_at(std::span<const std::byte> bytes, std::size_t index) {
  const auto bits = load_le<std::uint16_t>(bytes, 2 * index);
  const auto sign = (bits & 0x8000U) != 0 ? -1.0F : 1.0F;
  const int exponent = (bits >> 10) & 0x1F;
  const auto fraction = static_cast<float>(bits & 0x3FFU);
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024.0F + fraction, exponent - 25);
}

Result<double> number(const formats::Safetensors& file, std::string_view key) {
  const std::string* text = file.metadata(key);
  double value = 0;
  if (text == nullptr ||
      std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc{} ||
      !std::isfinite(value)) {
    return fail(ErrorCode::kCorrupt, fmt::format("a matcher needs a number '{}'", key));
  }
  return value;
}

}  // namespace

std::vector<std::uint32_t> features_of(std::string_view text, std::size_t buckets) {
  std::vector<std::uint32_t> features;
  const auto add = [&](char kind, std::string_view piece) {
    if (features.size() < kMaxFeatures) {
      features.push_back(static_cast<std::uint32_t>(hash(kind, piece) % buckets));
    }
  };
  std::string before = "^";
  for (const std::string& word : words_of(text)) {
    add('w', word);
    add('p', before + " " + word);
    before = word;
    const std::string bounded = "<" + word + ">";
    for (std::size_t length = 3; word.size() > 3 && length <= 5; ++length) {
      for (std::size_t at = 0; at + length <= bounded.size(); ++at) {
        add('c', std::string_view(bounded).substr(at, length));
      }
    }
  }
  add('p', before + " $");
  return features;
}

Result<Matcher> Matcher::from(const formats::Safetensors& file) {
  const formats::SafeTensor* vectors = file.tensor("vectors");
  const formats::SafeTensor* weights = file.tensor("weights");
  const auto is = [](const formats::SafeTensor* tensor, std::size_t rank) {
    return tensor != nullptr && tensor->dtype == formats::SafeDtype::kF16 &&
           tensor->shape.size() == rank && !tensor->bytes.empty();
  };
  if (!is(vectors, 2) || !is(weights, 1) || vectors->shape[0] != weights->shape[0]) {
    return fail(ErrorCode::kCorrupt,
                "a matcher needs tensors vectors [buckets, width] and weights [buckets] of F16");
  }
  Matcher matcher;
  matcher.width_ = vectors->shape[1];
  DRAMATIS_TRY(matcher.calibration_.slope, number(file, "slope"));
  DRAMATIS_TRY(matcher.calibration_.margin_slope, number(file, "margin_slope"));
  DRAMATIS_TRY(matcher.calibration_.offset, number(file, "offset"));
  DRAMATIS_TRY(matcher.calibration_.word_weight, number(file, "word_weight"));
  for (std::size_t n = 0; n < weights->shape[0]; ++n) {
    matcher.weights_.push_back(half_at(weights->bytes, n));
  }
  const std::size_t total = vectors->bytes.size() / 2;
  matcher.vectors_.reserve(total);
  for (std::size_t n = 0; n < total; ++n) {
    const float value = half_at(vectors->bytes, n) * matcher.weights_[n / matcher.width_];
    if (!std::isfinite(value)) return fail(ErrorCode::kCorrupt, "a matcher's number is not finite");
    matcher.vectors_.push_back(value);
  }
  return matcher;
}

Result<Matcher> Matcher::read(const std::filesystem::path& path) {
  DRAMATIS_TRY(const auto file, formats::Safetensors::read(path));
  auto matcher = from(file);
  if (!matcher) {
    return fail(matcher.error().code, fmt::format("{}: {}", path.string(), matcher.error().what));
  }
  return matcher;
}

std::vector<float> Matcher::embed(std::string_view text) const {
  std::vector<float> sum(width_, 0.0F);
  for (const std::uint32_t feature : features_of(text, weights_.size())) {
    const float* row = vectors_.data() + feature * width_;
    for (std::size_t d = 0; d < width_; ++d) sum[d] += row[d];
  }
  double square = 0;
  for (const float x : sum) square += static_cast<double>(x) * static_cast<double>(x);
  const auto scale = static_cast<float>(1.0 / std::max(std::sqrt(square), 1e-9));
  for (float& x : sum) x *= scale;
  return sum;
}

}  // namespace dramatis::search
