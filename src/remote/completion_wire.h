// OpenAI's text completions: for base models, and for services whose chat template is missing or
// wrong.
#pragma once

#include <string>
#include <string_view>

#include "remote/wire.h"

namespace dramatis::remote {

// The conversation is told as text, in the form that the shape names.
class CompletionWire final : public Wire {
 public:
  [[nodiscard]] std::string_view resource(Streaming /*stream*/, Asking /*asking*/) const override {
    return "/completions";
  }
  [[nodiscard]] std::string print_request(const lm::Prompt& asked, const lm::Sampling& how,
                                          const RequestShape& shape) const override;
  [[nodiscard]] Result<Delta> parse_piece(std::string_view json,
                                          std::string_view key) const override;
  [[nodiscard]] Result<Delta> parse_answer(std::string_view json,
                                           std::string_view key) const override;
  [[nodiscard]] bool tells_text() const override { return true; }
  [[nodiscard]] std::string_view pulse() const override { return "/models"; }
};

}  // namespace dramatis::remote
