// A talk of Evennia -> what the NPC answers.
#pragma once

#include <stop_token>
#include <string>

#include "server/dialect_ask.h"
#include "server/dialect_models.h"
#include "server/dialects.h"
#include "server/evennia_prompt.h"

namespace dramatis::server {

// How a prompt of one text is to be read.
enum class Reading {
  kUsualAlone,  // a talk only where it begins with Evennia's usual sentence
  kAnyTalk      // also where it only ends with "NAME: words" and names no stop strings
};

// The talk that the prompt in Ask::raw is, or nothing.
[[nodiscard]] std::optional<EvenniaTalk> talk_in(const Ask& ask, Reading reading);

struct Talked {
  std::string line{};     // what the NPC says, on one line; not empty
  lm::Completion made{};  // the model's account
};

// `who` answers, if it is somebody; else the NPC or character of the cast that has the name in the
// talk, from its own sheet; else somebody as the prompt describes. Errors: as of play(), and
// kUnavailable at once past kMaxEvenniaTalks, and where nothing was said: Evennia shows a polite
// line for any status but 200, and cannot do with silence.
[[nodiscard]] Judged<Talked> play_talk(Dialects& with, const Call& call, const Ask& ask,
                                       const Named* who, const EvenniaTalk& talk,
                                       const std::stop_token& stop);

}  // namespace dramatis::server
