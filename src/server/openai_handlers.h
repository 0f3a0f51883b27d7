// OpenAI's addresses.
#pragma once

#include "server/dialects.h"

namespace dramatis::server {

void answer_openai_chat(Dialects& with, const Call& call, Answer& answer);
void answer_openai_completion(Dialects& with, const Call& call, Answer& answer);
void answer_openai_embeddings(Dialects& with, const Call& call, Answer& answer);
void answer_openai_models(Dialects& with, const Call& call, Answer& answer);
void answer_openai_model(Dialects& with, const Call& call, Answer& answer);

}  // namespace dramatis::server
