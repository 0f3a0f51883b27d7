// A language model as a writer of data.
#include "dataset/writer.h"

#include <utility>

#include <fmt/format.h>

namespace dramatis::dataset {
namespace {

// The whole text comes back with the completion.
class Unheard final : public lm::TextSink {
 public:
  lm::Go write(std::string_view /*text*/) override { return lm::Go::kOn; }
};

}  // namespace

bool Writer::is_spent() const {
  const bool asked = budget_.requests > 0 && requests_ >= budget_.requests;
  const bool read = budget_.tokens > 0 && tokens_ >= budget_.tokens;
  const bool waited = budget_.time.count() > 0 && clock_.steady() - begun_ >= budget_.time;
  return asked || read || waited;
}

Result<Writer::Text> Writer::write(const Wish& wish, std::stop_token stop) {
  if (is_spent()) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("The budget is spent: {} requests and {} tokens in {:.0f} s.",
                            requests(), tokens(), taken().count()));
  }
  ++requests_;
  Unheard sink;
  DRAMATIS_TRY(auto said, model_.generate(wish.prompt, wish.how, sink, std::move(stop)));
  tokens_ += said.prompt_tokens + said.generated_tokens;
  return Text{.text = std::move(said.text), .cut = said.why == lm::StopReason::kLength};
}

}  // namespace dramatis::dataset
