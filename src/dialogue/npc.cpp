// Settings -> what the port of models takes.
#include "dialogue/npc.h"

namespace dramatis::dialogue {

lm::Sampling sampling_of(const NpcSettings& settings) {
  lm::Sampling how;
  how.temperature = settings.temperature;
  how.top_k = settings.top_k;
  how.top_p = settings.top_p;
  how.min_p = settings.min_p;
  how.repetition_penalty = settings.repetition_penalty;
  how.presence_penalty = settings.presence_penalty;
  how.frequency_penalty = settings.frequency_penalty;
  how.max_tokens = settings.max_tokens;
  return how;
}

}  // namespace dramatis::dialogue
