// A transcript or a talk -> its figures.
#pragma once

#include <map>
#include <string>

#include "arena/talk.h"
#include "persona/cast.h"
#include "signs/strangers.h"
#include "study/checks.h"
#include "study/transcript.h"
#include "text/json.h"

namespace dramatis::study {

// What the rules may know of whoever is measured; null: nothing. Outlives the calls.
struct Part {
  const persona::Character* character = nullptr;
  const persona::World* world = nullptr;
  const signs::Strangers* strangers = nullptr;
};

struct Measures {
  std::size_t turns = 0;
  double mean_characters = 0;  // of a reply: code points
  double mean_words = 0;       // of a reply
  double mean_reply_seconds =
      0;  // between replies that follow each other; 0 where times are unknown
  double distinct_1 = 0, distinct_2 = 0, distinct_3 = 0;
  double self_repetition = 0;  // of runs of four words
  double topic_drift = 0;
  double agreement_drift = 0;
  Share clean{};                               // replies that offend no rule
  std::map<std::string, std::size_t> signs{};  // replies that offend a rule, by its name
};

[[nodiscard]] Measures measure(const Transcript& transcript, const Part& part);

// A whole talk, all its speakers together: the number of replies, their mean length in characters,
// and the mean seconds between replies that follow each other.
struct TalkFigures {
  std::size_t turns = 0;
  double mean_characters = 0;
  double mean_reply_seconds = 0;

  friend bool operator==(const TalkFigures&, const TalkFigures&) = default;
};
[[nodiscard]] TalkFigures figures_of(const arena::Talk& talk);

[[nodiscard]] text::JsonObject json_of(const Measures& measures);
[[nodiscard]] text::JsonObject json_of(const TalkFigures& figures);

}  // namespace dramatis::study
