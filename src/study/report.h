// Reports -> JSON, for programs and for comparing two runs.
#pragma once

#include "study/checks.h"
#include "study/fluency.h"
#include "text/json.h"

namespace dramatis::study {

// {"rows":[...],"characters":[...],"total":{...}}: counts rather than shares, times in whole
// microseconds.
[[nodiscard]] text::JsonObject json_of(const CheckReport& report);
[[nodiscard]] text::JsonObject json_of(const Fluency& fluency);

}  // namespace dramatis::study
