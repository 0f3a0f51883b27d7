// Embeddings, then for each layer attention and feed-forward with a norm after each, then the mean.
#include "model/bert.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include <fmt/format.h>

#include "kernels/attention.h"
#include "kernels/vectors.h"
#include "model/limits.h"

namespace dramatis::model {

// The arithmetic of one group of texts, whose tokens stand in one line: T rows. One thread at a
// time. Throws std::bad_alloc.
class BertEncoder::Pass {
 public:
  Pass(const BertEncoder& encoder, std::span<const std::vector<TokenId>> texts)
      : in_(encoder),
        texts_(texts),
        rows_(rows_of(texts)),
        x_(rows_ * width()),
        attention_(rows_ * 3 * width()),
        mixed_(rows_ * width()),
        added_(rows_ * width()),
        inner_(rows_ * in_.config_.ffn_width) {}

  // Shapes: out [texts].
  void run(std::span<std::vector<float>> out) {
    embed();
    for (const auto& layer : in_.layers_) {
      attention_block(layer);
      ffn_block(layer);
    }
    mean_into(out);
  }

 private:
  void embed() {
    std::size_t t = 0;
    for (const auto& text : texts_) {
      for (std::size_t place = 0; place < text.size(); ++place, ++t) {
        const auto row = at(x_, t, width());
        const auto word =
            std::span(in_.words_).subspan(static_cast<std::size_t>(text[place]) * width(), width());
        std::ranges::copy(word, row.begin());
        kernels::add(in_.type_, row);
        kernels::add(std::span(in_.positions_).subspan(place * width(), width()), row);
      }
    }
    norm_rows(in_.first_norm_);
  }

  void attention_block(const Layer& layer) {
    kernels::multiply_panels(layer.attention_in, x_.span(), attention_.span());
    std::size_t first = 0;
    for (const auto& text : texts_) {
      for (std::size_t t = first; t < first + text.size(); ++t) attend(first, text.size(), t);
      first += text.size();
    }
    kernels::multiply_panels(layer.attention_out, mixed_.span(), added_.span());
    kernels::add(added_.span(), x_.span());
    norm_rows(layer.attention_norm);
  }

  void ffn_block(const Layer& layer) {
    kernels::multiply_panels(layer.up, x_.span(), inner_.span());
    kernels::gelu(inner_.span());
    kernels::multiply_panels(layer.down, inner_.span(), added_.span());
    kernels::add(added_.span(), x_.span());
    norm_rows(layer.ffn_norm);
  }

  // Sums in the order of the tokens.
  void mean_into(std::span<std::vector<float>> out) {
    std::size_t t = 0;
    for (std::size_t n = 0; n < texts_.size(); ++n) {
      std::vector<float> sum(width(), 0.0F);
      for (std::size_t end = t + texts_[n].size(); t < end; ++t)
        kernels::add(at(x_, t, width()), sum);
      double squares = 0;
      for (const float number : sum) squares += static_cast<double>(number) * number;
      // The length takes the number of tokens out of it, too.
      const auto length = static_cast<float>(std::sqrt(squares));
      for (float& number : sum) number /= length;
      out[n] = std::move(sum);
    }
  }

  static std::size_t rows_of(std::span<const std::vector<TokenId>> texts) {
    std::size_t rows = 0;
    for (const auto& text : texts) rows += text.size();
    return rows;
  }
  static std::span<float> at(tensor::Buffer<float>& from, std::size_t t, std::size_t width) {
    return from.span().subspan(t * width, width);
  }
  [[nodiscard]] std::size_t width() const { return in_.config_.width; }

  void norm_rows(const Norm& norm) {
    const auto epsilon = static_cast<float>(in_.config_.norm_epsilon);
    for (std::size_t t = 0; t < rows_; ++t) {
      const auto row = at(x_, t, width());
      kernels::layer_norm(row, norm.weight, norm.bias, epsilon, row);
    }
  }

  // Row t sees the whole of its text, which begins with row `first`.
  void attend(std::size_t first, std::size_t length, std::size_t t) {
    const std::size_t heads = in_.config_.heads;
    const std::size_t head_width = width() / heads;
    const auto line = at(attention_, first, 3 * width());
    scores_.resize(length);
    // The text is one page, in which a row holds query, key and value.
    const std::byte* const page = reinterpret_cast<const std::byte*>(line.data());
    for (std::size_t h = 0; h < heads; ++h) {
      const std::size_t head = h * head_width;
      kernels::attend({.query = at(attention_, t, 3 * width()).subspan(head, head_width),
                       .dtype = tensor::Dtype::kF32,
                       .pages = std::span(&page, 1),
                       .page_rows = length,
                       .keys = (width() + head) * sizeof(float),
                       .values = (2 * width() + head) * sizeof(float),
                       .row_bytes = 3 * width() * sizeof(float),
                       .scale = 1.0F / std::sqrt(static_cast<float>(head_width))},
                      {.first = 0, .length = length}, scores_,
                      at(mixed_, t, width()).subspan(head, head_width));
    }
  }

  const BertEncoder& in_;
  std::span<const std::vector<TokenId>> texts_;
  std::size_t rows_;
  tensor::Buffer<float> x_;          // [T, D]
  tensor::Buffer<float> attention_;  // [T, 3 D]: queries, keys, values
  tensor::Buffer<float> mixed_;      // [T, D]: what each token has seen
  tensor::Buffer<float> added_;      // [T, D]: what a block gives
  tensor::Buffer<float> inner_;      // [T, F]
  std::vector<float> scores_;
};

Status BertEncoder::check(std::span<const std::vector<TokenId>> texts) const {
  for (const auto& text : texts) {
    if (text.empty()) return fail(ErrorCode::kInvalidArgument, "A text to encode has no tokens.");
    if (text.size() > config_.context) {
      return fail(ErrorCode::kOverBudget, fmt::format("A text has {} tokens; the encoder sees {}.",
                                                      text.size(), config_.context));
    }
    for (const auto id : text) {
      const auto number = static_cast<std::int64_t>(id);
      if (number < 0 || number >= static_cast<std::int64_t>(config_.vocabulary)) {
        return fail(ErrorCode::kInvalidArgument,
                    fmt::format("Token {} is outside the encoder's vocabulary of {}.", number,
                                config_.vocabulary));
      }
    }
  }
  return {};
}

std::vector<BertEncoder::Group> BertEncoder::groups_of(std::span<const std::vector<TokenId>> texts,
                                                       std::size_t threads) {
  std::size_t total = 0;
  for (const auto& text : texts) total += text.size();
  const std::size_t most = std::clamp(total / threads, kMinEncoderRows, kMaxEncoderRows);
  std::vector<Group> groups;
  std::size_t rows = 0;  // of the last group
  for (std::size_t n = 0; n < texts.size(); ++n) {
    if (groups.empty() || rows + texts[n].size() > most) {
      groups.push_back({.first = n, .last = n});
      rows = 0;
    }
    rows += texts[n].size();
    groups.back().last = n + 1;
  }
  return groups;
}

Result<std::vector<std::vector<float>>> BertEncoder::encode(
    std::span<const std::vector<TokenId>> texts, runtime::ThreadPool& threads,
    const runtime::Stop& stop) const {
  DRAMATIS_DO(check(texts));
  try {
    return encode_groups(texts, threads, stop);
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("There is no memory to encode {} texts.", texts.size()));
  }
}

Result<std::vector<std::vector<float>>> BertEncoder::encode_groups(
    std::span<const std::vector<TokenId>> texts, runtime::ThreadPool& threads,
    const runtime::Stop& stop) const {
  const auto groups = groups_of(texts, threads.threads());
  std::vector<std::vector<float>> vectors(texts.size());
  std::atomic<bool> stopped = false;
  threads.parallel_for(groups.size(), 1, [&](std::size_t first, std::size_t last) {
    for (std::size_t n = first; n < last; ++n) {
      if (stopped || !stop.check()) {
        stopped = true;
        return;
      }
      const Group group = groups[n];
      const std::size_t count = group.last - group.first;
      Pass(*this, texts.subspan(group.first, count))
          .run(std::span(vectors).subspan(group.first, count));
    }
  });
  if (stopped) DRAMATIS_DO(stop.check());
  for (const auto& vector : vectors) {
    if (!std::ranges::all_of(vector, [](float number) { return std::isfinite(number); })) {
      return fail(ErrorCode::kCorrupt, "The encoder's weights give no finite vector for a text.");
    }
  }
  return vectors;
}

}  // namespace dramatis::model
