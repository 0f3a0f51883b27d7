#include "tokens/word_pieces.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/scratch_folder.h"
#include "text/json.h"
#include "tokens/limits.h"

namespace dramatis::tokens {
namespace {

using ::testing::HasSubstr;
using text::Json;
using text::JsonObject;

WordPieceTables tables() {
  return {.tokens = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "un",   "##aff", "##able", "the", "cafe",
                     "##s",   "'",     ",",     "!",     "漢",   "字",    "[",      "]",   "sep",
                     "i",     "##i",   "##n",   "naive", "ᄒ",   "##ᅡ",  "##ᆫ",   "$",   "5",
                     "aff",   "Un",    "café",  "か",    "##な", "ß",     "strasse"}};
}

WordPieces made(WordPieceTables given = tables()) {
  auto made = WordPieces::from_tables(std::move(given));
  EXPECT_TRUE(made) << made.error().what;
  return std::move(*made);
}

std::vector<std::string> names(const WordPieces& words, std::string_view text) {
  std::vector<std::string> names;
  const auto ids = words.encode(text);
  EXPECT_TRUE(ids) << ids.error().what;
  if (!ids) return names;
  EXPECT_EQ(words.name_of(ids->front()), "[CLS]");
  EXPECT_EQ(words.name_of(ids->back()), "[SEP]");
  for (auto id = ids->begin() + 1; id != ids->end() - 1; ++id) {
    names.emplace_back(words.name_of(*id));
  }
  return names;
}

TEST(WordPieces, TakesTheLongestTokenFirstAndThenContinuations) {
  using ::testing::ElementsAre;
  const auto words = made();
  EXPECT_THAT(names(words, "unaffable"), ElementsAre("un", "##aff", "##able"));
  EXPECT_THAT(names(words, "UN aff"), ElementsAre("un", "aff"));
  EXPECT_THAT(names(words, "the, the!"), ElementsAre("the", ",", "the", "!"));
  EXPECT_TRUE(names(words, "").empty());
  EXPECT_TRUE(names(words, " \t\n ").empty());
}

TEST(WordPieces, AWordThatDoesNotComeOutEvenIsUnknownAsAWhole) {
  using ::testing::ElementsAre;
  const auto words = made();
  EXPECT_THAT(names(words, "unaffx the"), ElementsAre("[UNK]", "the"));
  EXPECT_THAT(names(words, "able"), ElementsAre("[UNK]"));  // a continuation begins no word
  EXPECT_THAT(names(words, "##s"), ElementsAre("[UNK]", "[UNK]", "[UNK]"));
}

TEST(WordPieces, AWordLongerThanTheBoundIsUnknown) {
  using ::testing::ElementsAre;
  auto short_words = tables();
  short_words.longest_word = 3;
  EXPECT_THAT(names(made(short_words), "the cafe"), ElementsAre("the", "[UNK]"));
  short_words.longest_word = 4;  // code points, not bytes
  EXPECT_THAT(names(made(short_words), "caf\u00e9"), ElementsAre("cafe"));
  EXPECT_THAT(names(made(), std::string(100, 'i')), ::testing::SizeIs(100));
  EXPECT_THAT(names(made(), std::string(101, 'i')), ElementsAre("[UNK]"));
}

TEST(WordPieces, CleansSpacesAndControls) {
  using ::testing::ElementsAre;
  const auto words = made();
  // NUL, U+FFFD, a zero-width joiner, a soft hyphen and private use go; every white space parts.
  EXPECT_THAT(names(words, std::string_view("t\0he", 4)), ElementsAre("the"));
  EXPECT_THAT(names(words, "t\ufffdh\u200de\u00ad\ue000"), ElementsAre("the"));
  EXPECT_THAT(names(words, "the\u00a0the\u3000the\u2028the"), ::testing::SizeIs(4));
}

TEST(WordPieces, StripsAccentsAndLowersLetters) {
  using ::testing::ElementsAre;
  const auto words = made();
  EXPECT_THAT(names(words, "CAF\u00c9S cafe\u0301"), ElementsAre("cafe", "##s", "cafe"));
  EXPECT_THAT(names(words, "NA\u00cfVE"), ElementsAre("naive"));
  EXPECT_THAT(names(words, "\u0130"), ElementsAre("i"));       // capital I with a dot
  EXPECT_THAT(names(words, "\u1e9e"), ElementsAre("\u00df"));  // sharp s stays one letter
  EXPECT_THAT(names(words, "\ud55c"), ElementsAre("ᄒ", "##ᅡ", "##ᆫ"));  // Hangul falls apart
}

TEST(WordPieces, KeepsCaseAndAccentsWhereTheFileSaysSo) {
  using ::testing::ElementsAre;
  auto cased = tables();
  cased.lower_cases = false;
  cased.strips_accents = false;
  EXPECT_THAT(names(made(cased), "Un caf\u00e9 The"), ElementsAre("Un", "caf\u00e9", "[UNK]"));
  auto lower_only = tables();
  lower_only.strips_accents = false;
  EXPECT_THAT(names(made(lower_only), "CAF\u00c9 \u0130"), ElementsAre("caf\u00e9", "[UNK]"));
}

TEST(WordPieces, MakesAWordOfEveryIdeographAndOfEveryMark) {
  using ::testing::ElementsAre;
  const auto words = made();
  EXPECT_THAT(names(words, "漢字the"), ElementsAre("漢", "字", "the"));
  EXPECT_THAT(names(words, "かな"), ElementsAre("か", "##な"));  // kana are letters
  EXPECT_THAT(names(words, "$5!!'s"), ElementsAre("$", "5", "!", "!", "'", "[UNK]"));
  auto joined = tables();
  joined.spaces_ideographs = false;
  EXPECT_THAT(names(made(joined), "漢字"), ElementsAre("[UNK]"));
}

// E8
TEST(WordPieces, LettersNeverBecomeASpecialToken) {
  using ::testing::ElementsAre;
  EXPECT_THAT(names(made(), "[SEP]"), ElementsAre("[", "sep", "]"));
  auto bare = tables();
  bare.tokens.emplace_back("bos");
  bare.first = "bos";
  const auto words = made(bare);
  const auto ids = words.encode("bos");
  EXPECT_EQ(words.name_of((*ids)[1]), "[UNK]");
}

TEST(WordPieces, CutsAtTheMostIdsAskedFor) {
  const auto words = made();
  for (std::size_t most : {2, 3, 4, 100}) {
    const auto ids = words.encode("the unaffable the", most);
    EXPECT_EQ(ids->size(), std::min<std::size_t>(most, 7));
    EXPECT_EQ(words.name_of(ids->back()), "[SEP]");
  }
  EXPECT_EQ(words.encode("the", 0)->size(), 2U);
}

// E7
TEST(WordPieces, RefusesWhatIsNoTextOrTooLong) {
  EXPECT_EQ(made().encode("\xFF").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(made().encode(std::string(kMaxEncodeBytes + 1, 'a')).error().code,
            ErrorCode::kOverBudget);
}

// G22, G23, of an encoder
TEST(WordPieces, RefusesVocabulariesThatLie) {
  const auto refused = [](void (*spoil)(WordPieceTables&)) {
    auto spoiled = tables();
    spoil(spoiled);
    const auto words = WordPieces::from_tables(std::move(spoiled));
    return words ? "accepted" : words.error().what;
  };
  EXPECT_THAT(refused([](auto& t) { t.tokens.clear(); }), HasSubstr("0 tokens"));
  EXPECT_THAT(refused([](auto& t) { t.tokens.resize(kMaxTokens + 1); }), HasSubstr("524289"));
  EXPECT_THAT(refused([](auto& t) { t.tokens[7] = ""; }), HasSubstr("Token 7"));
  EXPECT_THAT(refused([](auto& t) { t.tokens[7] = "\xC3("; }), HasSubstr("Token 7"));
  EXPECT_THAT(refused([](auto& t) { t.tokens[7] = std::string(5000, 'a'); }), HasSubstr("5000"));
  EXPECT_THAT(refused([](auto& t) { t.tokens[7] = "cafe"; }), HasSubstr("Tokens 7 and 8"));
  EXPECT_THAT(refused([](auto& t) { t.tokens[1] = "x"; }), HasSubstr("has no \"[UNK]\""));
  EXPECT_THAT(refused([](auto& t) { t.last = "</s>"; }), HasSubstr("has no \"</s>\""));
  EXPECT_THAT(refused([](auto& t) { t.continuation = ""; }), HasSubstr("continuing"));
}

JsonObject tokenizer() {
  JsonObject vocab;
  const auto all = tables();
  for (std::size_t id = 0; id < all.tokens.size(); ++id) vocab.emplace_back(all.tokens[id], id);
  return {{"normalizer", JsonObject{{"type", "BertNormalizer"},
                                    {"clean_text", true},
                                    {"handle_chinese_chars", true},
                                    {"strip_accents", Json()},
                                    {"lowercase", true}}},
          {"pre_tokenizer", JsonObject{{"type", "BertPreTokenizer"}}},
          {"model", JsonObject{{"type", "WordPiece"},
                               {"unk_token", "[UNK]"},
                               {"continuing_subword_prefix", "##"},
                               {"max_input_chars_per_word", 100},
                               {"vocab", std::move(vocab)}}}};
}

// `was` replaced by `is` in the text of the tokenizer.
Result<WordPieceTables> changed(std::string_view was, std::string_view is) {
  std::string text = text::print_json(tokenizer());
  const auto at = text.find(was);
  EXPECT_NE(at, std::string::npos) << was;
  return parse_word_pieces(text.replace(at, was.size(), is), "");
}

TEST(WordPieceTables, AreReadFromATokenizerAndFromLinesAlike) {
  std::string lines;
  for (const auto& token : tables().tokens) lines += token + "\n";
  const auto from_lines = parse_vocab_lines(lines, "");
  const auto from_json = parse_word_pieces(text::print_json(tokenizer()), "");
  ASSERT_TRUE(from_json) << from_json.error().what;
  EXPECT_EQ(from_json->tokens, tables().tokens);
  EXPECT_EQ(from_lines->tokens, tables().tokens);
  EXPECT_TRUE(from_json->strips_accents && from_lines->strips_accents);
  EXPECT_EQ(parse_vocab_lines("a\r\nb", "")->tokens, (std::vector<std::string>{"a", "b"}));
}

TEST(WordPieceTables, TakeTheirSettingsFromTheFiles) {
  const auto cased = parse_vocab_lines("a\nb\n", R"({"do_lower_case":false,"cls_token":"<s>",
      "sep_token":{"content":"</s>"},"tokenize_chinese_chars":false})");
  EXPECT_FALSE(cased->lower_cases || cased->strips_accents || cased->spaces_ideographs);
  EXPECT_EQ(cased->first, "<s>");
  EXPECT_EQ(cased->last, "</s>");
  EXPECT_TRUE(
      parse_vocab_lines("a", R"({"do_lower_case":false,"strip_accents":true})")->strips_accents);
  EXPECT_FALSE(changed("\"lowercase\":true", "\"lowercase\":false")->strips_accents);
  EXPECT_EQ(
      changed("\"max_input_chars_per_word\":100", "\"max_input_chars_per_word\":7")->longest_word,
      7U);
}

TEST(WordPieceTables, RefuseWhatTheyDoNotKnowByName) {
  const auto refused = [](std::string_view was, std::string_view is) {
    const auto read = changed(was, is);
    return read ? "accepted" : read.error().what;
  };
  EXPECT_THAT(refused("\"WordPiece\"", "\"BPE\""), HasSubstr("\"BPE\"; known here"));
  EXPECT_THAT(refused("\"BertNormalizer\"", "\"NFKC\""), HasSubstr("NFKC"));
  EXPECT_THAT(refused("\"BertPreTokenizer\"", "\"Whitespace\""), HasSubstr("Whitespace"));
  EXPECT_THAT(refused("\"max_input_chars_per_word\":100", "\"max_input_chars_per_word\":0"),
              HasSubstr("1 to 1000"));
  EXPECT_THAT(refused("\"the\":7", "\"the\":8"), HasSubstr("no id of its own"));
  EXPECT_THAT(refused("\"the\":7", "\"the\":34"), HasSubstr("no id of its own"));
  EXPECT_THAT(refused("\"the\":7", "\"the\":-1"), HasSubstr("no id of its own"));
  EXPECT_THAT(refused("\"vocab\":{", "\"words\":{"), HasSubstr("no \"vocab\""));
  EXPECT_THAT(parse_word_pieces("{", "").error().what, HasSubstr("tokenizer.json"));
  EXPECT_THAT(parse_word_pieces("{}", "").error().what, HasSubstr("model is missing"));
}

TEST(WordPieceTables, AreReadFromAFolder) {
  const ScratchFolder scratch;
  const auto folder = scratch.path();
  EXPECT_EQ(read_word_pieces(folder).error().code, ErrorCode::kNotFound);
  scratch.write("vocab.txt", "a\nb\nc\n");
  EXPECT_EQ(read_word_pieces(folder)->tokens.size(), 3U);
  scratch.write("tokenizer.json", text::print_json(tokenizer()));
  EXPECT_EQ(read_word_pieces(folder)->tokens.size(), tables().tokens.size());
}

}  // namespace
}  // namespace dramatis::tokens
