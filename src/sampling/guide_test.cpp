#include "sampling/guide.h"

#include <array>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "sampling/limits.h"
#include "sampling/pick.h"
#include "sampling/testing/reference_matcher.h"
#include "text/json.h"
#include "tokens/testing/made_up.h"
#include "tokens/vocabulary.h"

namespace dramatis::sampling {
namespace {

// Every byte, and pieces that join them in all sorts of ways; the last token ends a turn.
class Pieces {
 public:
  Pieces() {
    for (int byte = 0; byte < 256; ++byte) kept_.push_back(std::string(1, static_cast<char>(byte)));
    for (const char* piece :
         {"{\"", "\": ",     "\", \"",   "true",     "tr",       "\"}",   "}}", "12",
          "xyz", "ab",       "abab",     "\xCE\xB1", "\xB1\xCE", "\xB1!", "((", "))",
          "x)",  "\xF0\x9F", "\x98\x80", "\n  ",     "1.5e",     "ab"}) {
      kept_.push_back(piece);
    }
    kept_.push_back("");  // a control token
    kept_.push_back("");  // the end
    for (const auto& piece : kept_) views_.push_back(piece);
  }
  [[nodiscard]] const std::vector<std::string_view>& views() const { return views_; }
  [[nodiscard]] TokenId end() const { return static_cast<TokenId>(views_.size() - 1); }
  [[nodiscard]] std::string_view bytes_of(TokenId id) const {
    return views_[static_cast<std::size_t>(id)];
  }
  [[nodiscard]] TokenTrie trie() const { return TokenTrie::build(views_, {end()}); }

 private:
  std::vector<std::string> kept_;
  std::vector<std::string_view> views_;
};

// Walks through a grammar at random; at each token the mask is compared with the plainest way.
void compare(const Grammar& grammar, std::uint64_t seed) {
  const Pieces pieces;
  const auto trie = pieces.trie();
  Rng rng(seed);
  for (int walk = 0; walk < 8; ++walk) {
    auto guide = Guide::begin(grammar, trie).value();
    auto plain = testing::begin(grammar);
    for (int length = 0; length < 25; ++length) {
      const auto allowed = guide.allowed();
      ASSERT_TRUE(allowed) << allowed.error().what;
      const std::array ends = {pieces.end()};
      ASSERT_EQ(**allowed, testing::mask(grammar, plain, pieces.views(), ends));
      std::vector<TokenId> open;
      for (std::size_t n = 0; n < pieces.views().size(); ++n) {
        if ((*allowed)->contains(static_cast<TokenId>(n))) open.push_back(static_cast<TokenId>(n));
      }
      const auto id = open[rng.below(open.size())];
      if (id == pieces.end()) break;
      ASSERT_TRUE(guide.accept(pieces.bytes_of(id)));
      plain = testing::after(grammar, plain, pieces.bytes_of(id));
      ASSERT_EQ(guide.may_end(), plain.may_end);
    }
  }
}

TEST(Guide, AllowsWhatThePlainestWayAllows) {
  compare(parse_gbnf("root ::= \"(\" root \")\" | [xyz]{1,3} root?").value(), 1);
  compare(parse_gbnf("root ::= (\"ab\" | \"a\" | \"b\"){2,5} [^a]* \"!\"").value(), 2);
  compare(parse_gbnf("root ::= [α-ω😀]+ \"!\"").value(), 3);
  compare(parse_gbnf("root ::= a a a\na ::= \"x\"? b\nb ::= \"y\"* \"z\"?").value(), 4);
  compare(json_object(), 5);
  compare(parse_schema(R"({"properties": {"ab": {"type": "boolean"}, "x": {"type": "number"}},
                           "required": ["x"], "additionalProperties": true})")
              .value(),
          6);
}

TEST(Guide, ARandomModelWritesWhatTheSchemaSays) {
  const auto vocabulary = tokens::Vocabulary::from_tables(tokens::testing::made_up_llama()).value();
  const auto trie = TokenTrie::build(vocabulary);
  const auto grammar =
      parse_schema(R"({"properties": {"do": {"enum": ["go", "wait"]}, "to": {"type": "string",
          "maxLength": 12}, "n": {"type": "integer", "minimum": 1, "maximum": 99}},
          "required": ["do", "to", "n"]})")
          .value();
  lm::Sampling how;
  how.temperature = 1;
  how.top_k = 3;  // truncation comes after the mask: a candidate is always left
  how.top_p = 0.5;
  Rng rng(7);
  for (int reply = 0; reply < 50; ++reply) {
    auto guide = Guide::begin(grammar, trie).value();
    std::string text;
    for (;;) {
      std::vector<float> logits(vocabulary.size());
      for (auto& logit : logits) logit = static_cast<float>(rng.uniform() * 10);
      const auto* allowed = guide.allowed().value();
      const auto id = pick(logits, how, {}, allowed, rng).value();
      ASSERT_TRUE(allowed->contains(id));
      if (vocabulary.ends_turn(id)) break;
      ASSERT_FALSE(vocabulary.is_control(id));
      text += vocabulary.bytes_of(id);
      ASSERT_TRUE(guide.accept(vocabulary.bytes_of(id)));
      ASSERT_LT(text.size(), 300U);
    }
    const auto read = text::parse_json(text);
    ASSERT_TRUE(read) << text;
    ASSERT_NE(read->find("to"), nullptr);
    EXPECT_GE(*read->find("n")->as_int(), 1);
    EXPECT_LE(*read->find("n")->as_int(), 99);
  }
}

TEST(Guide, GoesOnFromWhatTheReplyAlreadySays) {
  const Pieces pieces;
  const auto trie = pieces.trie();
  const auto grammar = parse_gbnf("root ::= \"I say: \" [a-c]+").value();
  auto guide = Guide::begin(grammar, trie, "I say: a").value();
  EXPECT_TRUE(guide.may_end());
  EXPECT_TRUE(guide.allowed().value()->contains(static_cast<TokenId>('b')));
  EXPECT_FALSE(guide.allowed().value()->contains(static_cast<TokenId>('d')));
  EXPECT_TRUE(guide.allowed().value()->contains(pieces.end()));
  EXPECT_EQ(Guide::begin(grammar, trie, "You say").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(guide.accept("d").error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(guide.accept(""));  // a refused token changes nothing, nor does the end of a turn
  EXPECT_TRUE(guide.may_end());
}

// E5, E6
TEST(Guide, NeverLetsAReplyGoOnFreely) {
  const std::array<std::string_view, 3> few = {"a", "b", ""};
  const auto trie = TokenTrie::build(few, {static_cast<TokenId>(2)});
  auto lacks = Guide::begin(parse_gbnf("root ::= \"a\" \"z\"").value(), trie).value();
  ASSERT_TRUE(lacks.allowed());
  ASSERT_TRUE(lacks.accept("a"));
  const auto nothing = lacks.allowed();
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code, ErrorCode::kInvalidArgument);
  // Every b doubles the ways in which the text can go on.
  auto doubling =
      Guide::begin(parse_gbnf("root ::= \"b\" root \"y\" | \"b\" root \"z\" | \"a\"").value(), trie)
          .value();
  Status went;
  for (int n = 0; n < 200 && went; ++n) {
    if (auto allowed = doubling.allowed(); !allowed) {
      went = tl::unexpected(allowed.error());
    } else {
      went = doubling.accept("b");
    }
  }
  ASSERT_FALSE(went);
  EXPECT_EQ(went.error().code, ErrorCode::kOverBudget);
}

// The memory of states and masks is bounded; what was said is not forgotten with them.
TEST(Guide, FollowsALongReply) {
  const Pieces pieces;
  const auto trie = pieces.trie();
  auto guide =
      Guide::begin(parse_gbnf("root ::= (\"ab\" [0-9]{1,4000} \".\"){1,4000}").value(), trie)
          .value();
  for (int n = 0; n < 3000; ++n) {
    ASSERT_TRUE(guide.allowed());
    ASSERT_TRUE(guide.accept("ab"));
    ASSERT_EQ(guide.allowed().value()->contains(pieces.end()), false);
    ASSERT_TRUE(guide.accept("7."));
    ASSERT_TRUE(guide.may_end());
  }
}

TEST(Parse, TakesTheKindThatIsAskedFor) {
  using Kind = lm::GrammarText::Kind;
  EXPECT_TRUE(parse({.kind = Kind::kGbnf, .text = "root ::= \"a\""}));
  EXPECT_TRUE(parse({.kind = Kind::kJsonSchema, .text = "{}"}));
  EXPECT_TRUE(parse({.kind = Kind::kJsonObject}));
  EXPECT_FALSE(parse({.kind = Kind::kGbnf, .text = "{}"}));
}

}  // namespace
}  // namespace dramatis::sampling
