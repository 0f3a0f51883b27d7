// The schemas of keys; by hand.
#include "server/internal/schemas.h"

namespace dramatis::server::internal {

std::string_view schemas_of_keys() {
  return R"json({
  "parameters": {
    "key": {"name": "key", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^key_[0-9a-f]{16}$"}}
  },
  "schemas": {
    "KeyWish": {"type": "object", "additionalProperties": false, "required": ["role"], "properties": {"role": {"enum": ["owner", "writer", "player"]}, "user_id": {"type": ["string", "null"], "description": "For whom a player's key speaks"}, "name": {"type": ["string", "null"], "maxLength": 100},
      "quota": {"oneOf": [{"$ref": "#/components/schemas/Quota"}, {"type": "null"}]}}},
    "Quota": {"type": "object", "additionalProperties": false, "description": "0: as much as it likes", "properties": {
      "requests_per_minute": {"type": ["integer", "null"], "minimum": 0}, "tokens_per_day": {"type": ["integer", "null"], "minimum": 0}, "conversations_per_day": {"type": ["integer", "null"], "minimum": 0}}},
    "Key": {"type": "object", "required": ["key_id", "role"], "properties": {"key_id": {"type": "string"}, "role": {"enum": ["owner", "writer", "player"]}, "user_id": {"type": ["string", "null"]}, "name": {"type": "string"}, "made": {"type": "string", "format": "date-time"}, "quota": {"$ref": "#/components/schemas/Quota"}}},
    "NewKey": {"allOf": [{"$ref": "#/components/schemas/Key"}, {"type": "object", "required": ["key"], "properties": {"key": {"type": "string", "description": "Shown here, and never again"}}}]},
    "KeyList": {"type": "object", "required": ["keys"], "properties": {"keys": {"type": "array", "items": {"$ref": "#/components/schemas/Key"}}}}
  }
})json";
}

}  // namespace dramatis::server::internal
