// What was asked in a foreign dialect -> a reply: by the model itself, by an NPC whose history the
// client keeps, or by an NPC whose turns are stored.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "dialogue/conversation.h"
#include "dialogue/ports.h"
#include "dialogue/turn.h"
#include "lm/language_model.h"
#include "lm/text_continuer.h"
#include "server/dialect_ask.h"
#include "server/dialect_models.h"
#include "server/problem.h"

namespace dramatis::server {

struct Played {
  std::string text{};     // all that was said aloud
  lm::Completion made{};  // the model's account
  // Of a turn that was stored, unless no model was asked for it.
  std::optional<dialogue::Account> account{};
  // kRepeated: it was stored before, and nothing was generated.
  dialogue::Freshness freshness = dialogue::Freshness::kNew;
};

// Who listens, until when, and who may break off.
struct Listening {
  lm::TextSink& sink;
  SteadyTime deadline{};
  std::stop_token stop{};
  // Asked before a conversation is begun; what it answers, refuses. Empty: nobody is asked.
  std::function<std::optional<Failure>()> may_begin{};
};

// An NPC speaks from its own sheet, with its thoughts kept apart and to itself. The client's system
// texts are its scene, the client's messages its history, the last of them what the player says; a
// chat without one is opened by the NPC. What the client says of sampling goes before the NPC's
// settings.
// With a session nothing of the client's is history: the last message alone is a turn, stored in
// the conversation of that id, or else in the one that the NPC and the player `user` have under
// that title; it is begun where there is none.
// The model itself gets messages, tools and all as they are; a last message of its own is gone on
// from. `continuer` goes on from raw texts in its place; null: none are taken.
// Errors: those of the rooms below; kOverBudget where the prompt does not fit.
[[nodiscard]] Judged<Played> play(const Ask& ask, const Named& who, const dialogue::Ports& with,
                                  const Listening& listening, lm::TextContinuer* continuer);

}  // namespace dramatis::server
