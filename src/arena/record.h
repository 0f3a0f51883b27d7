// Talks and lines <-> JSON: what stores keep, and what programs read.
#pragma once

#include "arena/talk.h"
#include "base/result.h"
#include "text/json.h"

namespace dramatis::arena {

// The talk without its lines, and a line. Ids are printed, times are milliseconds.
[[nodiscard]] text::JsonObject talk_json(const Talk& talk);
[[nodiscard]] text::JsonObject line_json(const Line& line);

// What the above printed. Errors: kCorrupt naming the field that is missing or wrong.
[[nodiscard]] Result<Talk> read_talk(const text::Json& json);
[[nodiscard]] Result<Line> read_line(const text::Json& json, const Talk& talk);

// For people and programs: the talk, its lines with their speakers' names, no thoughts.
[[nodiscard]] text::JsonObject transcript_json(const Talk& talk);

}  // namespace dramatis::arena
