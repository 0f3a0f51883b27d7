// Ollama's own chat, which knows more samplers than its OpenAI-compatible one and takes the size of
// the context.
#pragma once

#include <string>
#include <string_view>

#include "remote/wire.h"

namespace dramatis::remote {

// A stream is lines of JSON, the last with "done":true and the cost.
class OllamaWire final : public Wire {
 public:
  [[nodiscard]] std::string_view resource(Streaming /*stream*/, Asking asking) const override {
    return asking == Asking::kTalk ? "/api/chat" : "/api/generate";
  }
  [[nodiscard]] Framing framing() const override { return Framing::kLines; }
  [[nodiscard]] std::string print_request(const lm::Prompt& asked, const lm::Sampling& how,
                                          const RequestShape& shape) const override;
  [[nodiscard]] Result<Delta> parse_piece(std::string_view json,
                                          std::string_view key) const override;
  [[nodiscard]] Result<Delta> parse_answer(std::string_view json,
                                           std::string_view key) const override;
  [[nodiscard]] std::string_view pulse() const override { return "/api/version"; }
};

}  // namespace dramatis::remote
