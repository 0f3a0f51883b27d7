// Greedy decoding with the engine's own arithmetic.
#include "train/tune/samples.h"

#include <algorithm>
#include <thread>

#include "model/kv_cache.h"
#include "tokens/stream_decoder.h"

namespace dramatis::train::tune {
namespace {

TokenId likeliest(std::span<const float> logits) {
  return static_cast<TokenId>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

std::string last_words(std::span<const lm::Message> asked) {
  for (std::size_t n = asked.size(); n > 0; --n) {
    if (asked[n - 1].role == lm::Role::kPlayer) return asked[n - 1].text;
  }
  return {};
}

}  // namespace

Result<Answer> answer(const model::Model& model, std::span<const model::AdapterUse> adapters,
                      const Speech& speech, std::span<const lm::Message> asked,
                      std::size_t most_tokens) {
  lm::Prompt prompt;
  prompt.messages.assign(asked.begin(), asked.end());
  DRAMATIS_TRY(auto ids, render::render(prompt, speech.form, speech.words));
  // A context that is too short for question and answer keeps the question's end.
  const std::size_t room =
      model.config().context > most_tokens ? model.config().context - most_tokens : 1;
  if (ids.size() > room) ids.erase(ids.begin(), ids.end() - static_cast<std::ptrdiff_t>(room));
  DRAMATIS_TRY(auto cache,
               model::KvCache::make(model.config(), ids.size() + most_tokens, tensor::Dtype::kF32));
  runtime::ThreadPool threads(std::max(1U, std::thread::hardware_concurrency()));
  const std::string_view stop = render::stop_letters(speech.form);
  tokens::StreamDecoder decoder(speech.words);
  Answer made{.question = last_words(asked)};
  DRAMATIS_TRY(auto logits, model.prefill(ids, cache, model::Rows::kLast,
                                          {.threads = threads, .stop = {}, .adapters = adapters}));
  for (std::size_t n = 0; n < most_tokens; ++n) {
    const TokenId next = likeliest(logits.row(logits.rows - 1));
    made.ended = speech.words.ends_turn(next);
    if (made.ended) break;
    made.reply += decoder.push(next);
    if (!stop.empty() && made.reply.find(stop) != std::string::npos) {
      made.reply.resize(made.reply.find(stop));
      made.ended = true;
      return made;
    }
    const model::Row row{
        .id = next, .cache = &cache, .wanted = model::Wanted::kLogits, .adapters = adapters};
    DRAMATIS_TRY(logits, model.forward({&row, 1}, threads));
  }
  made.reply += decoder.finish();
  return made;
}

}  // namespace dramatis::train::tune
