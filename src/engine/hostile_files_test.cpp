// Model files that are damaged or mean harm, through the whole loader: refused with a reason, or
// they speak within bounds.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/testing/talking_model.h"
#include "formats/testing/gguf_bytes.h"
#include "lm/testing/scripted_model.h"
#include "text/utf8.h"

namespace dramatis::engine {
namespace {

using lm::testing::GatheringSink;
using testing::kTalking;
using testing::seeded;
using testing::talking_model;
using testing::when_idle;

lm::Prompt hello() {
  return testing::ask({.player = "a", .persona = "You are Orlando."}, "Hi.");
}

Result<std::unique_ptr<Engine>> made(std::vector<std::byte> bytes,
                                     const EngineOptions& options = {.threads = 1,
                                                                     .context = 256}) {
  DRAMATIS_TRY(auto file, formats::Gguf::parse(std::move(bytes)));
  return Engine::make(std::move(file), "hostile", options);
}

// Where a tensor's bytes lie in a file.
std::span<std::byte> tensor_in(std::vector<std::byte>& bytes, std::string_view name) {
  const auto file = formats::Gguf::parse(bytes).value();
  const auto* tensor = file.tensor(name);
  const auto at = static_cast<std::size_t>(tensor->bytes.data() - file.bytes().data());
  return std::span(bytes).subspan(at, tensor->bytes.size());
}

void fill(std::span<std::byte> bytes, float with) {
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(with))
    std::memcpy(bytes.data() + at, &with, sizeof(with));
}

// G26: the numbers of a model are not looked through when it is loaded; a reply says so, and its
// seat is free again.
TEST(HostileFiles, NumbersThatAreNotFiniteEndTheReplyByName) {
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  struct Broken {
    const char* tensor;
    std::size_t first, bytes;  // of it; 0: all
    float with;
  };
  const Broken all[] = {
      {"output_norm.weight", 0, 0, std::nanf("")},
      {"output_norm.weight", 0, 4, kInfinite},
      {"blk.0.attn_norm.weight", 0, 0, -kInfinite},
      {"blk.1.ffn_down.weight", 0, 0, std::nanf("")},
      {"blk.0.attn_k.weight", 128, 4, std::nanf("")},
      // The last row of what gives the logits: one token is past all bounds.
      {"token_embd.weight", (kTalking.vocabulary - 1) * kTalking.width * 4, 0, -kInfinite},
  };
  for (const auto& broken : all) {
    SCOPED_TRACE(broken.tensor);
    auto bytes = talking_model(tensor::Dtype::kF32);
    const auto whole = tensor_in(bytes, broken.tensor).subspan(broken.first);
    fill(broken.bytes == 0 ? whole : whole.first(broken.bytes), broken.with);
    const auto engine = made(std::move(bytes));
    ASSERT_TRUE(engine) << engine.error().what;
    GatheringSink sink;
    const auto said = (*engine)->generate(hello(), seeded(8), sink, {});
    ASSERT_FALSE(said);
    EXPECT_EQ(said.error().code, ErrorCode::kCorrupt);
    EXPECT_THAT(said.error().what, ::testing::HasSubstr("non-finite"));
    const auto counts = when_idle(**engine);
    EXPECT_EQ(counts.seated, 0U);
    EXPECT_EQ(counts.used_pages, counts.kept_pages);
  }
}

// G26: the same of the scale of a quantised block.
TEST(HostileFiles, AScaleThatIsNotFiniteEndsTheReplyByName) {
  for (const auto dtype : {tensor::Dtype::kQ8_0, tensor::Dtype::kQ4_0}) {
    auto bytes = talking_model(dtype);
    const auto embedding = tensor_in(bytes, "token_embd.weight");
    std::fill_n(embedding.begin(), 2, std::byte{0xFF});
    const auto engine = made(std::move(bytes)).value();
    GatheringSink sink;
    const auto said = engine->generate(hello(), seeded(8), sink, {});
    ASSERT_FALSE(said);
    EXPECT_THAT(said.error().what, ::testing::HasSubstr("non-finite"));
    EXPECT_EQ(when_idle(*engine).seated, 0U);
  }
}

// Of the same length, everywhere.
void rename(std::vector<std::byte>& bytes, std::string_view from, std::string_view to) {
  ASSERT_EQ(from.size(), to.size());
  const auto same = [](std::byte byte, char letter) {
    return byte == static_cast<std::byte>(letter);
  };
  auto at = bytes.begin();
  while ((at = std::search(at, bytes.end(), from.begin(), from.end(), same)) != bytes.end())
    at = std::transform(to.begin(), to.end(), at, [](char c) { return static_cast<std::byte>(c); });
}

// G24: nothing ends a turn of this model.
TEST(HostileFiles, WithoutAnEndOfTurnTheLengthEndsTheReply) {
  auto bytes = talking_model();
  rename(bytes, "tokenizer.ggml.eos_token_id", "tokenizer.ggml.xxx_token_id");
  rename(bytes, "</s>", "<xx>");
  const auto engine = made(std::move(bytes)).value();
  EXPECT_EQ(engine->vocabulary().end(), std::nullopt);
  GatheringSink sink;
  const auto said = engine->generate(hello(), seeded(100), sink, {}).value();
  EXPECT_EQ(said.generated_tokens, 100U);
  EXPECT_EQ(said.why, lm::StopReason::kLength);
}

// What a template may say of a player's text is nothing: it is never run.
Result<std::unique_ptr<Engine>> with_template(std::string text, const EngineOptions& options) {
  formats::GgufWriter to;
  model::testing::add_keys(to, kTalking);
  testing::add_bytes_as_tokens(to, kTalking.vocabulary);
  to.add_text("tokenizer.chat_template", std::move(text));
  const auto whole = formats::Gguf::parse(talking_model()).value();
  for (const auto& tensor : whole.tensors()) {
    to.add_tensor({.name = tensor.name,
                   .dtype = tensor.dtype,
                   .shape = tensor.shape,
                   .bytes = {tensor.bytes.begin(), tensor.bytes.end()}});
  }
  return made(to.finish().value(), options);
}

// G29
TEST(HostileFiles, ATemplateIsRecognisedOrNamedByTheOwner) {
  const EngineOptions usual{.threads = 1, .context = 256};
  EngineOptions named = usual;
  named.template_name = "plain";
  for (const auto& [text, code] :
       {std::pair{std::string("{% for i in range(10**9) %}x{% endfor %}"), ErrorCode::kUnsupported},
        {std::string("{% include '/etc/passwd' %}{{ self.__init__.__globals__ }}"),
         ErrorCode::kUnsupported},
        {std::string("{%"), ErrorCode::kUnsupported},
        {std::string(kMaxTemplateBytes + 1, ' '), ErrorCode::kOverBudget},
        {std::string(std::size_t{100} << 20, '{'), ErrorCode::kOverBudget}}) {
    const auto refused = with_template(text, usual);
    ASSERT_FALSE(refused) << text.substr(0, 40);
    EXPECT_EQ(refused.error().code, code) << refused.error().what;
    EXPECT_LT(refused.error().what.size(), 2000U);
    EXPECT_TRUE(with_template(text, named)) << "the owner chose another";
  }
}

// The file of a model that speaks, as small as one can be: its first 4 KiB are metadata, the
// vocabulary included.
std::vector<std::byte> least_model() {
  auto shape = kTalking;
  shape.layers = 1;
  shape.width = 8;
  shape.ffn_width = 4;
  shape.heads = 2;
  shape.kv_heads = 1;
  shape.head_width = 4;
  formats::GgufWriter to;
  model::testing::add_keys(to, shape);
  testing::add_bytes_as_tokens(to, shape.vocabulary);
  Rng rng(5);
  model::testing::add_matrix(to, "token_embd.weight", {shape.width, shape.vocabulary},
                             tensor::Dtype::kF16, rng);
  model::testing::add_layer(to, shape, 0, tensor::Dtype::kF16, rng);
  model::testing::add_matrix(to, "output_norm.weight", {shape.width}, tensor::Dtype::kF16, rng);
  return to.finish().value();
}

// What the loader says to a file; a token is computed where it says yes.
enum class Verdict { kRefused, kSpeaks };
Verdict judge(std::vector<std::byte> bytes, runtime::ThreadPool& threads) {
  const auto told = [](const Error& error) {
    EXPECT_FALSE(error.what.empty());
    EXPECT_TRUE(text::is_valid_utf8(error.what));
    EXPECT_NE(error.code, ErrorCode::kInternal) << error.what;
    return Verdict::kRefused;
  };
  auto file = formats::Gguf::parse(std::move(bytes));
  if (!file) return told(file.error());
  const auto vocabulary = tokens::Vocabulary::from_gguf(*file);
  const auto model = model::Model::bind(*std::move(file));
  if (!model) return told(model.error());
  if (!vocabulary) return told(vocabulary.error());
  if (vocabulary->size() != model->config().vocabulary) return Verdict::kRefused;
  const auto ids = vocabulary->encode("Hi.", tokens::Special::kAsLetters);
  EXPECT_TRUE(ids);
  auto cache = model::KvCache::make(model->config(), 2, tensor::Dtype::kF16);
  if (!cache) return told(cache.error());
  const auto logits = model->step(TokenId{50}, *cache, threads);
  EXPECT_TRUE(logits);
  return Verdict::kSpeaks;
}

// G30: each bit of the first 4 KiB.
TEST(HostileFiles, EveryBitOfTheFirstPageMayFlip) {
  const auto whole = least_model();
  ASSERT_GT(whole.size(), 4096U);
  runtime::ThreadPool threads(1);
  ASSERT_EQ(judge(whole, threads), Verdict::kSpeaks);
  std::size_t refused = 0;
  std::size_t spoke = 0;
  for (std::size_t bit = 0; bit < 4096 * 8; ++bit) {
    auto flipped = whole;
    flipped[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    if (judge(std::move(flipped), threads) == Verdict::kRefused) {
      ++refused;
    } else {
      ++spoke;
    }
    if (HasFailure()) FAIL() << "bit " << bit;
  }
  EXPECT_GT(refused, 10'000U);
  EXPECT_GT(spoke, 500U);
}

// G1: each prefix of a file, its weights included.
TEST(HostileFiles, EveryPrefixIsRefused) {
  const auto whole = least_model();
  runtime::ThreadPool threads(1);
  for (std::size_t length = 0; length + 32 < whole.size(); ++length) {
    const auto end = whole.begin() + static_cast<std::ptrdiff_t>(length);
    ASSERT_EQ(judge({whole.begin(), end}, threads), Verdict::kRefused) << length;
  }
}

}  // namespace
}  // namespace dramatis::engine
