#include "sampling/grammar.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sampling/limits.h"
#include "sampling/matcher.h"
#include "text/utf8.h"

namespace dramatis::sampling {
namespace {

enum class Fit { kNo, kBegins, kWhole };

Fit fit(Matcher& matcher, std::string_view text) {
  const auto at = matcher.step(matcher.start().value(), text).value();
  if (matcher.may_end(at)) return Fit::kWhole;
  return at == Matcher::kDead ? Fit::kNo : Fit::kBegins;
}
Fit fit(std::string_view grammar, std::string_view text) {
  auto parsed = parse_gbnf(grammar);
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().what);
  if (!parsed) return Fit::kNo;
  Matcher matcher(*std::move(parsed));
  return fit(matcher, text);
}
Error refused(std::string_view grammar) {
  const auto parsed = parse_gbnf(grammar);
  EXPECT_FALSE(parsed) << grammar.substr(0, 200);
  return parsed ? Error{ErrorCode::kInternal, "accepted"} : parsed.error();
}
bool says(std::string_view grammar, std::string_view what) {
  const auto error = refused(grammar);
  EXPECT_NE(error.what.find(what), std::string::npos) << error.what;
  return error.what.find(what) != std::string::npos;
}

TEST(Gbnf, ReadsTextsSetsGroupsAlternativesAndRepetitions) {
  const std::string_view grammar =
      "# the whole\n"
      "root ::= greeting \", \" name+ (\"!\" | \"?\"){1,2}  # one line\n"
      "greeting ::= \"Hail\" |\n  \"Well met\"\n"
      "name ::= [A-Z] [a-z]* [^a-z!?]?\n";
  EXPECT_EQ(fit(grammar, "Hail, Orlando!"), Fit::kWhole);
  EXPECT_EQ(fit(grammar, "Well met, Ida Fenn?!"), Fit::kWhole);
  EXPECT_EQ(fit(grammar, "Well met, "), Fit::kBegins);
  EXPECT_EQ(fit(grammar, "Hail, Orlando!!!"), Fit::kNo);
  EXPECT_EQ(fit(grammar, "Hail, orlando"), Fit::kNo);
  EXPECT_EQ(fit(grammar, ""), Fit::kBegins);
}

TEST(Gbnf, CountsRepetitions) {
  const auto counts = [](std::string_view count) {
    std::string fits;
    for (std::size_t n = 0; n < 7; ++n) {
      const std::string grammar = "root ::= \"<\" (\"ab\")" + std::string(count) + " \">\"";
      std::string text = "<";
      for (std::size_t k = 0; k < n; ++k) text += "ab";
      if (fit(grammar, text + ">") == Fit::kWhole) fits += std::to_string(n);
    }
    return fits;
  };
  EXPECT_EQ(counts(""), "1");
  EXPECT_EQ(counts("?"), "01");
  EXPECT_EQ(counts("*"), "0123456");
  EXPECT_EQ(counts("+"), "123456");
  EXPECT_EQ(counts("{3}"), "3");
  EXPECT_EQ(counts("{2,}"), "23456");
  EXPECT_EQ(counts("{2,4}"), "234");
  EXPECT_EQ(counts("{0,3}"), "0123");
  EXPECT_EQ(counts("{ 1 , 2 }"), "12");
  EXPECT_EQ(counts("{0}"), "0");
  EXPECT_EQ(counts("{1}"), "1");
}

TEST(Gbnf, ReadsEscapesAndUnicode) {
  const std::string_view grammar =
      "root ::= \"\\x41\\u00e9\\U0001F600\\n\\t\\r\\\\\\\"\\[\\]\" [\\x30-\\x39\\]ぁ-ゟ]";
  EXPECT_EQ(fit(grammar, "A\xC3\xA9\xF0\x9F\x98\x80\n\t\r\\\"[]7"), Fit::kWhole);
  EXPECT_EQ(fit(grammar, "A\xC3\xA9\xF0\x9F\x98\x80\n\t\r\\\"[]]"), Fit::kWhole);
  EXPECT_EQ(fit(grammar, "A\xC3\xA9\xF0\x9F\x98\x80\n\t\r\\\"[]の"), Fit::kWhole);
  EXPECT_EQ(fit(grammar, "A\xC3\xA9\xF0\x9F\x98\x80\n\t\r\\\"[]ア"), Fit::kNo);
  EXPECT_EQ(fit("root ::= [a-]", "-"), Fit::kWhole);
}

// Every code point, and no other bytes: compared with the decoder of text/.
TEST(Gbnf, SetsHoldTheirCodePointsByteForByte) {
  auto parsed = parse_gbnf("root ::= [^b-yé-\\U00010345]").value();
  Matcher matcher(std::move(parsed));
  const auto begin = matcher.start().value();
  for (char32_t point = 0; point <= 0x10FFFF; ++point) {
    if (point >= 0xD800 && point <= 0xDFFF) continue;
    std::string bytes;
    text::append_utf8(point, bytes);
    const bool outside = (point >= 'b' && point <= 'y') || (point >= 0xE9 && point <= 0x10345);
    const auto at = matcher.step(begin, bytes).value();
    ASSERT_EQ(matcher.may_end(at), !outside) << static_cast<unsigned>(point);
  }
  for (const std::string_view bad :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    EXPECT_EQ(fit("root ::= .", bad), Fit::kNo);
  }
}

TEST(Gbnf, ATextMayBeCutInsideACodePoint) {
  auto parsed = parse_gbnf("root ::= [α-ω]+ \"!\"").value();
  Matcher matcher(std::move(parsed));
  auto at = matcher.start().value();
  for (const char byte : std::string_view("λογ")) {
    at = matcher.step(at, std::string_view(&byte, 1)).value();
    EXPECT_NE(at, Matcher::kDead);
    EXPECT_FALSE(matcher.may_end(at));
  }
  EXPECT_EQ(fit(matcher, "λ\xCE!"), Fit::kNo);
}

// E5
TEST(Gbnf, NamesLineAndColumn) {
  EXPECT_TRUE(says("root ::= \"a\"\nother := \"b\"", "Line 2, column 7"));
  EXPECT_TRUE(says("root ::= \"ü\" }", "Line 1, column 14"));
  EXPECT_TRUE(says("root ::= \"a", "column 10 of the grammar: this \" is never closed"));
  EXPECT_TRUE(says("root ::= [ab", "this [ is never closed"));
  EXPECT_TRUE(says("root ::= (\"a\"", "this ( is never closed"));
  EXPECT_TRUE(says("root ::= \"a\")", "closes nothing"));
  EXPECT_TRUE(says("root ::= []", "empty"));
  EXPECT_TRUE(says("root ::= [z-a]", "backwards"));
  EXPECT_TRUE(says("root ::= [^\\x00-\\U0010FFFF]", "leaves no letter"));
  EXPECT_TRUE(says("root ::= \"\\q\"", "no such escape"));
  EXPECT_TRUE(says("root ::= \"\\u12\"", "4 hexadecimal digits"));
  EXPECT_TRUE(says("root ::= \"\\ud800\"", "surrogate"));
  EXPECT_TRUE(says("root ::= \"\\U00110000\"", "past U+10FFFF"));
  EXPECT_TRUE(says("root ::= * \"a\"", "nothing before it"));
  EXPECT_TRUE(says("root ::= \"a\"**", "two repetitions"));
  EXPECT_TRUE(says("root ::= \"a\"{3,2}", "smaller than the first"));
  EXPECT_TRUE(says("root ::= \"a\"{x}", "a number"));
  EXPECT_TRUE(says("root ::= \"a\"{1", "a } must stand here"));
  EXPECT_TRUE(says("root ::= \"a\"\nroot ::= \"b\"", "defined twice"));
  EXPECT_TRUE(says("root ::= nobody \"a\"\n",
                   "Line 1, column 10 of the grammar: there is no rule 'nobody'"));
  EXPECT_TRUE(says("start ::= \"a\"", "no rule 'root'"));
  EXPECT_TRUE(says("", "no rule 'root'"));
  EXPECT_TRUE(says("::= \"a\"", "begins with its name"));
  EXPECT_TRUE(says("root ::= <think>", "not supported"));
  EXPECT_EQ(refused("root ::= !<think>").code, ErrorCode::kUnsupported);
  EXPECT_TRUE(says("root ::= \"\xFF\"", "UTF-8"));
}

// E5
TEST(Gbnf, RefusesLeftRecursionByName) {
  EXPECT_TRUE(says("root ::= sum\nsum ::= sum \"+\" [0-9] | [0-9]", "'sum' begins with itself"));
  EXPECT_TRUE(
      says("root ::= a \"x\"\na ::= b?  c\nb ::= \"q\"\nc ::= a | \"z\"", "begins with itself"));
  EXPECT_TRUE(says("root ::= root", "'root' begins with itself"));
  EXPECT_TRUE(says("root ::= (\"\" | \"\")* root", "'root' begins with itself"));
  // Recursion after a letter is none.
  EXPECT_EQ(fit("root ::= \"(\" root \")\" | \"x\"", "((x))"), Fit::kWhole);
}

// E5
TEST(Gbnf, RefusesWhatNeverEndsOrSaysNothing) {
  EXPECT_TRUE(says("root ::= \"a\" loop\nloop ::= \"b\" loop", "'loop' has no end"));
  EXPECT_TRUE(says("root ::= ", "no letter at all"));
  EXPECT_TRUE(says("root ::= \"\" | (\"\")*", "no letter at all"));
  EXPECT_TRUE(says("root ::= \"a\"{0}", "no letter at all"));
}

// E5: 60 000 nested groups ended another server.
TEST(Gbnf, BoundsWhatAHostileGrammarCosts) {
  const auto nested = [](std::size_t depth) {
    return "root ::= " + std::string(depth, '(') + "\"a\"" + std::string(depth, ')');
  };
  EXPECT_TRUE(parse_gbnf(nested(kMaxGroupDepth)));
  EXPECT_EQ(refused(nested(kMaxGroupDepth + 1)).code, ErrorCode::kOverBudget);
  EXPECT_EQ(refused(nested(13'000)).code, ErrorCode::kOverBudget);
  EXPECT_EQ(refused(nested(60'000)).code, ErrorCode::kOverBudget);
  EXPECT_EQ(refused("root ::= " + std::string(60'000, '(')).code, ErrorCode::kOverBudget);
  EXPECT_EQ(refused("root ::= \"x\"{0,1000000000}").code, ErrorCode::kOverBudget);
  EXPECT_EQ(refused("root ::= \"x\"{99999999999999999999999}").code, ErrorCode::kOverBudget);
  std::string alternatives = "root ::= \"a\"";
  for (int n = 0; n < 1'000'000; ++n) alternatives += "|\"a\"";
  EXPECT_EQ(refused(alternatives).code, ErrorCode::kOverBudget);
  std::string rules = "root ::= \"a\"\n";
  for (int n = 0; n < 5000; ++n) rules += fmt::format("r{}::=\"\"\n", n);
  EXPECT_EQ(refused(rules).code, ErrorCode::kOverBudget);
  // Counts that multiply: each level is a rule of its own, and the text is what grows.
  EXPECT_EQ(fit("root ::= (((\"x\"{4000}){4000}){4000}){4000}", "xxxx"), Fit::kBegins);
  std::string wide = "root ::= ";
  for (int n = 0; n < 200; ++n) wide += "[^a]{4000} ";
  EXPECT_EQ(refused(wide).code, ErrorCode::kOverBudget);
}

// E5
TEST(Matcher, AnAmbiguousGrammarDoesNotBlowUp) {
  std::string optional = "root ::= ";
  for (int n = 0; n < 500; ++n) optional += "\"x\"? ";
  auto many = Matcher(parse_gbnf(optional).value());
  EXPECT_EQ(fit(many, std::string(500, 'x')), Fit::kWhole);
  EXPECT_EQ(fit(many, std::string(501, 'x')), Fit::kNo);
  // Every x doubles the ways in which the y and z may follow.
  auto doubling =
      Matcher(parse_gbnf("root ::= \"x\" root \"y\" | \"x\" root \"z\" | \"x\"").value());
  const auto refused = doubling.step(doubling.start().value(), std::string(100, 'x'));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kOverBudget);
  EXPECT_EQ(fit(doubling, "xxxyz"), Fit::kWhole);
  // The same before the first letter.
  std::string begins = "root ::= r0 \"!\"\n";
  for (int n = 0; n < 40; ++n)
    begins += fmt::format("r{} ::= r{} \"a\" | r{} \"b\"\n", n, n + 1, n + 1);
  begins += "r40 ::= \"x\"\n";
  auto beginning = Matcher(parse_gbnf(begins).value());
  EXPECT_EQ(beginning.start().error().code, ErrorCode::kOverBudget);
}

// E5
TEST(Matcher, AListNeedsNoStackAndRecursionHasALimit) {
  EXPECT_EQ(fit("root ::= \"a\" rest\nrest ::= \",a\" rest | \".\"",
                [] {
                  std::string text = "a";
                  for (int n = 0; n < 10'000; ++n) text += ",a";
                  return text + ".";
                }()),
            Fit::kWhole);
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '(') + "x" + std::string(depth, ')');
  };
  auto matcher = Matcher(parse_gbnf("root ::= \"(\" root \")\" | \"x\"").value());
  EXPECT_EQ(fit(matcher, nested(kMaxRuleDepth)), Fit::kWhole);
  EXPECT_EQ(fit(matcher, nested(kMaxRuleDepth + 1)), Fit::kNo);
}

TEST(Matcher, ForgetsEverythingButWhereItStands) {
  auto matcher = Matcher(parse_gbnf("root ::= \"(\" root \")\" | [a-z]{1,300}").value());
  auto at = matcher.step(matcher.start().value(), "(((abc").value();
  at = matcher.forget(at);
  EXPECT_FALSE(matcher.may_end(at));
  EXPECT_EQ(matcher.step(at, "))))").value(), Matcher::kDead);
  at = matcher.forget(matcher.step(at, "d))").value());
  EXPECT_TRUE(matcher.may_end(matcher.step(at, ")").value()));
  EXPECT_EQ(matcher.forget(Matcher::kDead), Matcher::kDead);
  EXPECT_EQ(fit(matcher, "(a)"), Fit::kWhole);
}

}  // namespace
}  // namespace dramatis::sampling
