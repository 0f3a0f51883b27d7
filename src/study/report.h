// Reports -> JSON, for programs and for comparing two runs.
#pragma once

#include "study/checks.h"
#include "study/fluency.h"
#include "text/json.h"

namespace dramatis::study {

// "own", "adapted", "authored".
[[nodiscard]] std::string_view print(lm::Origin origin);

// {"rows":[...],"characters":[...],"total":{...}}: counts rather than shares, times in whole
// microseconds.
[[nodiscard]] text::JsonObject json_of(const CheckReport& report);
[[nodiscard]] text::JsonObject json_of(const Fluency& fluency);

}  // namespace dramatis::study
