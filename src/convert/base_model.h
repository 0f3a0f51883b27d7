// Weights in safetensors and a vocabulary in GGUF -> one GGUF that runs: a base model that only
// continues text.
#pragma once

#include "base/result.h"
#include "formats/gguf.h"
#include "formats/safetensors.h"

namespace dramatis::convert {

// The model whose tensors `weights` names as GGUF does ("blk.0.attn_q.weight"), matrices rounded to
// Q8_0, with the sizes and the tokenizer of `like`, a GGUF of the same shape. It has no chat
// template and no token ends its turn: a text is scored for itself. Every text begins with token
// `begin`. Errors: kCorrupt naming a tensor that is missing or of another shape than in `like`;
// those of the writer.
[[nodiscard]] Result<formats::Gguf> base_model(const formats::Safetensors& weights,
                                               const formats::Gguf& like, std::uint32_t begin);

}  // namespace dramatis::convert
