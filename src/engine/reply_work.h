// Logits -> the next token of a reply -> its words.
#pragma once

#include <optional>
#include <vector>

#include "base/random.h"
#include "engine/work.h"
#include "lm/language_model.h"
#include "sampling/guide.h"
#include "sampling/stop_matcher.h"
#include "tokens/stream_decoder.h"
#include "tokens/vocabulary.h"

namespace dramatis::engine {

// Whether a reply ends where the model ends it, or at its length alone.
enum class Ends { kHeeded, kIgnored };

// What a reply is drawn by.
struct Drawing {
  lm::Sampling how{};
  std::uint64_t seed = 0;
  std::optional<sampling::Guide> guide{};  // nothing: any text
  Ends ends = Ends::kHeeded;
};

class ReplyWork final : public Work {
 public:
  // `vocabulary` outlives the work. Checked: prompt not empty, `how` is valid.
  ReplyWork(const tokens::Vocabulary& vocabulary, std::vector<TokenId> prompt, Drawing drawing);

  [[nodiscard]] std::span<const TokenId> tokens() const override { return ids_; }
  [[nodiscard]] std::size_t first_wanted() const override { return ids_.size() - 1; }
  [[nodiscard]] std::size_t capacity() const override {
    return prompt_tokens_ + static_cast<std::size_t>(how_.max_tokens);
  }
  [[nodiscard]] std::size_t valid() const override { return ids_.size(); }
  [[nodiscard]] std::size_t worth_keeping() const override { return ids_.size(); }
  [[nodiscard]] Result<Next> take(std::span<float> logits, std::string& say) override;

  [[nodiscard]] lm::StopReason why() const { return why_; }
  [[nodiscard]] std::size_t generated() const { return ids_.size() - prompt_tokens_; }

 private:
  [[nodiscard]] Result<TokenId> draw(std::span<float> logits);
  void finish(std::string& say);

  const tokens::Vocabulary& vocabulary_;
  const lm::Sampling how_;
  std::optional<sampling::Guide> guide_;
  const Ends ends_;
  const std::size_t prompt_tokens_;
  std::vector<TokenId> ids_;  // the prompt, then what was drawn
  Rng rng_;
  tokens::StreamDecoder decoder_;
  sampling::StopMatcher matcher_;
  lm::StopReason why_ = lm::StopReason::kEndOfTurn;
};

}  // namespace dramatis::engine
