// A talk of NPCs -> all its figures: of the whole, of each speaker, and of their objectives.
#pragma once

#include <vector>

#include "arena/talk.h"
#include "persona/cast.h"
#include "study/measures.h"
#include "study/objectives.h"
#include "text/json.h"

namespace dramatis::study {

struct TalkReport {
  TalkFigures figures{};
  std::vector<Measures> speakers{};  // one for each participant, in their order
  std::vector<Move> moves{};         // in the order of the lines
};

// `characters`: the id of each participant's character; empty, or one that has left the cast: rules
// that need a sheet find nothing. Checked: as many as participants.
[[nodiscard]] TalkReport report_of(const arena::Talk& talk, const persona::Cast& cast,
                                   const std::vector<std::string>& characters);

// {"figures":{...},"speakers":[{"name":...,...}],"moves":[...]}
[[nodiscard]] text::JsonObject json_of(const TalkReport& report, const arena::Talk& talk);

}  // namespace dramatis::study
