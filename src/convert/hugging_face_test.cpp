#include "convert/hugging_face.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/scratch_folder.h"
#include "convert/limits.h"
#include "convert/retype.h"
#include "convert/testing/made_up_folder.h"
#include "convert/weight_types.h"
#include "model/model.h"
#include "tokens/vocabulary.h"

namespace dramatis::convert {
namespace {

using formats::SafeDtype;
using ::testing::HasSubstr;
using testing::made_up;
using testing::PlainModel;

class Folder : public ::testing::Test {
 protected:
  [[nodiscard]] Error refused() const {
    const auto read = read_folder(path_, {});
    EXPECT_FALSE(read);
    return read ? Error{ErrorCode::kInternal, "accepted"} : read.error();
  }
  // Changes config.json.
  void change(std::string_view key, text::Json value) const {
    auto config = testing::config_of(made_up("llama"));
    tokens::testing::set(config, key, std::move(value));
    testing::put(path_ / "config.json", text::print_json(config));
  }

  ScratchFolder scratch_;
  std::filesystem::path home_ = scratch_.path();
  std::filesystem::path path_ = home_ / "model";
};

const std::vector<int> kIds = {7, 70, 200, 5, 33, 150, 12, 99, 64, 70, 71, 3};

// The largest difference between what a file computes and what the plain formulas say.
double difference(formats::Gguf file, const PlainModel& plain) {
  const auto model = model::Model::bind(std::move(file)).value();
  auto cache = model::KvCache::make(model.config(), kIds.size(), tensor::Dtype::kF32).value();
  runtime::ThreadPool threads(1);
  std::vector<TokenId> ids;
  for (const int id : kIds) ids.push_back(static_cast<TokenId>(id));
  const auto logits = model.prefill(ids, cache, model::Rows::kAll, {.threads = threads}).value();
  const auto wanted = plain.logits(kIds);
  double most = 0;
  for (std::size_t t = 0; t < wanted.size(); ++t) {
    for (std::size_t v = 0; v < wanted[t].size(); ++v)
      most = std::max(most, std::abs(wanted[t][v] - static_cast<double>(logits.row(t)[v])));
  }
  return most;
}

// Sums of 96 products of f32 in two layers, logits of about 5: 96 * 2 * 2^-24 * 5 is 6e-5; twice
// that again for angles and exponentials.
constexpr double kF32Tolerance = 2e-4;

struct Kind {
  const char* name;
  PlainModel (*make)();
};
const Kind kKinds[] = {
    {"Llama", [] { return made_up("llama"); }},
    {"LlamaTied", [] { return made_up("llama", true); }},
    {"Mistral", [] { return made_up("mistral"); }},
    {"Qwen2", [] { return made_up("qwen2"); }},
    {"Qwen3", [] { return made_up("qwen3"); }},
    {"Gemma2", [] { return made_up("gemma2"); }},
    {"Linear",
     [] {
       auto m = made_up("llama");
       m.rope_factor = 4;
       return m;
     }},
    {"Llama3",
     [] {
       auto m = made_up("llama");
       m.is_stretched = true;
       return m;
     }},
};

class Families : public Folder, public ::testing::WithParamInterface<Kind> {};

TEST_P(Families, ComputeWhatTheFormulasSay) {
  const auto plain = GetParam().make();
  testing::write_folder(path_, plain);
  auto direct = read_folder(path_, {});
  ASSERT_TRUE(direct) << direct.error().what;
  EXPECT_LT(difference(std::move(direct->file), plain), kF32Tolerance);
  const auto converted = read_folder(path_, {.type = tensor::Dtype::kF32, .threads = 2}).value();
  // Through bytes, as a file would come back.
  auto back = formats::Gguf::parse({converted.file.bytes().begin(), converted.file.bytes().end()});
  EXPECT_LT(difference(std::move(*back), plain), kF32Tolerance);
}
INSTANTIATE_TEST_SUITE_P(HuggingFace, Families, ::testing::ValuesIn(kKinds),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(Folder, HalvesAreReadAsTheyAre) {
  for (const auto dtype : {SafeDtype::kBF16, SafeDtype::kF16}) {
    const auto plain = made_up("llama", false, dtype);
    testing::write_folder(path_, plain, dtype);
    auto direct = read_folder(path_, {}).value();
    const auto wanted = dtype == SafeDtype::kBF16 ? tensor::Dtype::kBF16 : tensor::Dtype::kF16;
    EXPECT_EQ(direct.file.tensor("blk.0.attn_q.weight")->dtype, wanted);
    EXPECT_EQ(direct.file.tensor("blk.0.attn_norm.weight")->dtype, tensor::Dtype::kF32);
    const auto as_f32 = read_folder(path_, {.type = tensor::Dtype::kF32}).value();
    EXPECT_LT(
        difference(
            formats::Gguf::parse({as_f32.file.bytes().begin(), as_f32.file.bytes().end()}).value(),
            plain),
        kF32Tolerance);
    // BF16 weights are multiplied as they are, and only the sums' order differs; F16 likewise.
    EXPECT_LT(difference(std::move(direct.file), plain), 0.03);
  }
}

TEST_F(Folder, ShardsGiveWhatOneFileGives) {
  const auto plain = made_up("qwen2");
  testing::write_folder(path_, plain);
  const auto whole = read_folder(path_, {}).value();
  testing::split_folder(path_, plain);
  const auto split = read_folder(path_, {}).value();
  ASSERT_EQ(split.file.tensors().size(), whole.file.tensors().size());
  for (const auto& tensor : whole.file.tensors())
    EXPECT_TRUE(std::ranges::equal(split.file.tensor(tensor.name)->bytes, tensor.bytes));
}

TEST_F(Folder, EveryTypeIsReachedFromTheFolderAndFromItsF32File) {
  const auto plain = made_up("llama");
  testing::write_folder(path_, plain);
  const auto f32 = read_folder(path_, {.type = tensor::Dtype::kF32}).value();
  for (const char* name : {"f16", "bf16", "q8_0", "q5_1", "q4_0", "q4_k", "iq4_nl"}) {
    const auto type = parse_type(name).value();
    auto direct = read_folder(path_, {.type = type, .threads = 3}).value();
    const auto again = retype(f32.file, {.type = type}).value();
    for (const auto& tensor : direct.file.tensors()) {
      ASSERT_EQ(again.file.tensor(tensor.name)->dtype, tensor.dtype) << tensor.name;
      EXPECT_TRUE(std::ranges::equal(again.file.tensor(tensor.name)->bytes, tensor.bytes));
    }
    if (type == tensor::Dtype::kQ8_0) {
      EXPECT_LT(difference(std::move(direct.file), plain), 0.2);
    }
  }
}

TEST_F(Folder, KeepsTheTokenizerAndItsEnds) {
  testing::write_folder(path_, made_up("llama"));
  const auto read = read_folder(path_, {}).value();
  const auto vocabulary = tokens::Vocabulary::from_gguf(read.file).value();
  EXPECT_EQ(vocabulary.size(), made_up("llama").vocabulary);
  EXPECT_TRUE(vocabulary.ends_turn(TokenId{4}));
  EXPECT_TRUE(vocabulary.ends_turn(*vocabulary.control("<|im_end|>")));
  EXPECT_EQ(vocabulary.encode("hello the", tokens::Special::kAsLetters)->size(), 2U);
  EXPECT_THAT(std::string(read.file.text("tokenizer.chat_template").value()),
              HasSubstr("<|im_start|>"));
}

TEST(WeightTypes, StandInWhereRowsAreNotWholeBlocks) {
  using enum tensor::Dtype;
  EXPECT_EQ(parse_type("Q4_K").value(), kQ4_K);
  EXPECT_THAT(parse_type("q9").error().what, HasSubstr("q4_0"));
  EXPECT_EQ(type_for(kQ4_K, 512, Makes::kNumbers), kQ4_K);
  EXPECT_EQ(type_for(kQ4_K, 576, Makes::kNumbers), kQ5_0);
  EXPECT_EQ(type_for(kQ6_K, 576, Makes::kNumbers), kQ8_0);
  EXPECT_EQ(type_for(kQ4_0, 50, Makes::kNumbers), kF16);
  EXPECT_EQ(type_for(kQ4_0, 576, Makes::kLogits), kQ8_0);
  EXPECT_EQ(type_for(kQ4_0, 512, Makes::kLogits), kQ6_K);
  EXPECT_EQ(type_for(kQ8_0, 512, Makes::kLogits), kQ8_0);
}

struct Refused {
  const char* name;
  const char* key;
  text::Json (*value)();
  ErrorCode code;
  const char* what;
};
const Refused kRefused[] = {
    {"Family", "model_type", [] { return text::Json("mamba"); }, ErrorCode::kUnsupported, "mamba"},
    {"Quantised", "quantization_config",
     [] {
       return text::Json(text::JsonObject{{"quant_method", "gptq"}});
     },
     ErrorCode::kUnsupported, "quantization_config"},
    {"Yarn", "rope_scaling",
     [] {
       return text::Json(text::JsonObject{{"rope_type", "yarn"}, {"factor", 4.0}});
     },
     ErrorCode::kUnsupported, "yarn"},
    {"Gate", "hidden_act", [] { return text::Json("relu"); }, ErrorCode::kUnsupported, "relu"},
    {"PartRotated", "partial_rotary_factor", [] { return text::Json(0.5); },
     ErrorCode::kUnsupported, "partial_rotary_factor"},
    {"NoLayers", "num_hidden_layers", [] { return text::Json(); }, ErrorCode::kNotFound,
     "num_hidden_layers"},
    {"ManyLayers", "num_hidden_layers", [] { return text::Json(100000); }, ErrorCode::kCorrupt,
     "num_hidden_layers is 100000"},
    {"NegativeWidth", "hidden_size", [] { return text::Json(-64); }, ErrorCode::kCorrupt,
     "hidden_size is -64"},
    {"BrokenWidth", "hidden_size", [] { return text::Json(64.5); }, ErrorCode::kCorrupt,
     "no whole number"},
    {"WrongWidth", "hidden_size", [] { return text::Json(128); }, ErrorCode::kCorrupt, "asks for"},
    {"Heads", "num_key_value_heads", [] { return text::Json(3); }, ErrorCode::kCorrupt, "3 key"},
    {"OddHead", "head_dim", [] { return text::Json(15); }, ErrorCode::kCorrupt, "pairs"},
    {"FewTokens", "vocab_size", [] { return text::Json(10); }, ErrorCode::kCorrupt, "rows"},
    {"Epsilon", "rms_norm_eps", [] { return text::Json(0.0); }, ErrorCode::kCorrupt,
     "rms_norm_eps"},
    {"FewerLayers", "num_hidden_layers", [] { return text::Json(1); }, ErrorCode::kUnsupported,
     "none of the 1 layers"},
    {"MoreLayers", "num_hidden_layers", [] { return text::Json(3); }, ErrorCode::kNotFound,
     "blk.2."},
};
class HostileConfig : public Folder, public ::testing::WithParamInterface<Refused> {};
// G17, G18, G19, G21, G22, of a folder
TEST_P(HostileConfig, IsRefusedByName) {
  testing::write_folder(path_, made_up("llama"));
  change(GetParam().key, GetParam().value());
  const auto error = refused();
  EXPECT_EQ(error.code, GetParam().code) << error.what;
  EXPECT_THAT(error.what, HasSubstr(GetParam().what));
}
INSTANTIATE_TEST_SUITE_P(HuggingFace, HostileConfig, ::testing::ValuesIn(kRefused),
                         [](const auto& row) { return std::string(row.param.name); });

// S11
TEST_F(Folder, NeverRunsCodeThatAFolderNames) {
  testing::write_folder(path_, made_up("llama"));
  change("auto_map", text::JsonObject{{"AutoModelForCausalLM", "modeling_evil.Evil"}});
  const auto read = read_folder(path_, {}).value();
  EXPECT_THAT(read.warnings, ::testing::Contains(HasSubstr("never run")));
  std::filesystem::rename(path_ / "model.safetensors", path_ / "pytorch_model.bin");
  EXPECT_THAT(refused().what, HasSubstr("may run code"));
}

// S11: other formats under the name.
TEST_F(Folder, RefusesOtherFormatsUnderTheName) {
  testing::write_folder(path_, made_up("llama"));
  using namespace std::string_view_literals;
  for (const auto bytes :
       {"GGUF\3\0\0\0\0\0\0\0"sv, "PK\3\4\24\0\0\0\10\0\0\0"sv, "\x80\2}q\0(X\5\0\0\0"sv, ""sv,
        "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF{}"sv}) {
    testing::put(path_ / "model.safetensors", bytes);
    const auto error = refused();
    EXPECT_EQ(error.code, ErrorCode::kCorrupt) << error.what;
    EXPECT_THAT(error.what, HasSubstr("model.safetensors"));
  }
}

// S9: what an index may name.
TEST_F(Folder, ReadsNothingOutsideOfTheFolder) {
  const auto plain = made_up("llama");
  testing::write_folder(path_, plain);
  testing::split_folder(path_, plain);
  const auto index = path_ / "model.safetensors.index.json";
  const auto names = [&](std::string_view file) {
    testing::put(index, fmt::format(R"({{"weight_map": {{"model.norm.weight": {}}}}})",
                                    text::print_json(text::Json(file))));
    return refused();
  };
  for (const std::string_view file :
       {"../../etc/passwd", "/etc/passwd", "../model.safetensors", "a/b.safetensors",
        "..\\up.safetensors", ".hidden.safetensors", "model.bin", ""}) {
    EXPECT_EQ(names(file).code, ErrorCode::kRefused) << file;
  }
  EXPECT_EQ(names("missing.safetensors").code, ErrorCode::kNotFound);
  // Links to elsewhere, and in a circle.
  testing::put(home_ / "outside.safetensors", testing::safetensors_of(plain.tensors));
  std::filesystem::create_symlink(home_ / "outside.safetensors", path_ / "link.safetensors");
  EXPECT_EQ(names("link.safetensors").code, ErrorCode::kRefused);
  std::filesystem::create_symlink("circle.safetensors", path_ / "circle.safetensors");
  EXPECT_FALSE(names("circle.safetensors").what.empty());
  testing::put(index, R"({"weight_map": {"a": 3}})");
  EXPECT_EQ(refused().code, ErrorCode::kCorrupt);
  testing::put(index, R"({"weight_map": {}})");
  EXPECT_EQ(refused().code, ErrorCode::kCorrupt);
  testing::put(index, "{");
  EXPECT_EQ(refused().code, ErrorCode::kCorrupt);
}

// S9, S10
TEST_F(Folder, AnIndexAndItsFilesMustAgree) {
  const auto plain = made_up("llama");
  testing::write_folder(path_, plain);
  testing::split_folder(path_, plain);
  const auto third = path_ / "model-00003-of-00003.safetensors";
  const auto copy = home_ / "copy";
  std::filesystem::copy_file(third, copy);
  std::filesystem::copy_file(path_ / "model-00002-of-00003.safetensors", third,
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(refused().what, HasSubstr("does not list"));
  std::filesystem::remove(third);
  const auto missing = refused();
  EXPECT_EQ(missing.code, ErrorCode::kNotFound);
  EXPECT_THAT(missing.what, HasSubstr("model-00003"));
  std::filesystem::resize_file(copy, std::filesystem::file_size(copy) - 1);
  std::filesystem::copy_file(copy, third);
  EXPECT_EQ(refused().code, ErrorCode::kCorrupt);
}

// A cache of Hugging Face's own keeps files elsewhere, under links.
TEST_F(Folder, FollowsLinksIntoTheBlobsOfACache) {
  const auto snapshot = home_ / "models--a--b" / "snapshots" / "0123";
  testing::write_folder(snapshot, made_up("llama"));
  std::filesystem::create_directories(home_ / "models--a--b" / "blobs");
  for (const char* file : {"model.safetensors", "config.json"}) {
    std::filesystem::rename(snapshot / file, home_ / "models--a--b" / "blobs" / file);
    std::filesystem::create_symlink(std::filesystem::path("../../blobs") / file, snapshot / file);
  }
  EXPECT_TRUE(read_folder(snapshot, {}));
}

// G25, G26, of a folder
TEST_F(Folder, NamesTensorsThatAreWrong) {
  const auto spoilt = [&](auto spoil) {
    auto plain = made_up("llama");
    testing::write_folder(path_, plain);
    spoil(plain.tensors);
    testing::put(path_ / "model.safetensors", testing::safetensors_of(plain.tensors));
    return refused();
  };
  using Tensors = std::map<std::string, testing::PlainTensor>;
  const std::string q = "model.layers.1.self_attn.q_proj.weight";
  EXPECT_THAT(spoilt([&](Tensors& t) {
                t.at(q).shape = {32, 128};
              }).what,
              HasSubstr(q + " has the shape [32, 128]; config.json asks for [64, 64]"));
  EXPECT_THAT(spoilt([&](Tensors& t) { t.erase(q); }).what, HasSubstr("blk.1.attn_q.weight"));
  EXPECT_THAT(spoilt([&](Tensors& t) { t.at(q).values[70] = std::nan(""); }).what, HasSubstr(q));
  EXPECT_THAT(spoilt([&](Tensors& t) { t["model.layers.0.mlp.experts.weight"] = t.at(q); }).what,
              HasSubstr("experts"));
  EXPECT_THAT(
      spoilt([&](Tensors& t) { t["model.layers.0.self_attn.q_proj.qweight"] = t.at(q); }).what,
      HasSubstr("qweight"));
  EXPECT_THAT(spoilt([&](Tensors& t) {
                t["model.layers.0.self_attn.o_proj.bias"] = {.shape = {64},
                                                             .values = testing::Numbers(64)};
              }).what,
              HasSubstr("o_proj.bias has no place"));
  EXPECT_THAT(spoilt([&](Tensors& t) { t.erase("lm_head.weight"); }).what,
              HasSubstr("lm_head.weight"));
}

}  // namespace
}  // namespace dramatis::convert
