// The model's stream -> the player's, with the thoughts taken out on the way.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "dialogue/limits.h"
#include "dialogue/scratchpad.h"
#include "lm/language_model.h"

namespace dramatis::dialogue::internal {

// One thread at a time.
class Listener final : public lm::TextSink {
 public:
  Listener(lm::TextSink& to_player, Scratchpad::Expect expect,
           std::function<void()> thinks = nullptr)
      : to_player_(to_player), scratchpad_(expect), thinks_(std::move(thinks)) {}

  [[nodiscard]] lm::Go write(std::string_view text) override {
    heard_ += text.size();
    if (heard_ > kMaxReplyBytes) return lm::Go::kStop;
    const std::string aloud = scratchpad_.push(text);
    if (thinks_ && said_.empty() && scratchpad_.has_thought()) std::exchange(thinks_, nullptr)();
    return pass_on(aloud);
  }
  // The end of the stream; kStop where the player has left.
  [[nodiscard]] lm::Go finish() { return pass_on(scratchpad_.finish()); }

  [[nodiscard]] bool overflowed() const { return heard_ > kMaxReplyBytes; }
  [[nodiscard]] const std::string& said() const { return said_; }
  [[nodiscard]] std::string thoughts() const { return scratchpad_.thoughts(); }

 private:
  lm::Go pass_on(const std::string& aloud) {
    if (aloud.empty()) return lm::Go::kOn;
    said_ += aloud;
    return to_player_.write(aloud);
  }

  lm::TextSink& to_player_;
  Scratchpad scratchpad_;
  std::function<void()> thinks_;  // empty once it was called
  std::string said_;
  std::size_t heard_ = 0;
};

}  // namespace dramatis::dialogue::internal
