// The addresses of KoboldAI and of the old text-generation-webui. Evennia's contrib calls the first
// of them.
#pragma once

#include "server/dialects.h"

namespace dramatis::server {

void answer_kobold_generate(Dialects& with, const Call& call, Answer& answer);
void answer_kobold_stream(Dialects& with, const Call& call, Answer& answer);
void answer_kobold_abort(Dialects& with, const Call& call, Answer& answer);
void answer_kobold_check(Dialects& with, const Call& call, Answer& answer);
void answer_kobold_count(Dialects& with, const Call& call, Answer& answer);
void answer_webui_count(Dialects& with, const Call& call, Answer& answer);
void answer_webui_stop(Dialects& with, const Call& call, Answer& answer);
void answer_kobold_model(Dialects& with, const Call& call, Answer& answer);
void answer_webui_model(Dialects& with, const Call& call, Answer& answer);
void answer_kobold_context(Dialects& with, const Call& call, Answer& answer);
void answer_kobold_length(Dialects& with, const Call& call, Answer& answer);
void answer_kobold_version(Dialects& with, const Call& call, Answer& answer);
void answer_kobold_api_version(Dialects& with, const Call& call, Answer& answer);

}  // namespace dramatis::server
