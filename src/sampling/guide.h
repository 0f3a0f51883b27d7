// One reply under a grammar: which tokens may come next, and what has come.
#pragma once

#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "sampling/matcher.h"
#include "sampling/token_mask.h"
#include "sampling/token_trie.h"

namespace dramatis::sampling {

// Follows a reply through a grammar. Tokens may end inside a code point. One thread at a time.
//   DRAMATIS_TRY(auto guide, sampling::Guide::begin(grammar, trie, prompt.reply_start));
//   DRAMATIS_TRY(const auto* allowed, guide.allowed());
//   DRAMATIS_TRY(const auto id, sampling::pick(logits, how, said, allowed, rng));
//   DRAMATIS_DO(guide.accept(vocabulary.bytes_of(id)));
class Guide {
 public:
  // `so_far` is what the reply already says. `trie` outlives this. Errors: kInvalidArgument where
  // the grammar does not allow `so_far`; kOverBudget as Matcher::start.
  [[nodiscard]] static Result<Guide> begin(Grammar grammar, const TokenTrie& trie,
                                           std::string_view so_far = {});

  // The tokens that may come now, at least one; it stays until the next call of either function.
  // Errors: kInvalidArgument where nothing may: the vocabulary lacks what the grammar asks for, or
  // its rules nest deeper than the limit; kOverBudget as Matcher::step.
  [[nodiscard]] Result<const TokenMask*> allowed();
  // The bytes of the token that was picked; none for the end of a turn. Errors: kInvalidArgument
  // where the grammar does not allow them; kOverBudget as Matcher::step.
  [[nodiscard]] Status accept(std::string_view bytes);

  // What was said is a whole text of the grammar.
  [[nodiscard]] bool may_end() const { return matcher_.may_end(at_); }

 private:
  Guide(Grammar grammar, const TokenTrie& trie) : matcher_(std::move(grammar)), trie_(&trie) {}

  Matcher matcher_;
  const TokenTrie* trie_;
  Matcher::State at_ = Matcher::kDead;
  std::unordered_map<Matcher::State, TokenMask> masks_;
};

}  // namespace dramatis::sampling
