// Names and shapes -> an encoder's weights.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/bert.h"

namespace dramatis::model {

class BertEncoder::Binder {
 public:
  // `file` must outlive this.
  explicit Binder(const formats::Safetensors& file);

  // Errors: those of BertEncoder::bind. All throw std::bad_alloc.
  [[nodiscard]] Result<std::vector<float>> numbers(std::string_view name,
                                                   std::vector<std::size_t> shape) const;
  [[nodiscard]] Result<Norm> norm(std::string_view name, std::size_t width) const;
  // The weights of `names`, each [outputs, inputs], below one another.
  [[nodiscard]] Result<kernels::Panels> panels(std::span<const std::string> names,
                                               std::size_t outputs, std::size_t inputs) const;
  [[nodiscard]] Result<BertEncoder> encoder(const BertConfig& config) const;
  [[nodiscard]] Result<Layer> layer(std::size_t l, const BertConfig& config) const;

 private:
  const formats::Safetensors& file_;
  std::string prefix_;  // "" or "bert."
};

}  // namespace dramatis::model
