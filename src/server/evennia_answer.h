// What a model said -> one line that an NPC of Evennia may say aloud.
#pragma once

#include <string>
#include <string_view>

#include "lm/language_model.h"
#include "server/evennia_prompt.h"

namespace dramatis::server {

// `said` as one line: without the names of chat formats ("<|im_end|>"), without the NPC's own name
// before it, cut where somebody else begins to speak, without a pair of quotes around all of it; a
// reply that was cut at its length ends with its last whole sentence, if it has one. May be empty.
[[nodiscard]] std::string evennia_line(std::string_view said, const EvenniaTalk& talk,
                                       lm::StopReason why);

// `text` as Evennia may print it: it formats replies ("{name}"), calls what looks like a function
// ("$You()"), and reads "|" as colours and links and "\" as an escape. Braces become parentheses,
// the others "/", the "$" of a call is left out, and line breaks are spaces.
[[nodiscard]] std::string evennia_safe(std::string_view text);

// Strings before which the reply to `talk` ends: the other one's next line, and its own.
[[nodiscard]] std::vector<std::string> evennia_stops(const EvenniaTalk& talk);

}  // namespace dramatis::server
