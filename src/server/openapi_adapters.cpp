// The schemas of adapters; by hand.
#include "server/internal/schemas.h"

namespace dramatis::server::internal {

std::string_view schemas_of_adapters() {
  return R"json({
  "parameters": {
    "adapter": {"name": "adapter", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$"}},
    "for_model": {"name": "model", "in": "query", "description": "Of GET /v1/models, for which it is; absent: the first", "schema": {"type": "string"}}
  },
  "schemas": {
    "AdapterWish": {"type": "object", "additionalProperties": false, "required": ["name"], "properties": {"name": {"type": "string", "maxLength": 64, "description": "Of a file of the folder, without its ending"}, "model": {"type": ["string", "null"], "description": "Of GET /v1/models; null: the first"}}},
    "Adapter": {"type": "object", "required": ["name", "base_model", "loaded", "npc_ids"], "properties": {"name": {"type": "string"}, "form": {"enum": ["gguf", "peft"], "description": "Absent: there is no file"}, "file_bytes": {"type": "integer"},
      "base_model": {"type": "string", "description": "The model that it was trained on, as its author named it; may be empty"}, "fault": {"type": "string", "description": "Why the file cannot be read"},
      "loaded": {"type": "array", "items": {"type": "object", "required": ["model", "checksum", "bytes", "speaks", "for_all"], "properties": {"model": {"type": "string"}, "checksum": {"type": "string", "description": "Of its numbers, as explanations name it"}, "bytes": {"type": "integer", "description": "In memory"},
        "speaks": {"type": "boolean", "description": "A reply is being made with it"}, "for_all": {"type": "boolean", "description": "NPCs that choose no adapter get it"}, "odd": {"type": "array", "items": {"type": "string"}, "description": "What its owner should know"}}}},
      "npc_ids": {"type": "array", "items": {"type": "string"}, "description": "Whose settings name it"}}},
    "AdapterList": {"type": "object", "required": ["adapters"], "properties": {"adapters": {"type": "array", "items": {"$ref": "#/components/schemas/Adapter"}}}}
  }
})json";
}

}  // namespace dramatis::server::internal
