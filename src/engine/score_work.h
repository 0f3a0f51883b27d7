// Logits -> how likely given replies are.
#pragma once

#include <vector>

#include "engine/work.h"
#include "lm/language_model.h"

namespace dramatis::engine {

// What a reply is judged against.
struct ScoreTask {
  std::vector<TokenId> prompt;
  std::vector<std::vector<TokenId>> wholes;  // the prompt with each reply
  std::vector<TokenId> ends;                 // tokens that end a turn; none: an end costs nothing
};

// The replies one after the other: each goes on from what it shares with the one before.
class ScoreWork final : public Work {
 public:
  // Checked: at least one whole, each begins with the prompt's first token.
  explicit ScoreWork(ScoreTask task);

  [[nodiscard]] std::span<const TokenId> tokens() const override { return task_.wholes[at_]; }
  [[nodiscard]] std::size_t first_wanted() const override { return wanted_; }
  [[nodiscard]] std::size_t capacity() const override { return capacity_; }
  [[nodiscard]] std::size_t valid() const override { return valid_; }
  [[nodiscard]] std::size_t worth_keeping() const override { return prompt_part(at_); }
  [[nodiscard]] Result<Next> take(std::span<float> logits, std::string& say) override;

  [[nodiscard]] const std::vector<lm::Score>& scores() const { return scores_; }

 private:
  // Leading tokens that whole n has of the prompt.
  [[nodiscard]] std::size_t prompt_part(std::size_t n) const;
  void go_to(std::size_t n);

  const ScoreTask task_;
  std::size_t capacity_ = 0;
  std::size_t at_ = 0;      // the whole that is judged
  std::size_t wanted_ = 0;  // the token whose successor is judged next
  std::size_t valid_ = 0;
  std::vector<lm::Score> scores_;
};

}  // namespace dramatis::engine
