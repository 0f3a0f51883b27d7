#include "formats/peft.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/testing/scratch_folder.h"

namespace dramatis::formats {
namespace {

// A config as PEFT 0.17 writes it, with one field said otherwise.
std::string config_with(const std::string& field, const std::string& value) {
  std::vector<std::pair<std::string, std::string>> fields = {
      {"alpha_pattern", "{}"},
      {"base_model_name_or_path", "\"someone/small\""},
      {"bias", "\"none\""},
      {"fan_in_fan_out", "null"},
      {"init_lora_weights", "true"},
      {"layer_replication", "null"},
      {"lora_alpha", "32"},
      {"lora_bias", "false"},
      {"modules_to_save", "null"},
      {"peft_type", "\"LORA\""},
      {"r", "8"},
      {"rank_pattern", "{}"},
      {"target_modules", "[\"q_proj\", \"v_proj\"]"},
      {"target_parameters", "[]"},
      {"use_dora", "false"},
      {"use_rslora", "false"}};
  std::string json;
  for (const auto& [key, usual] : fields) {
    if (key == field && value.empty()) continue;
    json += (json.empty() ? "{\"" : ",\"") + key + "\":" + (key == field ? value : usual);
  }
  return json + "}";
}
ErrorCode verdict(const std::string& field, const std::string& value) {
  const auto config = parse_peft_config(config_with(field, value));
  return config ? ErrorCode::kInternal : config.error().code;  // kInternal: it was accepted
}

TEST(Peft, ReadsAPlainLora) {
  const auto config = parse_peft_config(config_with("", "")).value();
  EXPECT_EQ(config.rank, 8U);
  EXPECT_EQ(config.alpha, 32);
  EXPECT_EQ(config.scaling, LoraScaling::kByRank);
  EXPECT_EQ(config.ranks, LoraRanks::kAllAlike);
  EXPECT_EQ(config.base, "someone/small");
}

TEST(Peft, ReadsRanksByPatternAndRootScaling) {
  EXPECT_EQ(parse_peft_config(config_with("rank_pattern", R"({"q_proj":4})"))->ranks,
            LoraRanks::kByTensor);
  EXPECT_EQ(parse_peft_config(config_with("use_rslora", "true"))->scaling,
            LoraScaling::kByRootOfRank);
  EXPECT_EQ(parse_peft_config(config_with("lora_alpha", "0.5"))->alpha, 0.5);
  EXPECT_TRUE(parse_peft_config(config_with("base_model_name_or_path", "null"))->base.empty());
}

TEST(Peft, RefusesWhatIsNoPlainLora) {
  const std::pair<const char*, const char*> kCases[] = {{"peft_type", "\"IA3\""},
                                                        {"use_dora", "true"},
                                                        {"lora_bias", "true"},
                                                        {"bias", "\"all\""},
                                                        {"bias", "7"},
                                                        {"fan_in_fan_out", "true"},
                                                        {"alpha_pattern", R"({"q_proj":4})"},
                                                        {"modules_to_save", "[\"lm_head\"]"},
                                                        {"layer_replication", "[[0,2]]"},
                                                        {"target_parameters", "[\"experts\"]"},
                                                        {"init_lora_weights", "\"pissa\""},
                                                        {"init_lora_weights", "\"olora\""},
                                                        {"init_lora_weights", "[]"}};
  for (const auto& [field, value] : kCases) {
    EXPECT_EQ(verdict(field, value), ErrorCode::kUnsupported) << field << " " << value;
    EXPECT_NE(parse_peft_config(config_with(field, value)).error().what.find(field),
              std::string::npos);
  }
  EXPECT_EQ(verdict("init_lora_weights", "\"gaussian\""), ErrorCode::kInternal);
}

// L1, L2
TEST(Peft, RefusesNumbersOutOfRange) {
  for (const char* value : {"0", "-1", "1.5", "2147483648", "1025", "\"8\"", "null", "[8]"})
    EXPECT_EQ(verdict("r", value), ErrorCode::kCorrupt) << value;
  for (const char* value : {"-1", "\"32\"", "null", "1e999", "NaN", "{}"})
    EXPECT_EQ(verdict("lora_alpha", value), ErrorCode::kCorrupt) << value;
  for (const char* field : {"r", "lora_alpha", "peft_type"})
    EXPECT_EQ(verdict(field, ""), ErrorCode::kNotFound) << field;
  for (const char* json : {"", "[]", "{", "7", "{\"r\":1,\"r\":2}"})
    EXPECT_EQ(parse_peft_config(json).error().code, ErrorCode::kCorrupt) << json;
}

class PeftFolders : public ::testing::Test {
 protected:
  void write(const char* name, std::string_view bytes) const { scratch_.write(name, bytes); }

  ScratchFolder scratch_;
  std::filesystem::path folder_ = scratch_.path();
};

TEST_F(PeftFolders, NeedBothFiles) {
  EXPECT_EQ(read_peft(folder_).error().code, ErrorCode::kNotFound);
  write("adapter_config.json", config_with("", ""));
  EXPECT_EQ(read_peft(folder_).error().code, ErrorCode::kNotFound);
  const auto tensors = write_safetensors({}, {});
  write("adapter_model.safetensors",
        {reinterpret_cast<const char*>(tensors.data()), tensors.size()});
  const auto read = read_peft(folder_);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->config.rank, 8U);
  EXPECT_TRUE(read->tensors.tensors().empty());
}

// S11
TEST_F(PeftFolders, NeverReadPickledWeights) {
  write("adapter_config.json", config_with("", ""));
  write("adapter_model.bin", "\x80\x02");
  const auto refused = read_peft(folder_);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(refused.error().what.find("adapter_model.bin"), std::string::npos);
}

// S11
TEST_F(PeftFolders, NameTheFileThatIsBroken) {
  write("adapter_config.json", "{");
  write("adapter_model.safetensors", "GGUF but called otherwise");
  EXPECT_EQ(read_peft(folder_).error().code, ErrorCode::kCorrupt);
  write("adapter_config.json", config_with("", ""));
  const auto refused = read_peft(folder_);
  EXPECT_EQ(refused.error().code, ErrorCode::kCorrupt);
  EXPECT_NE(refused.error().what.find("adapter_model.safetensors"), std::string::npos);
}

}  // namespace
}  // namespace dramatis::formats
