// How many texts one embed takes.
#pragma once

#include <span>
#include <string>

#include "base/result.h"

namespace dramatis::lm {

// Errors: kOverBudget with both numbers, past kMaxEmbedTexts.
[[nodiscard]] Status judge_texts(std::span<const std::string> texts);

}  // namespace dramatis::lm
