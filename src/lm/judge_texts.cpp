// The same bound and words for every Embedder.
#include "lm/judge_texts.h"

#include <fmt/format.h>

#include "lm/limits.h"

namespace dramatis::lm {

Status judge_texts(std::span<const std::string> texts) {
  if (texts.size() <= kMaxEmbedTexts) return {};
  return fail(ErrorCode::kOverBudget,
              fmt::format("{} texts were given; at most {} are embedded at once.", texts.size(),
                          kMaxEmbedTexts));
}

}  // namespace dramatis::lm
