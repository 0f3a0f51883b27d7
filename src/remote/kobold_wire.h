// KoboldCpp, and what else speaks KoboldAI's interface.
#pragma once

#include <string>
#include <string_view>

#include "remote/wire.h"

namespace dramatis::remote {

// The conversation is told as text. KoboldCpp streams and is told to stop; others answer whole.
class KoboldWire final : public Wire {
 public:
  [[nodiscard]] std::string_view resource(Streaming stream, Asking /*asking*/) const override {
    return stream == Streaming::kOn ? "/api/extra/generate/stream" : "/api/v1/generate";
  }
  [[nodiscard]] std::string print_request(const lm::Prompt& asked, const lm::Sampling& how,
                                          const RequestShape& shape) const override;
  [[nodiscard]] Result<Delta> parse_piece(std::string_view json,
                                          std::string_view key) const override;
  [[nodiscard]] Result<Delta> parse_answer(std::string_view json,
                                           std::string_view key) const override;
  [[nodiscard]] bool tells_text() const override { return true; }
  [[nodiscard]] bool may_lack_streams() const override { return true; }
  [[nodiscard]] std::string_view pulse() const override { return "/api/v1/model"; }
  [[nodiscard]] std::string_view abort_resource() const override { return "/api/extra/abort"; }
};

}  // namespace dramatis::remote
