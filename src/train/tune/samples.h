// The same few questions at each evaluation -> what the model that is being trained answers.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "lm/language_model.h"
#include "model/adapter.h"
#include "model/model.h"
#include "runtime/thread_pool.h"
#include "train/tune/documents.h"

namespace dramatis::train::tune {

struct Answer {
  std::string question{};
  std::string reply{};
  bool ended = false;  // by itself, before the limit
};

// One reply, always the likeliest token. Errors: those of render and of the model.
[[nodiscard]] Result<Answer> answer(const model::Model& model,
                                    std::span<const model::AdapterUse> adapters,
                                    const Speech& speech, std::span<const lm::Message> asked,
                                    std::size_t most_tokens);

}  // namespace dramatis::train::tune
