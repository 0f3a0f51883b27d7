#include "engine/encoder.h"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "base/testing/scratch_folder.h"
#include "lm/limits.h"
#include "model/testing/small_bert.h"

namespace dramatis::engine {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

constexpr char kConfig[] =
    R"({"model_type": "bert", "hidden_act": "gelu", "hidden_size": 24, "intermediate_size": 40,
        "layer_norm_eps": 1e-12, "max_position_embeddings": 32, "num_attention_heads": 3,
        "num_hidden_layers": 2, "type_vocab_size": 2, "vocab_size": 50})";

// A folder with an encoder of random weights that knows ten words.
class EncoderFolder : public ::testing::Test {
 protected:
  EncoderFolder() {
    fs::create_directories(folder_ / "1_Pooling");
    write("config.json", kConfig);
    write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\nthe\nowl\n##s\nsing\n.\n[\n]\nsep\n");
    write_weights(model::testing::small_bert(model::testing::kSmallBert));
  }

  void write(const char* name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }
  void write_weights(const model::testing::SmallBert& bert) const {
    ASSERT_TRUE(write_file(folder_ / "model.safetensors", bytes_of(bert)));
  }
  [[nodiscard]] std::unique_ptr<Encoder> load(std::size_t threads = 1) const {
    auto loaded = Encoder::load(folder_, {.threads = threads});
    EXPECT_TRUE(loaded) << loaded.error().what;
    return *std::move(loaded);
  }
  [[nodiscard]] Error refusal() const {
    const auto loaded = Encoder::load(folder_, {.threads = 1});
    if (loaded) return {ErrorCode::kInternal, "loaded"};
    EXPECT_THAT(loaded.error().what, ::testing::StartsWith(folder_.string()));
    return loaded.error();
  }

  ScratchFolder scratch_;
  fs::path folder_ = scratch_.path();
};

std::vector<std::vector<float>> embed(Encoder& encoder, const std::vector<std::string>& texts) {
  auto made = encoder.embed(texts, {});
  EXPECT_TRUE(made) << made.error().what;
  return *std::move(made);
}

TEST_F(EncoderFolder, GivesAVectorForEachText) {
  const auto encoder = load();
  EXPECT_EQ(encoder->name(), folder_.filename().string());
  EXPECT_EQ(encoder->width(), 24U);
  EXPECT_EQ(encoder->most_tokens(), 32U);
  const auto vectors = embed(*encoder, {"The owls sing.", "the owl", "", "THE  OWLS SING ."});
  ASSERT_EQ(vectors.size(), 4U);
  for (const auto& vector : vectors) EXPECT_EQ(vector.size(), 24U);
  EXPECT_EQ(vectors[0], vectors[3]);  // case and spaces mean nothing here
  EXPECT_NE(vectors[0], vectors[1]);
  EXPECT_TRUE(embed(*encoder, {}).empty());
}

TEST_F(EncoderFolder, AVectorDependsOnItsTextAlone) {
  const auto one = load(1);
  const auto three = load(3);
  std::vector<std::string> texts;
  for (int n = 0; n < 60; ++n) texts.push_back(n % 3 == 0 ? "the owls" : std::string(n, '.'));
  const auto together = embed(*three, texts);
  for (std::size_t n = 0; n < texts.size(); ++n)
    EXPECT_EQ(embed(*one, {texts[n]}).front(), together[n]) << n;
}

TEST_F(EncoderFolder, SeesTextsUpToTheFoldersLength) {
  const std::string long_text = "the owl sing the owl sing the owl";
  const auto whole = embed(*load(), {long_text}).front();
  write("sentence_bert_config.json", R"({"max_seq_length": 5})");
  const auto encoder = load();
  EXPECT_EQ(encoder->most_tokens(), 5U);
  const auto cut = embed(*encoder, {long_text, "the owl sing"});
  EXPECT_EQ(cut[0], cut[1]);
  EXPECT_NE(cut[0], whole);
  // No longer than the model's own window, whatever the file says.
  write("sentence_bert_config.json", R"({"max_seq_length": 4096})");
  EXPECT_EQ(load()->most_tokens(), 32U);
}

// E8
TEST_F(EncoderFolder, LettersOfATextAreNoControlTokens) {
  const auto encoder = load();
  const auto vectors = embed(*encoder, {"[SEP]", "[ sep ]"});
  EXPECT_EQ(vectors[0], vectors[1]);
}

// E7
TEST_F(EncoderFolder, RefusesTextsThatAreNoneAndTooManyOfThem) {
  const auto encoder = load();
  const std::vector<std::string> broken = {"the", "\xFF"};
  EXPECT_EQ(encoder->embed(broken, {}).error().code, ErrorCode::kInvalidArgument);
  const std::vector<std::string> many(lm::kMaxEmbedTexts + 1, "the");
  EXPECT_EQ(encoder->embed(many, {}).error().code, ErrorCode::kOverBudget);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(encoder->embed(std::span(many).first(9), stop.get_token()).error().code,
            ErrorCode::kCancelled);
}

TEST_F(EncoderFolder, NamesTheFileThatIsMissing) {
  fs::remove(folder_ / "model.safetensors");
  EXPECT_EQ(refusal().code, ErrorCode::kNotFound);
  EXPECT_THAT(refusal().what, HasSubstr("model.safetensors; save the model in that format"));
  fs::remove(folder_ / "vocab.txt");
  EXPECT_THAT(refusal().what, HasSubstr("vocab.txt"));
  fs::remove(folder_ / "config.json");
  EXPECT_EQ(refusal().code, ErrorCode::kNotFound);
  EXPECT_THAT(refusal().what, HasSubstr("config.json"));
}

TEST_F(EncoderFolder, RefusesMoreTokensThanVectors) {
  std::string vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n";
  for (int n = 0; n < 47; ++n) vocabulary += fmt::format("word{}\n", n);
  write("vocab.txt", vocabulary);
  EXPECT_EQ(refusal().code, ErrorCode::kCorrupt);
  EXPECT_THAT(refusal().what, HasSubstr("51 tokens, the model vectors for 50"));
}

// S10, G26
TEST_F(EncoderFolder, RefusesDamagedWeights) {
  auto bert = model::testing::small_bert(model::testing::kSmallBert);
  bert.tensors.erase("encoder.layer.1.output.dense.bias");
  write_weights(bert);
  EXPECT_THAT(refusal().what, HasSubstr("encoder.layer.1.output.dense.bias"));
  write("model.safetensors", "PK\x03\x04");
  EXPECT_EQ(refusal().code, ErrorCode::kCorrupt);
}

TEST_F(EncoderFolder, RefusesWhatWouldMakeOtherVectors) {
  write("1_Pooling/config.json", R"({"pooling_mode_cls_token": true})");
  EXPECT_EQ(refusal().code, ErrorCode::kUnsupported);
  EXPECT_THAT(refusal().what, HasSubstr("pooling_mode_cls_token"));
  write("1_Pooling/config.json", R"({"pooling_mode_mean_tokens": true})");
  write("modules.json", R"([{"path": "2_Dense", "type": "sentence_transformers.models.Dense"}])");
  EXPECT_EQ(refusal().code, ErrorCode::kUnsupported);
  EXPECT_THAT(refusal().what, HasSubstr("\"Dense\""));
}

std::string with(std::string_view from, std::string_view to) {
  std::string config = kConfig;
  config.replace(config.find(from), from.size(), to);
  return config;
}

TEST(EncoderConfig, ReadsWhatTheFileSays) {
  const auto config = parse_bert_config(kConfig).value();
  EXPECT_EQ(config.layers, 2U);
  EXPECT_EQ(config.width, 24U);
  EXPECT_EQ(config.ffn_width, 40U);
  EXPECT_EQ(config.heads, 3U);
  EXPECT_EQ(config.vocabulary, 50U);
  EXPECT_EQ(config.context, 32U);
  EXPECT_EQ(config.types, 2U);
  EXPECT_EQ(config.norm_epsilon, 1e-12);
}

TEST(EncoderConfig, NamesWhatIsNotComputed) {
  for (const auto& [from, to] : std::vector<std::pair<const char*, const char*>>{
           {R"("bert")", R"("roberta")"},
           {R"("gelu")", R"("relu")"},
           {R"("hidden_act": "gelu")", R"("position_embedding_type": "relative_key")"},
           {R"("hidden_act": "gelu")", R"("is_decoder": true)"}}) {
    const auto refused = parse_bert_config(with(from, to));
    ASSERT_FALSE(refused) << to;
    EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
    EXPECT_THAT(refused.error().what, ::testing::StartsWith("config.json: "));
  }
}

TEST(EncoderConfig, NamesTheMemberThatIsWrong) {
  for (const auto& [from, to, named] :
       std::vector<std::tuple<const char*, const char*, const char*>>{
           {R"("hidden_size": 24)", R"("hidden_size": 0)", "hidden_size is 0"},
           {R"("hidden_size": 24)", R"("hidden_size": -24)", "hidden_size"},
           {R"("hidden_size": 24)", R"("hidden_size": 24.5)", "hidden_size"},
           {R"("hidden_size": 24)", R"("hidden_size": "24")", "hidden_size"},
           {R"("hidden_size": 24)", R"("hidden_size": 4611686018427387904)", "hidden_size"},
           {R"("vocab_size": 50)", R"("size": 50)", "vocab_size"},
           {R"("layer_norm_eps": 1e-12)", R"("layer_norm_eps": "small")", "layer_norm_eps"},
           {R"("layer_norm_eps": 1e-12)", R"("layer_norm_eps": 0)", "layer_norm_eps"},
           {R"("model_type": "bert")", R"("model_type": 7)", "model_type"},
           {R"("model_type": "bert")", R"("type": "bert")", "model_type"}}) {
    const auto refused = parse_bert_config(with(from, to));
    ASSERT_FALSE(refused) << to;
    EXPECT_EQ(refused.error().code, ErrorCode::kCorrupt) << refused.error().what;
    EXPECT_THAT(refused.error().what, HasSubstr(named));
  }
  for (const char* broken : {"", "[]", "{", "7", "{} x"})
    EXPECT_EQ(parse_bert_config(broken).error().code, ErrorCode::kCorrupt) << broken;
  EXPECT_EQ(parse_bert_config(std::string(kMaxEncoderJsonBytes + 1, ' ')).error().code,
            ErrorCode::kOverBudget);
}

TEST(EncoderConfig, KnowsTheMeanByEitherName) {
  EXPECT_TRUE(check_pooling(R"({"pooling_mode_mean_tokens": true})"));
  EXPECT_TRUE(check_pooling(R"({"pooling_mode": "mean"})"));
  for (const char* other :
       {R"({"pooling_mode": "cls"})", "{}",
        R"({"pooling_mode_mean_tokens": true, "pooling_mode_max_tokens": true})"})
    EXPECT_EQ(check_pooling(other).error().code, ErrorCode::kUnsupported) << other;
  EXPECT_EQ(check_pooling("[]").error().code, ErrorCode::kCorrupt);
}

// S9
TEST(EncoderConfig, NeverReadsAModuleElsewhere) {
  EXPECT_TRUE(check_modules(R"([{"path": "1_Pooling", "type": "x.models.Pooling"}])"));
  EXPECT_EQ(check_modules(R"([{"path": "../../etc", "type": "x.models.Pooling"}])").error().code,
            ErrorCode::kUnsupported);
  EXPECT_EQ(check_modules("[7]").error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(check_modules("{}").error().code, ErrorCode::kCorrupt);
}

TEST(EncoderConfig, ATextHasRoomForAToken) {
  EXPECT_EQ(parse_longest_text(R"({"max_seq_length": 256})").value(), 256U);
  EXPECT_EQ(parse_longest_text(R"({"max_seq_length": null})").value(), std::nullopt);
  for (const char* wrong : {R"({"max_seq_length": 2})", R"({"max_seq_length": "256"})", "{"})
    EXPECT_EQ(parse_longest_text(wrong).error().code, ErrorCode::kCorrupt) << wrong;
}

}  // namespace
}  // namespace dramatis::engine
