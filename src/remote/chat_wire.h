// OpenAI's chat completions, which most services speak.
#pragma once

#include <string>
#include <string_view>

#include "remote/wire.h"

namespace dramatis::remote {

// A prompt's reply_start becomes a last message of the assistant.
class ChatWire final : public Wire {
 public:
  [[nodiscard]] std::string_view resource(Streaming /*stream*/, Asking /*asking*/) const override {
    return "/chat/completions";
  }
  [[nodiscard]] bool goes_on_from_text() const override { return false; }
  [[nodiscard]] std::string print_request(const lm::Prompt& asked, const lm::Sampling& how,
                                          const RequestShape& shape) const override;
  [[nodiscard]] Result<Delta> parse_piece(std::string_view json,
                                          std::string_view key) const override;
  [[nodiscard]] Result<Delta> parse_answer(std::string_view json,
                                           std::string_view key) const override;
  [[nodiscard]] std::string_view pulse() const override { return "/models"; }
};

}  // namespace dramatis::remote
