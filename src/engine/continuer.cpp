// Encodes, and lets the engine continue tokens.
#include "engine/continuer.h"

namespace dramatis::engine {

Result<lm::Completion> Continuer::go_on(const lm::RawText& from, const lm::Sampling& how,
                                        lm::TextSink& sink, std::stop_token stop) {
  const tokens::Vocabulary& vocabulary = engine_.vocabulary();
  // Whoever wrote the text may have pasted a stranger's words into it: they make no control token.
  DRAMATIS_TRY(auto ids, vocabulary.encode(from.text, tokens::Special::kAsLetters));
  const auto begin = vocabulary.begin();
  if (begin && vocabulary.begins_texts()) ids.insert(ids.begin(), *begin);
  return engine_.continue_tokens({.ids = std::move(ids), .placement = {.asker = from.asker}}, how,
                                 sink, std::move(stop));
}

}  // namespace dramatis::engine
