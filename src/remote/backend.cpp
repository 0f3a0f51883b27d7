// Errors of a model in this process -> failures.
#include "remote/backend.h"

namespace dramatis::remote {
namespace {

Blame blame_for(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUnavailable:
    case ErrorCode::kCorrupt:
    case ErrorCode::kInternal:
    case ErrorCode::kDeadline:
      return Blame::kService;
    default:
      return Blame::kNobody;
  }
}

}  // namespace

Attempt<Said> ModelBackend::try_once(const lm::Prompt& asked, const lm::Sampling& how,
                                     lm::TextSink& sink, std::stop_token stop) {
  auto said = model_.generate(asked, how, sink, std::move(stop));
  if (said) return Said{.completion = *std::move(said)};
  const ErrorCode code = said.error().code;
  return tl::unexpected(
      Failure{.error = std::move(said).error(),
              .again = code == ErrorCode::kUnavailable ? Again::kYes : Again::kNever,
              .blame = blame_for(code)});
}

}  // namespace dramatis::remote
