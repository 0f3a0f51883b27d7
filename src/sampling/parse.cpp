// The kind that a request names -> the parser for it.
#include "sampling/grammar.h"

namespace dramatis::sampling {

Result<Grammar> parse(const lm::GrammarText& asked) {
  switch (asked.kind) {
    case lm::GrammarText::Kind::kGbnf:
      return parse_gbnf(asked.text);
    case lm::GrammarText::Kind::kJsonSchema:
      return parse_schema(asked.text);
    case lm::GrammarText::Kind::kJsonObject:
      return json_object();
  }
  return fail(ErrorCode::kInternal, "A grammar of no known kind.");
}

}  // namespace dramatis::sampling
