// What language models do unless they say otherwise.
#include "lm/language_model.h"

#include <fmt/format.h>

namespace dramatis::lm {

Result<std::vector<std::vector<float>>> LanguageModel::embed(std::span<const std::string> /*texts*/,
                                                             std::stop_token /*stop*/) {
  return fail(ErrorCode::kUnsupported,
              fmt::format("{} makes no vectors of texts; name a model that does with --embeddings.",
                          name()));
}

}  // namespace dramatis::lm
