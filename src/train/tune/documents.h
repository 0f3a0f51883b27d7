// Conversations -> documents of token ids in the model's own form, and which of them count.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "formats/gguf.h"
#include "lm/language_model.h"
#include "render/render.h"
#include "tokens/vocabulary.h"
#include "train/packing.h"
#include "train/tune/plan.h"

namespace dramatis::train::tune {

// What a model reads and writes with.
struct Speech {
  tokens::Vocabulary words;
  render::Template form;
};

// The vocabulary of `file`, and the form that it names, or the one called `form`. Errors: those of
// Vocabulary::from_gguf, render::recognise and render::template_named.
[[nodiscard]] Result<Speech> speech_of(const formats::Gguf& file, std::string_view form);

// Exactly the ids that run time renders; an NPC's words count, and so does what ends its turn: the
// first token that ends turns, or where the form has none, the letters after the words. Errors:
// those of render; kInvalidArgument for a conversation that does not end with the NPC.
[[nodiscard]] Result<Document> document_of(std::span<const lm::Message> messages, Learnt learnt,
                                           const Speech& speech);

// The same, and the oldest exchanges go until it has at most `most_tokens`; empty where even the
// last exchange has more.
[[nodiscard]] Result<Document> fitted_document_of(std::vector<lm::Message> messages, Learnt learnt,
                                                  const Speech& speech, std::size_t most_tokens);

// `document` up to the first `tokens` that count: what a reply begins with, and not how it ends.
[[nodiscard]] Document opening_of(Document document, std::size_t tokens);

// How many tokens of a document are asked for: those that count, the first token never.
[[nodiscard]] std::size_t counted_in(const Document& document);

}  // namespace dramatis::train::tune
