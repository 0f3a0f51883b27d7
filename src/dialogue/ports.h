// What a turn works with: everything that is not the turn itself is passed in.
#pragma once

#include "base/clock.h"
#include "dialogue/store.h"
#include "dialogue/turnstile.h"
#include "lm/language_model.h"
#include "persona/cast.h"
#include "prompt/compose.h"
#include "prompt/examples.h"

namespace dramatis::dialogue {

// All of it is thread-safe and outlives the calls.
struct Ports {
  Store& store;
  lm::LanguageModel& model;
  const Clock& clock;
  const persona::Cast& cast;
  const prompt::Examples& examples;
  Turnstile& turnstile;
  prompt::Head head = prompt::Head::kFull;  // kCompact for small models
};

}  // namespace dramatis::dialogue
