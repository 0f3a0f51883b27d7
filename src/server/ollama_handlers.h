// Ollama's addresses.
#pragma once

#include "server/dialects.h"

namespace dramatis::server {

// By which its clients know that it runs.
constexpr std::string_view kOllamaSign = "Ollama is running";

void answer_ollama_chat(Dialects& with, const Call& call, Answer& answer);
void answer_ollama_generate(Dialects& with, const Call& call, Answer& answer);
void answer_ollama_embed(Dialects& with, const Call& call, Answer& answer);
// The older address, for one text.
void answer_ollama_embedding(Dialects& with, const Call& call, Answer& answer);
void answer_ollama_tags(Dialects& with, const Call& call, Answer& answer);
void answer_ollama_ps(Dialects& with, const Call& call, Answer& answer);
void answer_ollama_show(Dialects& with, const Call& call, Answer& answer);
void answer_ollama_version(Dialects& with, const Call& call, Answer& answer);
// By which its clients know that somebody is there.
void answer_ollama_sign(Dialects& with, const Call& call, Answer& answer);

}  // namespace dramatis::server
