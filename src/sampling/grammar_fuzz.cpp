// Any bytes -> a grammar and a text: parsers refuse or bound them, and masks agree with single
// steps. Form: a byte that chooses the parser, the grammar, a NUL, the text.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sampling/grammar.h"
#include "sampling/guide.h"
#include "text/utf8.h"

namespace {

using namespace dramatis;

constexpr std::array<std::string_view, 16> kPieces = {
    "a", "b", "ab", "{", "}", "\"", "\": ", ",", " ", "\n", "1", "tru", "e", "\xCE", "\xB1", ""};

void need(bool holds) {
  if (!holds) std::abort();
}

// Every token that the mask allows can be stepped over, and no other.
void compare_mask(const sampling::Grammar& grammar, const sampling::TokenTrie& trie,
                  std::string_view text) {
  sampling::Matcher matcher(grammar);
  const auto start = matcher.start();
  if (!start) return;
  const auto at = matcher.step(*start, text);
  if (!at || *at == sampling::Matcher::kDead) return;
  matcher.refill();
  const auto mask = trie.allowed(matcher, *at);
  if (!mask) return;
  for (std::size_t n = 0; n + 1 < kPieces.size(); ++n) {
    matcher.refill();
    const auto reached = matcher.step(*at, kPieces[n]);
    if (!reached) return;
    need(mask->contains(static_cast<TokenId>(n)) == (*reached != sampling::Matcher::kDead));
  }
  need(mask->contains(static_cast<TokenId>(kPieces.size() - 1)) == matcher.may_end(*at));
  if (matcher.may_end(*at)) need(text::is_valid_utf8(text));
  const bool ended = matcher.may_end(*at);
  need(matcher.may_end(matcher.forget(*at)) == ended);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto cut = std::min(rest.find('\0'), rest.size());
  const auto source = rest.substr(0, cut);
  const auto text = rest.substr(std::min(cut + 1, rest.size())).substr(0, 64);
  const auto grammar =
      data[0] % 2 == 0 ? sampling::parse_gbnf(source) : sampling::parse_schema(source);
  if (!grammar) {
    need(!grammar.error().what.empty() && grammar.error().code != ErrorCode::kInternal);
    return 0;
  }
  static const auto trie =
      sampling::TokenTrie::build(kPieces, {static_cast<TokenId>(kPieces.size() - 1)});
  compare_mask(*grammar, trie, "");
  compare_mask(*grammar, trie, text);
  return 0;
}
