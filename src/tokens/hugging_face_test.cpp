#include "tokens/hugging_face.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/scratch_folder.h"
#include "tokens/limits.h"
#include "tokens/testing/made_up_hugging_face.h"
#include "tokens/vocabulary.h"

namespace dramatis::tokens {
namespace {

using testing::in;
using testing::number_of;
using testing::parsed;
using testing::set;
using text::Json;
using text::JsonArray;
using text::JsonObject;

constexpr std::string_view kConfig =
    R"({"bos_token":"<s>","eos_token":{"content":"</s>","special":true},"add_bos_token":true})";

VocabularyTables llama_tables() {
  auto tables = testing::made_up_llama();
  tables.merges = {"h e", "l l", "he ll", "hell o", "\xE2\x96\x81 t", "\xE2\x96\x81t he"};
  return tables;
}

JsonObject gpt2() {
  return testing::made_up_tokenizer(testing::made_up_gpt2());
}
JsonObject llama() {
  return testing::made_up_tokenizer(llama_tables());
}

Result<VocabularyTables> read(const JsonObject& tokenizer, std::string_view config = "") {
  return parse_hugging_face(text::print_json(tokenizer), config);
}

Vocabulary vocabulary(const JsonObject& tokenizer, std::string_view config = "") {
  auto tables = read(tokenizer, config);
  EXPECT_TRUE(tables) << tables.error().what;
  auto made = Vocabulary::from_tables(tables ? std::move(*tables) : testing::made_up_gpt2());
  EXPECT_TRUE(made) << made.error().what;
  return std::move(*made);
}

// The row whose stages a pre_tokenizer has, or the error.
std::string row_of(std::string_view pre_tokenizer) {
  auto tokenizer = gpt2();
  set(tokenizer, "pre_tokenizer", parsed(pre_tokenizer));
  const auto tables = read(tokenizer);
  return tables ? tables->pre : tables.error().what;
}

constexpr std::string_view kTexts[] = {"hello the hell", "h\xC3\xA9 \xF0\x9F\x98\x80",
                                       "  the\n\n  the ", "<s> <|im_end|>hello", ""};

TEST(HuggingFace, SaysWhatAGgufOfTheSameVocabularySays) {
  for (const auto& given : {testing::made_up_gpt2(), llama_tables()}) {
    auto plain = given;
    plain.scores.resize(given.kind == "llama" ? given.tokens.size() : 0);
    const auto from_tables = Vocabulary::from_tables(plain);
    ASSERT_TRUE(from_tables) << from_tables.error().what;
    const auto from_json = vocabulary(testing::made_up_tokenizer(given));
    ASSERT_EQ(from_json.size(), from_tables->size());
    EXPECT_EQ(from_json.kind(), given.kind);
    for (const auto special : {Special::kAsLetters, Special::kRecognised}) {
      for (const auto text : kTexts) {
        EXPECT_EQ(*from_json.encode(text, special), *from_tables->encode(text, special)) << text;
      }
    }
    for (std::size_t n = 0; n < from_json.size(); ++n) {
      const auto id = static_cast<TokenId>(n);
      EXPECT_EQ(from_json.name_of(id), from_tables->name_of(id));
      EXPECT_EQ(from_json.bytes_of(id), from_tables->bytes_of(id));
      EXPECT_EQ(from_json.is_control(id), from_tables->is_control(id)) << from_json.name_of(id);
    }
  }
}

// Readers that know scores alone must come to the same ids.
TEST(HuggingFace, ScoresLeadWhereMergesLead) {
  auto tables = read(llama());
  ASSERT_TRUE(tables) << tables.error().what;
  const auto by_merges = Vocabulary::from_tables(*tables);
  tables->merges.clear();
  const auto by_scores = Vocabulary::from_tables(std::move(*tables));
  for (const auto text : kTexts) {
    EXPECT_EQ(*by_merges->encode(text, Special::kAsLetters),
              *by_scores->encode(text, Special::kAsLetters));
  }
}

TEST(HuggingFace, ReadsMergesAsPairs) {
  auto tokenizer = gpt2();
  JsonArray pairs;
  for (const auto& merge : testing::made_up_gpt2().merges) {
    const auto space = merge.find(' ');
    pairs.emplace_back(JsonArray{merge.substr(0, space), merge.substr(space + 1)});
  }
  set(in(tokenizer, "model"), "merges", std::move(pairs));
  const auto tables = read(tokenizer);
  ASSERT_TRUE(tables) << tables.error().what;
  EXPECT_EQ(tables->merges, testing::made_up_gpt2().merges);
}

TEST(HuggingFace, FindsBeginAndEndInTheConfiguration) {
  const auto made = vocabulary(llama(), kConfig);
  EXPECT_EQ(made.begin(), TokenId{1});
  EXPECT_TRUE(made.ends_turn(TokenId{2}));
  EXPECT_TRUE(made.ends_turn(*made.control("<|im_end|>")));
  const auto tables = read(llama(), kConfig);
  EXPECT_EQ(tables->end, 2);
  EXPECT_EQ(tables->end_of_turn, 4);  // <|im_end|>
  EXPECT_EQ(read(llama())->begin, std::nullopt);
  EXPECT_EQ(read(llama())->begins_texts, false);
}

TEST(HuggingFace, FindsWhatBeginsTextsInThePostProcessor) {
  auto tokenizer = gpt2();
  set(tokenizer, "post_processor", parsed(R"({"type":"Sequence","processors":[
      {"type":"ByteLevel","add_prefix_space":true},
      {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<|begin_of_text|>","type_id":0}},
       {"Sequence":{"id":"A","type_id":0}}],"pair":[],"special_tokens":{}}]})"));
  const auto made = vocabulary(tokenizer);
  EXPECT_EQ(made.begin(), made.control("<|begin_of_text|>"));
  // The configuration has the last word.
  EXPECT_FALSE(vocabulary(tokenizer, R"({"add_bos_token":false})").begins_texts());
  set(tokenizer, "post_processor", parsed(R"({"type":"TemplateProcessing","single":[
      {"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"</s>","type_id":0}}]})"));
  EXPECT_FALSE(vocabulary(tokenizer).begins_texts());
}

TEST(HuggingFace, AnAddedTokenThatIsNotSpecialIsMatchedWholeInLetters) {
  auto tables = testing::made_up_gpt2();
  tables.tokens.emplace_back("hello!!");
  tables.types.push_back(number_of(TokenType::kUserDefined));
  const auto made = vocabulary(testing::made_up_tokenizer(tables));
  const auto ids = made.encode("a hello!!!", Special::kAsLetters);
  EXPECT_EQ(made.name_of((*ids)[2]), "hello!!");
  EXPECT_EQ(ids->size(), 4U);
}

TEST(HuggingFace, RecognisesTheSequencesOfTheFamilies) {
  const auto split = [](std::string_view pattern) {
    return std::string(R"({"type":"Split","pattern":{"Regex":)") + text::print_json(Json(pattern)) +
           R"(},"behavior":"Isolated","invert":false})";
  };
  const auto sequence = [](std::vector<std::string> parts) {
    std::string all;
    for (const auto& part : parts) all += (all.empty() ? "" : ",") + part;
    return R"({"type":"Sequence","pretokenizers":[)" + all + "]}";
  };
  const std::string raw = R"({"type":"ByteLevel","add_prefix_space":false,"use_regex":false})";
  const std::string words = std::string(testing::kByteLevel);
  const std::string digits = R"({"type":"Digits","individual_digits":true})";
  EXPECT_EQ(row_of(testing::kByteLevel), "gpt-2");
  EXPECT_EQ(row_of(sequence({digits, words})), "smollm");
  EXPECT_EQ(row_of(sequence({split(R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|)"
                                   R"(\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|)"
                                   R"(\s+(?!\S)|\s+)"),
                             raw})),
            "llama-bpe");
  EXPECT_EQ(row_of(sequence({split(R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|)"
                                   R"(\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"),
                             raw})),
            "qwen2");
  // Its line ends and its Chinese are characters, not escapes.
  EXPECT_EQ(row_of(sequence({split("[\r\n]"), split(R"(\s?\p{L}+)"), split(R"(\s?\p{P}+)"),
                             split("[一-龥\u0800-一가-\ud7ff]+"), digits, raw})),
            "deepseek-coder");
  EXPECT_EQ(row_of(sequence({R"({"type":"Punctuation","behavior":"Contiguous"})", words,
                             R"({"type":"Digits","individual_digits":false})",
                             split("[0-9][0-9][0-9]")})),
            "falcon");
}

TEST(HuggingFace, NamesThePartOfAPreTokenizerThatItDoesNotKnow) {
  using ::testing::HasSubstr;
  EXPECT_THAT(row_of(R"({"type":"Whitespace"})"), HasSubstr("Whitespace"));
  EXPECT_THAT(row_of(R"({"type":"ByteLevel"})"), HasSubstr("without add_prefix_space"));
  EXPECT_THAT(row_of(R"({"type":"Punctuation","behavior":"Isolated"})"), HasSubstr("Contiguous"));
  EXPECT_THAT(row_of(R"({"type":"Split","pattern":{"Regex":"x"},"behavior":"Removed"})"),
              HasSubstr("Removed"));
  EXPECT_THAT(row_of(R"({"type":"Sequence","pretokenizers":[)"
                     R"({"type":"Digits","individual_digits":true},)"
                     R"({"type":"Split","pattern":{"Regex":"q+"},"behavior":"Isolated"},)"
                     R"({"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]})"),
              ::testing::AllOf(HasSubstr("\"q+\" at place 2"), HasSubstr("\"smollm\"")));
  EXPECT_THAT(row_of(R"({"type":"Sequence","pretokenizers":[)"
                     R"({"type":"Digits","individual_digits":true},)"
                     R"({"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]})"),
              HasSubstr("none ends"));
  EXPECT_THAT(row_of("null"), HasSubstr("neither"));
  EXPECT_THAT(row_of(R"({"type":"Sequence","pretokenizers":[{"type":"Metaspace",)"
                     R"("replacement":"▁","split":false},{"type":"ByteLevel",)"
                     R"("add_prefix_space":false}]})"),
              HasSubstr("both"));
}

TEST(HuggingFace, ReadsTheWaysOfMarkingSpaces) {
  const auto first_space = [](std::string_view normalizer, std::string_view pre) {
    auto tokenizer = llama();
    set(tokenizer, "normalizer", parsed(normalizer));
    set(tokenizer, "pre_tokenizer", parsed(pre));
    const auto tables = read(tokenizer);
    return tables ? std::string(*tables->puts_space_first ? "yes" : "no") : tables.error().what;
  };
  const std::string_view replace = R"({"type":"Replace","pattern":{"String":" "},"content":"▁"})";
  EXPECT_EQ(first_space(testing::kMarkedSpaces, "null"), "yes");
  // Gemma: no space first, and a cut at spaces of which none is left.
  EXPECT_EQ(first_space(replace, R"({"type":"Split","pattern":{"String":" "},)"
                                 R"("behavior":"MergedWithPrevious","invert":false})"),
            "no");
  const auto metaspace = [](std::string_view rest) {
    return R"({"type":"Metaspace","replacement":"▁",)" + std::string(rest) + "}";
  };
  EXPECT_EQ(first_space("null", metaspace(R"("prepend_scheme":"first","split":false)")), "yes");
  EXPECT_EQ(first_space("null", metaspace(R"("prepend_scheme":"never","split":false)")), "no");
  EXPECT_EQ(first_space("null", metaspace(R"("add_prefix_space":false,"split":false)")), "no");
  EXPECT_THAT(first_space("null", metaspace(R"("prepend_scheme":"first")")),
              ::testing::HasSubstr("without split"));
  EXPECT_THAT(first_space(R"({"type":"Lowercase"})", "null"), ::testing::HasSubstr("Lowercase"));
  EXPECT_THAT(first_space(R"({"type":"Prepend","prepend":"_"})", "null"),
              ::testing::HasSubstr("Prepend"));
  EXPECT_THAT(first_space(replace, R"({"type":"Digits"})"), ::testing::HasSubstr("whole texts"));
}

TEST(HuggingFace, FillsIdsWithoutATokenAndPadsToTheModelsRows) {
  auto tokenizer = gpt2();
  const auto count = testing::made_up_gpt2().tokens.size();
  set(in(in(tokenizer, "model"), "vocab"), "zz", Json(count + 2));
  auto tables = read(tokenizer);
  ASSERT_TRUE(tables) << tables.error().what;
  EXPECT_EQ(tables->tokens[count], "[PAD" + std::to_string(count) + "]");
  EXPECT_EQ(tables->types[count], number_of(TokenType::kUnused));
  EXPECT_EQ(tables->tokens[count + 2], "zz");
  ASSERT_TRUE(pad_tables(*tables, count + 64));
  EXPECT_EQ(tables->tokens.size(), count + 64);
  EXPECT_TRUE(Vocabulary::from_tables(*tables));
  EXPECT_EQ(pad_tables(*tables, count).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(pad_tables(*tables, count + 64 + kMaxFreeIds + 1).error().code, ErrorCode::kCorrupt);
}

struct Hostile {
  const char* name;
  void (*spoil)(JsonObject&);
  ErrorCode code;
  const char* what;
};

constexpr auto kCorrupt = ErrorCode::kCorrupt;
constexpr auto kUnsupported = ErrorCode::kUnsupported;

void add_token(JsonObject& tokenizer, std::string_view token) {
  for (auto& [name, value] : tokenizer) {
    if (name == "added_tokens") value.as_array()->push_back(parsed(token));
  }
}

JsonObject& vocab(JsonObject& tokenizer) {
  return in(in(tokenizer, "model"), "vocab");
}

const Hostile kHostile[] = {
    {"NoModel", [](JsonObject& t) { set(t, "model", Json()); }, kCorrupt, "model is missing"},
    {"Unigram", [](JsonObject& t) { set(in(t, "model"), "type", "Unigram"); }, kUnsupported,
     "\"Unigram\"; known here is \"BPE\""},
    {"TypeOfNumber", [](JsonObject& t) { set(in(t, "model"), "type", 3); }, kCorrupt, "no text"},
    {"Suffix", [](JsonObject& t) { set(in(t, "model"), "end_of_word_suffix", "</w>"); },
     kUnsupported, "end_of_word_suffix \"</w>\""},
    {"Prefix", [](JsonObject& t) { set(in(t, "model"), "continuing_subword_prefix", "##"); },
     kUnsupported, "continuing_subword_prefix"},
    {"Dropout", [](JsonObject& t) { set(in(t, "model"), "dropout", 0.1); }, kUnsupported,
     "dropout"},
    {"NoVocab", [](JsonObject& t) { set(in(t, "model"), "vocab", JsonArray()); }, kCorrupt,
     "no \"vocab\""},
    {"EmptyVocab",
     [](JsonObject& t) {
       set(in(t, "model"), "vocab", JsonObject());
       set(t, "added_tokens", JsonArray());
     },
     kCorrupt, "0 entries"},
    {"IdOfText", [](JsonObject& t) { set(vocab(t), "zz", "5"); }, kCorrupt, "\"zz\" no id"},
    {"IdNegative", [](JsonObject& t) { set(vocab(t), "zz", -1); }, kCorrupt, "\"zz\" no id"},
    {"IdHuge", [](JsonObject& t) { set(vocab(t), "zz", kMaxTokens); }, kCorrupt, "\"zz\" no id"},
    {"IdTwice", [](JsonObject& t) { set(vocab(t), "zz", 5); }, kCorrupt, "which is"},
    {"IdBroken", [](JsonObject& t) { set(vocab(t), "zz", 5.5); }, kCorrupt, "no id"},
    {"ManyHoles", [](JsonObject& t) { set(vocab(t), "zz", kMaxTokens - 1); }, kCorrupt,
     "without a token"},
    {"EmptyToken", [](JsonObject& t) { set(vocab(t), "", 600); }, kCorrupt, "empty token"},
    {"LongToken", [](JsonObject& t) { set(vocab(t), std::string(2000, 'a'), 300); }, kCorrupt,
     "2000 bytes"},
    {"AddedElsewhere",
     [](JsonObject& t) { add_token(t, R"({"id":700,"content":"a","special":true})"); }, kCorrupt,
     "\"a\" has the id"},
    {"AddedOnAnother",
     [](JsonObject& t) { add_token(t, R"({"id":5,"content":"<x>","special":true})"); }, kCorrupt,
     "which is"},
    {"AddedNameless", [](JsonObject& t) { add_token(t, R"({"id":5})"); }, kCorrupt, "content"},
    {"AddedNoObject", [](JsonObject& t) { add_token(t, "7"); }, kCorrupt, "content"},
    {"AddedSingleWord",
     [](JsonObject& t) { add_token(t, R"({"id":700,"content":"q!","single_word":true})"); },
     kUnsupported, "single word"},
    {"AddedNoList", [](JsonObject& t) { set(t, "added_tokens", 3); }, kCorrupt, "no list"},
    {"NoMerges", [](JsonObject& t) { set(in(t, "model"), "merges", JsonArray()); }, kCorrupt,
     "no merges"},
    {"MergeOfThree",
     [](JsonObject& t) { set(in(t, "model"), "merges", parsed(R"([["h","e","l"]])")); }, kCorrupt,
     "merge 0"},
    {"MergeOfNumbers", [](JsonObject& t) { set(in(t, "model"), "merges", parsed("[[1,2]]")); },
     kCorrupt, "merge 0"},
    {"PostProcessor",
     [](JsonObject& t) { set(t, "post_processor", parsed(R"({"type":"RobertaProcessing"})")); },
     kUnsupported, "RobertaProcessing"},
};

class HostileTokenizer : public ::testing::TestWithParam<Hostile> {};
// G22, G23, G24
TEST_P(HostileTokenizer, IsRefusedByName) {
  auto tokenizer = gpt2();
  GetParam().spoil(tokenizer);
  const auto tables = read(tokenizer);
  ASSERT_FALSE(tables);
  EXPECT_EQ(tables.error().code, GetParam().code) << tables.error().what;
  EXPECT_THAT(tables.error().what, ::testing::HasSubstr(GetParam().what));
}
INSTANTIATE_TEST_SUITE_P(HuggingFace, HostileTokenizer, ::testing::ValuesIn(kHostile),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(HuggingFace, RefusesWhatIsNoTokenizerAtAll) {
  for (const std::string text : {"", "[]", "{", "\"a\"", "{\"model\":1,\"model\":2}"}) {
    const auto tables = parse_hugging_face(text, "");
    ASSERT_FALSE(tables) << text;
    EXPECT_THAT(tables.error().what, ::testing::StartsWith("tokenizer.json"));
  }
  std::string deep = "{\"pre_tokenizer\":" + std::string(40, '[') + std::string(40, ']') + "}";
  EXPECT_FALSE(parse_hugging_face(deep, ""));
  EXPECT_EQ(parse_hugging_face(std::string(kMaxTokenizerJsonBytes + 1, ' '), "").error().code,
            ErrorCode::kOverBudget);
  EXPECT_THAT(read(gpt2(), R"({"bos_token":"<nobody>"})").error().what,
              ::testing::HasSubstr("bos_token is \"<nobody>\", which is no token"));
  EXPECT_THAT(read(gpt2(), R"({"add_bos_token":"yes"})").error().what,
              ::testing::HasSubstr("add_bos_token"));
  EXPECT_THAT(read(gpt2(), "[]").error().what, ::testing::StartsWith("tokenizer_config.json"));
}

class Folder : public ::testing::Test {
 protected:
  void write(const char* name, std::string_view text) const { scratch_.write(name, text); }
  ScratchFolder scratch_;
  std::filesystem::path path_ = scratch_.path();
};

TEST_F(Folder, GivesItsVocabulary) {
  EXPECT_EQ(read_hugging_face(path_).error().code, ErrorCode::kNotFound);
  write("tokenizer.json", text::print_json(llama()));
  EXPECT_EQ(read_hugging_face(path_)->begin, std::nullopt);
  write("tokenizer_config.json", kConfig);
  EXPECT_EQ(read_hugging_face(path_)->begin, 1);
}

TEST_F(Folder, GivesItsChatTemplate) {
  EXPECT_EQ(*read_chat_template(path_), std::nullopt);
  write("tokenizer_config.json", R"({"chat_template":"a"})");
  EXPECT_EQ(*read_chat_template(path_), "a");
  write("tokenizer_config.json", R"({"chat_template":[{"name":"tool_use","template":"b"},
                                     {"name":"default","template":"c"}]})");
  EXPECT_EQ(*read_chat_template(path_), "c");
  write("tokenizer_config.json", R"({"chat_template":7})");
  EXPECT_EQ(read_chat_template(path_).error().code, ErrorCode::kCorrupt);
  write("chat_template.jinja", "d");
  EXPECT_EQ(*read_chat_template(path_), "d");
}

}  // namespace
}  // namespace dramatis::tokens
