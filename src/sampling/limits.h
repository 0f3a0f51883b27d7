// What a grammar may cost, in memory and at each token.
#pragma once

#include <cstddef>

namespace dramatis::sampling {

// Groups within groups of a grammar, and subschemas within subschemas: people nest five, and the
// parsers recurse.
constexpr std::size_t kMaxGroupDepth = 100;
// Rules, with those made of a JSON Schema: the largest published schemas need some hundred.
constexpr std::size_t kMaxGrammarRules = 4096;
// Nodes of a compiled grammar, 24 bytes each with their edges: 6 MiB.
constexpr std::size_t kMaxGrammarNodes = 256 * 1024;
// The largest number in x{m,n}, and of items or characters of a schema: two pages of letters.
constexpr std::size_t kMaxRepetitions = 4096;

// Rules that wait for another to return while a text is matched: twice as deep as people nest,
// three times over. JSON has text::kMaxJsonDepth, so that our own parser reads what comes out.
// Deeper is no error: the tokens that would go there are not allowed.
constexpr std::size_t kMaxRuleDepth = 96;
// Places in the grammar at which one text may stand at once. JSON has less than ten, an
// enumeration as many as it has values.
constexpr std::size_t kMaxPlaces = 2048;
// Places, edges between states and frames that are remembered before all but the current state is
// forgotten, 8 bytes each: 16 MiB.
constexpr std::size_t kMaxRemembered = 2 * 1024 * 1024;
// Places that are looked at for one token, each about 30 ns: an eighth of a second. JSON takes some
// thousand.
constexpr std::size_t kMaxWork = 4 * 1024 * 1024;
// Letters of a name that other names must differ from (additionalProperties beside properties): the
// reader recurses, and each letter takes fifty nodes.
constexpr std::size_t kMaxTakenLetters = 256;
// Masks remembered, each one bit a token: 4 MiB with 128k tokens.
constexpr std::size_t kMaxMasks = 256;

}  // namespace dramatis::sampling
