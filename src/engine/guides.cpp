// Parsed on the caller's thread: a hostile grammar delays nobody else.
#include "engine/guides.h"

#include "sampling/grammar.h"

namespace dramatis::engine {

Result<sampling::Guide> Guides::begin(const lm::GrammarText& asked, std::string_view so_far) {
  DRAMATIS_TRY(auto grammar, sampling::parse(asked));
  return sampling::Guide::begin(std::move(grammar), trie(), so_far);
}

const sampling::TokenTrie& Guides::trie() {
  const runtime::Lock lock(mutex_);
  if (!trie_)
    trie_ = std::make_unique<const sampling::TokenTrie>(sampling::TokenTrie::build(vocabulary_));
  return *trie_;
}

}  // namespace dramatis::engine
