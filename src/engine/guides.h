// Grammars that requests name -> guides for their replies.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "lm/language_model.h"
#include "runtime/mutex.h"
#include "sampling/guide.h"
#include "sampling/token_trie.h"
#include "tokens/vocabulary.h"

namespace dramatis::engine {

// The tree of a vocabulary's tokens is built for the first who asks: most talks need none.
// Thread-safe.
class Guides {
 public:
  // `vocabulary` outlives it, and it outlives the guides.
  explicit Guides(const tokens::Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  // Errors: those of sampling::parse and Guide::begin.
  [[nodiscard]] Result<sampling::Guide> begin(const lm::GrammarText& asked,
                                              std::string_view so_far);

 private:
  [[nodiscard]] const sampling::TokenTrie& trie();

  const tokens::Vocabulary& vocabulary_;
  runtime::Mutex mutex_;
  std::unique_ptr<const sampling::TokenTrie> trie_ DRAMATIS_GUARDED_BY(mutex_);
};

}  // namespace dramatis::engine
