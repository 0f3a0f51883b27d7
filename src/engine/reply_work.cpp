// Draws, decodes, and ends where the model, a stop string or the length does.
#include "engine/reply_work.h"

#include "base/check.h"
#include "sampling/pick.h"

namespace dramatis::engine {

ReplyWork::ReplyWork(const tokens::Vocabulary& vocabulary, std::vector<TokenId> prompt,
                     Drawing drawing)
    : vocabulary_(vocabulary),
      how_(std::move(drawing.how)),
      guide_(std::move(drawing.guide)),
      ends_(drawing.ends),
      prompt_tokens_(prompt.size()),
      ids_(std::move(prompt)),
      rng_(drawing.seed),
      decoder_(vocabulary),
      matcher_(how_.stop) {
  DRAMATIS_CHECK(!ids_.empty());
}

Result<TokenId> ReplyWork::draw(std::span<float> logits) {
  const sampling::Said said{
      .all = ids_, .prompt_length = prompt_tokens_, .vocabulary = &vocabulary_};
  if (!guide_) return sampling::pick(logits, how_, said, nullptr, rng_);
  DRAMATIS_TRY(const auto* allowed, guide_->allowed());
  DRAMATIS_TRY(const TokenId id, sampling::pick(logits, how_, said, allowed, rng_));
  if (!vocabulary_.ends_turn(id)) DRAMATIS_DO(guide_->accept(vocabulary_.bytes_of(id)));
  return id;
}

Result<Next> ReplyWork::take(std::span<float> logits, std::string& say) {
  DRAMATIS_TRY(const TokenId id, draw(logits));
  // Any control token ends a reply: what would follow is another block of the template, not speech.
  const bool is_end = vocabulary_.ends_turn(id) || vocabulary_.is_control(id);
  if (is_end && ends_ == Ends::kHeeded) {
    why_ = lm::StopReason::kEndOfTurn;
    finish(say);
    return Next::kEnd;
  }
  ids_.push_back(id);
  say += matcher_.push(decoder_.push(id));
  const bool full = generated() == static_cast<std::size_t>(how_.max_tokens);
  why_ = matcher_.stopped() ? lm::StopReason::kStopString : lm::StopReason::kLength;
  if (!full && !matcher_.stopped()) return Next::kMore;
  finish(say);
  return Next::kEnd;
}

void ReplyWork::finish(std::string& say) {
  say += matcher_.push(decoder_.finish());
  say += matcher_.finish();
  if (matcher_.stopped()) why_ = lm::StopReason::kStopString;
}

}  // namespace dramatis::engine
