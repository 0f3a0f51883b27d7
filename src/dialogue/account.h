// What a model was asked and what it answered -> the account that is kept with the reply.
#pragma once

#include <string>

#include "dialogue/conversation.h"
#include "dialogue/models.h"
#include "lm/language_model.h"
#include "prompt/compose.h"

namespace dramatis::dialogue {

[[nodiscard]] Account account_of(const ServingModel& serving, const prompt::Composed& asked,
                                 const lm::Sampling& how, const lm::Completion& made);

// SHA-256 of all that the model is told of, roles and lengths included, in hexadecimal digits.
[[nodiscard]] std::string digest_of(const lm::Prompt& prompt);

}  // namespace dramatis::dialogue
