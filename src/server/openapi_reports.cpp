// The schemas of reports, as `dramatis interview` and its kin keep them; by hand.
#include "server/internal/schemas.h"

namespace dramatis::server::internal {

std::string_view schemas_of_reports() {
  return R"json({
  "parameters": {
    "report": {"name": "report", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^[a-z0-9-]{1,100}$"}}
  },
  "schemas": {
    "Interval": {"type": "object", "required": ["mean", "low", "high", "of"], "properties": {
      "mean": {"type": "number"}, "low": {"type": "number"}, "high": {"type": "number"}, "of": {"type": "integer", "description": "How many were measured"}}},
    "Scores": {"type": "object", "description": "By dimension", "additionalProperties": {"$ref": "#/components/schemas/Interval"}},
    "ReportInList": {"type": "object", "required": ["title"], "additionalProperties": true, "description": "What a later program adds is passed on", "properties": {
      "id": {"type": "string"}, "title": {"type": "string"}, "made_ms": {"type": "integer", "description": "Since 1970"},
      "answered_by": {"type": "string"}, "asked_by": {"type": "string"}, "scored_by": {"type": "string"},
      "cost": {"type": "object", "additionalProperties": true, "properties": {"answers": {"type": "integer"}, "seconds_per_answer": {"type": "number"}, "tokens_per_answer": {"type": "number"}}},
      "all": {"$ref": "#/components/schemas/Scores"},
      "characters": {"type": "array", "items": {"type": "object", "required": ["character", "scores"], "properties": {"character": {"type": "string"}, "scores": {"$ref": "#/components/schemas/Scores"}}}},
      "took_seconds": {"type": "integer"}, "peak_memory_bytes": {"type": "integer"},
      "judged": {"type": "object", "additionalProperties": true, "description": "What a panel of models says of the same answers"},
      "since": {"type": "object", "additionalProperties": true, "description": "What changed since the run before"},
      "compared": {"type": "object", "additionalProperties": true, "description": "Several candidates side by side"}}},
    "ReportList": {"type": "object", "required": ["reports"], "properties": {"reports": {"type": "array", "description": "Without their rows; the newest first, at most 100", "items": {"$ref": "#/components/schemas/ReportInList"}}}},
    "ReportRow": {"type": "object", "additionalProperties": true, "required": ["character", "question", "asked", "reply"], "properties": {
      "character": {"type": "string"}, "question": {"type": "string", "description": "Its id"}, "theme": {"type": "string"}, "asked": {"type": "string"}, "reply": {"type": "string"},
      "origin": {"enum": ["own", "adapted", "authored"]}, "points": {"type": "object", "description": "By dimension", "additionalProperties": {"type": "number"}},
      "findings": {"type": "array", "items": {"type": "object", "required": ["sign", "reason"], "properties": {"sign": {"type": "string"}, "reason": {"type": "string"}}}}}},
    "Report": {"allOf": [{"$ref": "#/components/schemas/ReportInList"}, {"type": "object", "properties": {"rows": {"type": "array", "items": {"$ref": "#/components/schemas/ReportRow"}}}}]}
  }
})json";
}

}  // namespace dramatis::server::internal
