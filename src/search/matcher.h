// A learnt measure of what a line is about: text -> a unit vector; lines that ask the same lie
// close.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formats/safetensors.h"

namespace dramatis::search {

// What a line is made of for the matcher: words, pairs of words, and the pieces of three to five
// letters of each word (which stand for stems and for slips of the pen), hashed into `buckets`
// numbers with FNV-1a. At most kMaxFeatures; never empty. Training and search share this function.
[[nodiscard]] std::vector<std::uint32_t> features_of(std::string_view text, std::size_t buckets);

// How sure a match is: sigmoid(slope * similarity + margin_slope * lead over the next topic +
// offset).
struct Calibration {
  double slope = 0, margin_slope = 0, offset = 0;
  double word_weight = 0;  // what a BM25 score of 1 adds to a similarity
};

// A weighted mean of feature vectors. Immutable; thread-safe.
class Matcher {
 public:
  // Tensors "vectors" [buckets, width] and "weights" [buckets], f16; the calibration in the
  // metadata. Errors: kCorrupt, naming what is missing or of the wrong shape.
  [[nodiscard]] static Result<Matcher> from(const formats::Safetensors& file);
  [[nodiscard]] static Result<Matcher> read(const std::filesystem::path& path);

  // The unit vector of `text` [width].
  [[nodiscard]] std::vector<float> embed(std::string_view text) const;
  [[nodiscard]] std::size_t width() const { return width_; }
  [[nodiscard]] const Calibration& calibration() const { return calibration_; }

 private:
  std::size_t width_ = 0;
  std::vector<float> vectors_;  // [buckets, width], each already times its weight
  std::vector<float> weights_;  // [buckets]
  Calibration calibration_;
};

}  // namespace dramatis::search
