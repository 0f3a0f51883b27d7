// A grammar as a network over bytes: what a Matcher walks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lm/language_model.h"

namespace dramatis::sampling {

// Made by parse_gbnf, parse_schema and json_object alone, which check it. A value; nobody changes
// it. Bytes, not code points, are its letters, so that a token may end inside a code point; every
// text it allows is valid UTF-8.
struct Grammar {
  enum class Kind : std::uint8_t {
    kBytes,   // one byte, along one of `count` edges
    kBranch,  // goes on at each of `count` branches
    kCall,    // the rule `rule`, then `next`
    kReturn,  // the end of a rule
  };
  struct Node {
    Kind kind;
    std::uint32_t first = 0;  // edge or branch
    std::uint32_t count = 0;
    std::uint32_t rule = 0;
    std::uint32_t next = 0;  // node
  };
  struct Edge {
    std::uint8_t first;  // bytes, both ends included
    std::uint8_t last;
    std::uint32_t to;  // node
  };

  std::vector<Node> nodes{};
  std::vector<Edge> edges{};
  std::vector<std::uint32_t> branches{};  // nodes
  std::vector<std::uint32_t> starts{};    // by rule: its first node; rule 0 is the whole text
  // Bytes between which no edge distinguishes have the same class; classes count from 0.
  std::array<std::uint8_t, 256> class_of{};
  std::vector<std::uint8_t> example_of{};  // by class: one of its bytes
  // How many rules may wait for another to return; what would need more is not allowed.
  std::size_t max_depth = 0;
};

// A grammar in GBNF, the notation of llama.cpp: rules `name ::= ...`, the text follows `root`;
// "letters", [ranges], [^others], `.`, groups, |, ?, *, +, {m}, {m,}, {m,n}, {0,n}, # comments;
// escapes \n \r \t \\ \" \[ \] \xHH \uHHHH \UHHHHHHHH. Whole tokens (`<name>`) are not supported.
// Errors: kInvalidArgument with line, column and the mend, also for a rule that is left recursive,
// endless, missing or defined twice, by its name; kUnsupported; kOverBudget.
[[nodiscard]] Result<Grammar> parse_gbnf(std::string_view text);

// The JSON texts that a JSON Schema allows; docs/formats/grammars.md lists the keywords. Object
// members come in the order of `properties`; nothing but those where additionalProperties is
// absent; white space is short. So a text that the grammar allows is valid, not the other way
// round. `$ref` reaches "#", "#/$defs/..." and "#/definitions/..."; nothing is ever fetched.
// Errors: kUnsupported naming a keyword that is not understood, and where; kInvalidArgument;
// kOverBudget.
[[nodiscard]] Result<Grammar> parse_schema(std::string_view schema);

// Any JSON object.
[[nodiscard]] Grammar json_object();

// What a request asks for. Errors: those of the parser of its kind.
[[nodiscard]] Result<Grammar> parse(const lm::GrammarText& asked);

}  // namespace dramatis::sampling
