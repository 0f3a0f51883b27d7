// Every question for words gets the same answer.
#include "absent_model.h"

namespace dramatis::app {
namespace {

// As many as small models have: what is previewed here fits when a model has come.
constexpr std::size_t kContext = 4096;
// English has about four letters to a token.
constexpr std::size_t kBytesPerToken = 4;

constexpr std::string_view kNobody =
    "This service has no language model yet; whoever runs it can name one with --model.";

}  // namespace

std::size_t AbsentModel::context_size() const {
  return kContext;
}

Result<std::size_t> AbsentModel::count_tokens(std::string_view text) const {
  return (text.size() + kBytesPerToken - 1) / kBytesPerToken;
}

Result<lm::Completion> AbsentModel::generate(const lm::Prompt& /*asked*/,
                                             const lm::Sampling& /*how*/, lm::TextSink& /*sink*/,
                                             std::stop_token /*stop*/) {
  return fail(ErrorCode::kUnavailable, std::string(kNobody));
}

Result<std::vector<lm::Score>> AbsentModel::score(const lm::Prompt& /*asked*/,
                                                  std::span<const std::string> /*replies*/,
                                                  std::stop_token /*stop*/) {
  return fail(ErrorCode::kUnavailable, std::string(kNobody));
}

std::vector<lm::EndpointHealth> AbsentModel::health() const {
  return {{.name = name(), .state = lm::EndpointState::kDown, .last_error = why_}};
}

}  // namespace dramatis::app
