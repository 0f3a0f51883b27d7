#include "model/bert.h"

#include <cmath>
#include <limits>
#include <numbers>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/limits.h"
#include "model/testing/small_bert.h"

namespace dramatis::model {
namespace {

using ::testing::HasSubstr;
using testing::kSmallBert;
using testing::small_bert;

BertEncoder bound(const std::vector<std::byte>& bytes, const BertConfig& config = kSmallBert) {
  const auto file = formats::Safetensors::parse(bytes).value();
  auto bound = BertEncoder::bind(file, config);
  EXPECT_TRUE(bound) << bound.error().what;
  return *std::move(bound);
}

std::vector<TokenId> text_of(std::size_t length, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<TokenId> ids(length);
  for (auto& id : ids) id = static_cast<TokenId>(rng.below(kSmallBert.vocabulary));
  return ids;
}

std::vector<std::vector<float>> encode(const BertEncoder& encoder,
                                       const std::vector<std::vector<TokenId>>& texts,
                                       std::size_t threads = 1) {
  runtime::ThreadPool pool(threads);
  auto made = encoder.encode(texts, pool, {});
  EXPECT_TRUE(made) << made.error().what;
  return *std::move(made);
}

// The same encoder as textbooks tell it, in double precision: one row of numbers for each token.
class Textbook {
 public:
  using Rows = std::vector<std::vector<double>>;

  Textbook(const testing::SmallBert& bert, const BertConfig& config)
      : bert_(bert), config_(config) {}

  std::vector<double> encode(const std::vector<TokenId>& ids) const {
    Rows x;
    for (std::size_t t = 0; t < ids.size(); ++t) {
      std::vector<double> row(config_.width);
      for (std::size_t d = 0; d < row.size(); ++d) {
        row[d] = number("embeddings.word_embeddings.weight",
                        static_cast<std::size_t>(ids[t]) * row.size() + d) +
                 number("embeddings.token_type_embeddings.weight", d) +
                 number("embeddings.position_embeddings.weight", t * row.size() + d);
      }
      x.push_back(row);
    }
    norm(x, "embeddings.LayerNorm");
    for (std::size_t l = 0; l < config_.layers; ++l) layer(x, l);
    return mean(x);
  }

 private:
  double number(const std::string& name, std::size_t n) const {
    return bert_.tensors.at(name).numbers.at(n);
  }
  Rows dense(const Rows& x, const std::string& name) const {
    const std::size_t outputs = bert_.tensors.at(name + ".bias").numbers.size();
    Rows out;
    for (const auto& row : x) {
      std::vector<double> made(outputs);
      for (std::size_t o = 0; o < outputs; ++o) {
        made[o] = number(name + ".bias", o);
        for (std::size_t i = 0; i < row.size(); ++i)
          made[o] += number(name + ".weight", o * row.size() + i) * row[i];
      }
      out.push_back(made);
    }
    return out;
  }
  void norm(Rows& x, const std::string& name) const {
    for (auto& row : x) {
      double middle = 0, spread = 0;
      for (const double value : row) middle += value / static_cast<double>(row.size());
      for (const double value : row)
        spread += (value - middle) * (value - middle) / static_cast<double>(row.size());
      for (std::size_t d = 0; d < row.size(); ++d) {
        row[d] = (row[d] - middle) / std::sqrt(spread + config_.norm_epsilon) *
                     number(name + ".weight", d) +
                 number(name + ".bias", d);
      }
    }
  }
  void layer(Rows& x, std::size_t l) const {
    const std::string at = "encoder.layer." + std::to_string(l) + ".";
    const Rows query = dense(x, at + "attention.self.query");
    const Rows key = dense(x, at + "attention.self.key");
    const Rows value = dense(x, at + "attention.self.value");
    add(x, dense(attention(query, key, value), at + "attention.output.dense"));
    norm(x, at + "attention.output.LayerNorm");
    Rows inner = dense(x, at + "intermediate.dense");
    for (auto& row : inner) {
      for (double& v : row) v *= 0.5 * (1 + std::erf(v / std::numbers::sqrt2));
    }
    add(x, dense(inner, at + "output.dense"));
    norm(x, at + "output.LayerNorm");
  }
  Rows attention(const Rows& query, const Rows& key, const Rows& value) const {
    const std::size_t wide = config_.width / config_.heads;
    Rows out(query.size(), std::vector<double>(config_.width));
    for (std::size_t n = 0; n < query.size() * config_.heads; ++n) {
      const std::size_t t = n / config_.heads;
      const std::size_t from = n % config_.heads * wide;
      std::vector<double> shares(key.size());
      double sum = 0;
      for (std::size_t s = 0; s < key.size(); ++s) {
        double dot = 0;
        for (std::size_t d = from; d < from + wide; ++d) dot += query[t][d] * key[s][d];
        shares[s] = std::exp(dot / std::sqrt(static_cast<double>(wide)));
        sum += shares[s];
      }
      for (std::size_t s = 0; s < key.size(); ++s) {
        for (std::size_t d = from; d < from + wide; ++d) out[t][d] += shares[s] / sum * value[s][d];
      }
    }
    return out;
  }
  static void add(Rows& x, const Rows& y) {
    for (std::size_t t = 0; t < x.size(); ++t) {
      for (std::size_t d = 0; d < x[t].size(); ++d) x[t][d] += y[t][d];
    }
  }
  static std::vector<double> mean(const Rows& x) {
    std::vector<double> sum(x.front().size());
    for (const auto& row : x) {
      for (std::size_t d = 0; d < row.size(); ++d) sum[d] += row[d] / static_cast<double>(x.size());
    }
    double length = 0;
    for (const double value : sum) length += value * value;
    for (double& value : sum) value /= std::sqrt(length);
    return sum;
  }

  const testing::SmallBert& bert_;
  BertConfig config_;
};

TEST(BertEncoder, ComputesWhatTextbooksTell) {
  const auto bert = small_bert(kSmallBert);
  const auto encoder = bound(bytes_of(bert));
  const Textbook textbook(bert, kSmallBert);
  for (const std::size_t length : {1U, 2U, 5U, 32U}) {
    const auto ids = text_of(length, length);
    const auto exact = textbook.encode(ids);
    const auto made = encode(encoder, {ids}).front();
    ASSERT_EQ(made.size(), kSmallBert.width);
    // A few hundred roundings of 2^-24, each through two layers.
    for (std::size_t d = 0; d < made.size(); ++d) ASSERT_NEAR(made[d], exact[d], 1e-5) << d;
  }
}

TEST(BertEncoder, VectorsHaveLengthOne) {
  const auto encoder = bound(bytes_of(small_bert(kSmallBert)));
  for (const auto& vector : encode(encoder, {text_of(3, 1), text_of(9, 2)})) {
    double squares = 0;
    for (const float number : vector) squares += static_cast<double>(number) * number;
    EXPECT_NEAR(squares, 1, 1e-6);  // 24 numbers, each rounded to 2^-24 of itself
  }
}

TEST(BertEncoder, ATextAloneGetsWhatItGetsAmongOthersOnAnyThreads) {
  const auto encoder = bound(bytes_of(small_bert(kSmallBert)));
  std::vector<std::vector<TokenId>> texts;
  for (std::size_t n = 0; n < 40; ++n) texts.push_back(text_of(1 + n * 7 % 32, n));
  const auto together = encode(encoder, texts, 3);
  ASSERT_EQ(together.size(), texts.size());
  for (std::size_t n = 0; n < texts.size(); ++n)
    EXPECT_EQ(encode(encoder, {texts[n]}).front(), together[n]) << n;
}

TEST(BertEncoder, ReadsNamesWithAPrefixAndHalves) {
  const auto bert = small_bert(kSmallBert);
  const auto plain = encode(bound(bytes_of(bert)), {text_of(7, 1)}).front();
  EXPECT_EQ(encode(bound(bytes_of(bert, "bert.")), {text_of(7, 1)}).front(), plain);
  const auto halves =
      encode(bound(bytes_of(bert, "", tensor::Dtype::kF16)), {text_of(7, 1)}).front();
  // Weights rounded to 11 bits.
  for (std::size_t d = 0; d < plain.size(); ++d) EXPECT_NEAR(halves[d], plain[d], 5e-3);
}

TEST(BertEncoder, NoTextsGiveNoVectors) {
  EXPECT_TRUE(encode(bound(bytes_of(small_bert(kSmallBert))), {}).empty());
}

TEST(BertEncoder, RefusesTextsThatItCannotSee) {
  const auto encoder = bound(bytes_of(small_bert(kSmallBert)));
  runtime::ThreadPool threads(1);
  const auto refusal = [&](std::vector<TokenId> text) {
    const std::vector<std::vector<TokenId>> texts = {text_of(2, 1), std::move(text)};
    return encoder.encode(texts, threads, {}).error();
  };
  EXPECT_EQ(refusal({}).code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(refusal({TokenId{50}}).code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(refusal({TokenId{-1}}).code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(refusal(text_of(33, 1)).code, ErrorCode::kOverBudget);
  EXPECT_THAT(refusal(text_of(33, 1)).what, HasSubstr("33 tokens; the encoder sees 32"));
}

TEST(BertEncoder, StopsWhenAsked) {
  const auto encoder = bound(bytes_of(small_bert(kSmallBert)));
  runtime::ThreadPool threads(2);
  std::stop_source stop;
  stop.request_stop();
  const std::vector<std::vector<TokenId>> texts(100, text_of(32, 1));
  EXPECT_EQ(encoder.encode(texts, threads, {.token = stop.get_token()}).error().code,
            ErrorCode::kCancelled);
}

Error refusal_of(const testing::SmallBert& bert, const BertConfig& config = kSmallBert) {
  const auto file = formats::Safetensors::parse(bytes_of(bert)).value();
  auto bound = BertEncoder::bind(file, config);
  return bound ? Error{ErrorCode::kInternal, "bound"} : bound.error();
}

// G25, of an encoder
TEST(BertEncoder, NamesTheTensorThatIsMissingOrOfAnotherShape) {
  for (const auto& [name, about] : small_bert(kSmallBert).tensors) {
    auto missing = small_bert(kSmallBert);
    missing.tensors.erase(name);
    EXPECT_EQ(refusal_of(missing).code, ErrorCode::kNotFound);
    EXPECT_THAT(refusal_of(missing).what,
                HasSubstr(name == "embeddings.word_embeddings.weight" ? "bert." + name : name));
    auto other = small_bert(kSmallBert);
    other.tensors[name].shape.insert(other.tensors[name].shape.begin(), 1);
    EXPECT_EQ(refusal_of(other).code, ErrorCode::kCorrupt);
    EXPECT_THAT(refusal_of(other).what, HasSubstr(name + " is [1, "));
  }
}

// G26, of an encoder
TEST(BertEncoder, RefusesWeightsThatAreNotFinite) {
  auto bert = small_bert(kSmallBert);
  bert.tensors["encoder.layer.1.output.dense.bias"].numbers[3] =
      std::numeric_limits<float>::infinity();
  EXPECT_EQ(refusal_of(bert).code, ErrorCode::kCorrupt);
  // Finite weights may still overflow on the way.
  bert = small_bert(kSmallBert);
  for (auto& number : bert.tensors["encoder.layer.1.output.dense.weight"].numbers) number = 1e38F;
  const auto encoder = bound(bytes_of(bert));
  runtime::ThreadPool threads(1);
  const std::vector<std::vector<TokenId>> texts = {text_of(4, 1)};
  EXPECT_EQ(encoder.encode(texts, threads, {}).error().code, ErrorCode::kCorrupt);
}

TEST(BertEncoder, RefusesNumbersOutOfTheirRange) {
  const auto bert = small_bert(kSmallBert);
  const auto refused = [&](auto change) {
    BertConfig config = kSmallBert;
    change(config);
    return refusal_of(bert, config);
  };
  for (std::size_t BertConfig::*field :
       {&BertConfig::layers, &BertConfig::width, &BertConfig::ffn_width, &BertConfig::heads,
        &BertConfig::vocabulary, &BertConfig::context, &BertConfig::types}) {
    for (const std::size_t value : {std::size_t{0}, std::size_t{1} << 40, ~std::size_t{0}}) {
      EXPECT_EQ(refused([=](BertConfig& config) { config.*field = value; }).code,
                ErrorCode::kCorrupt);
    }
  }
  EXPECT_THAT(refused([](BertConfig& config) { config.heads = 5; }).what, HasSubstr("5 heads"));
  for (const double epsilon : {0.0, -1.0, 1.0, std::nan("")}) {
    EXPECT_THAT(refused([=](BertConfig& config) { config.norm_epsilon = epsilon; }).what,
                HasSubstr("layer_norm_eps"));
  }
}

}  // namespace
}  // namespace dramatis::model
