// A mask is computed once for each state of the matcher and kept.
#include "sampling/guide.h"

#include <fmt/format.h>

#include "sampling/limits.h"

namespace dramatis::sampling {

Result<Guide> Guide::begin(Grammar grammar, const TokenTrie& trie, std::string_view so_far) {
  Guide made(std::move(grammar), trie);
  DRAMATIS_TRY(made.at_, made.matcher_.start());
  DRAMATIS_DO(made.accept(so_far));
  return made;
}

Result<const TokenMask*> Guide::allowed() {
  if (matcher_.is_full()) {
    at_ = matcher_.forget(at_);
    masks_.clear();
  }
  if (const auto known = masks_.find(at_); known != masks_.end()) return &known->second;
  if (masks_.size() >= kMaxMasks) masks_.clear();
  matcher_.refill();
  DRAMATIS_TRY(auto mask, trie_->allowed(matcher_, at_));
  if (mask.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("The grammar leaves this model nothing to say here: its vocabulary "
                            "lacks the letters, or the rules nest more than {} deep. Allow an end "
                            "earlier, or other letters.",
                            kMaxRuleDepth));
  }
  return &masks_.emplace(at_, std::move(mask)).first->second;
}

Status Guide::accept(std::string_view bytes) {
  matcher_.refill();
  DRAMATIS_TRY(const auto reached, matcher_.step(at_, bytes));
  if (reached == Matcher::kDead) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("The grammar does not allow the next {} bytes of the reply.", bytes.size()));
  }
  at_ = reached;
  return {};
}

}  // namespace dramatis::sampling
