// What a turn works with: everything that is not the turn itself is passed in.
#pragma once

#include "base/clock.h"
#include "dialogue/models.h"
#include "dialogue/store.h"
#include "dialogue/turnstile.h"
#include "persona/cast.h"
#include "prompt/examples.h"

namespace dramatis::dialogue {

// All of it is thread-safe and outlives the calls.
struct Ports {
  Store& store;
  const Models& models;
  const Clock& clock;
  const persona::Cast& cast;
  const prompt::Examples& examples;
  Turnstile& turnstile;
};

}  // namespace dramatis::dialogue
