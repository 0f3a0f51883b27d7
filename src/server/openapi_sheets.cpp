// The schemas of the cast and its sheets; by hand.
#include "server/internal/schemas.h"

namespace dramatis::server::internal {

std::string_view schemas_of_sheets() {
  return R"json({
  "parameters": {
    "character": {"name": "character", "in": "path", "required": true, "description": "Id of a character of the cast", "schema": {"type": "string"}},
    "world": {"name": "world", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,63}$"}},
    "name": {"name": "name", "in": "path", "required": true, "description": "Id of a character; world: the world's own sheet", "schema": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,63}$"}},
    "version": {"name": "version", "in": "path", "required": true, "description": "When it was replaced", "schema": {"type": "string", "pattern": "^[0-9]{8}T[0-9]{6}[.][0-9]{3}Z$"}}
  },
  "schemas": {
    "CastList": {"type": "object", "required": ["characters"], "properties": {"characters": {"type": "array", "items": {"type": "object",
      "required": ["character", "name", "short_name", "title", "world", "world_name", "summary", "speaks_first", "npc_ids"], "properties": {
      "character": {"type": "string", "description": "Its id"}, "name": {"type": "string"}, "short_name": {"type": "string"}, "title": {"type": "string"},
      "world": {"type": "string", "description": "Its id"}, "world_name": {"type": "string"}, "summary": {"type": "string"},
      "speaks_first": {"type": "boolean", "description": "A conversation begins with its greeting"},
      "npc_ids": {"type": "array", "items": {"type": "string"}, "description": "Of NPCs that play it"}, "portrait": {"type": "string", "description": "An address of this service; absent: there is none"}}}}}},
    "Picture": {"type": "string", "format": "binary"},
    "SheetList": {"type": "object", "required": ["sheets"], "properties": {"sheets": {"type": "array", "items": {"type": "object", "required": ["kind", "id", "name", "world"], "properties": {
      "kind": {"enum": ["world", "character"]}, "id": {"type": "string", "description": "WORLD/NAME, as in the address"}, "name": {"type": "string"}, "world": {"type": "string"}}}}}},
    "SheetText": {"type": "object", "additionalProperties": false, "required": ["yaml"], "properties": {"yaml": {"type": "string", "description": "The whole file"}}},
    "SheetValue": {"type": ["string", "boolean", "array", "object"], "description": "Numbers stay as they are written", "items": {"$ref": "#/components/schemas/SheetValue"}, "additionalProperties": {"$ref": "#/components/schemas/SheetValue"}},
    "Finding": {"type": "object", "required": ["line", "field", "severity", "what", "suggestion"], "properties": {
      "line": {"type": "integer"}, "field": {"type": "string"}, "severity": {"enum": ["error", "warning"]}, "what": {"type": "string"}, "suggestion": {"type": "string", "description": "How to mend it; may be empty"}}},
    "Sheet": {"type": "object", "required": ["kind", "id", "yaml", "fields", "findings"], "properties": {
      "kind": {"enum": ["world", "character"]}, "id": {"type": "string"}, "yaml": {"type": "string"},
      "fields": {"type": ["object", "null"], "description": "The same, read; null: it is no map", "additionalProperties": {"$ref": "#/components/schemas/SheetValue"}},
      "findings": {"type": "array", "description": "What `dramatis lint` says of it", "items": {"$ref": "#/components/schemas/Finding"}}}},
    "SheetVersionList": {"type": "object", "required": ["versions"], "properties": {"versions": {"type": "array", "description": "Newest first", "items": {"type": "object", "required": ["version", "bytes"], "properties": {
      "version": {"type": "string", "description": "When it was replaced"}, "bytes": {"type": "integer"}}}}}}
  }
})json";
}

}  // namespace dramatis::server::internal
