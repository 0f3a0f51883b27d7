// The schemas of players and NPCs; by hand.
#include "server/internal/schemas.h"

namespace dramatis::server::internal {

std::string_view schemas_of_people() {
  return R"json({
  "parameters": {
    "user": {"name": "user", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^usr_[0-9a-f]{16}$"}},
    "npc": {"name": "npc", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^npc_[0-9a-f]{16}$"}},
    "user_id": {"name": "user_id", "in": "query", "description": "The player; a player's key may leave it away", "schema": {"type": "string"}},
    "npc_id": {"name": "npc_id", "in": "query", "schema": {"type": "string"}}
  },
  "schemas": {
    "UserWish": {"type": "object", "additionalProperties": false, "required": ["username"], "properties": {"username": {"type": "string", "minLength": 1, "maxLength": 64}}},
    "User": {"type": "object", "required": ["user_id", "username"], "properties": {"user_id": {"type": "string"}, "username": {"type": "string"}, "registered": {"type": "string", "format": "date-time"}}},
    "UserList": {"type": "object", "required": ["users"], "properties": {"users": {"type": "array", "items": {"$ref": "#/components/schemas/User"}}}},
    "NpcSettings": {"type": "object", "additionalProperties": false, "description": "Either character, or character_description", "properties": {
      "character": {"type": ["string", "null"], "description": "Id of a character of the cast"},
      "world_description": {"type": ["string", "null"]}, "character_description": {"type": ["string", "null"]},
      "scene": {"type": ["string", "null"], "description": "Where it usually is"},
      "history_size": {"type": ["integer", "null"], "minimum": 0, "maximum": 1024, "default": 10, "description": "Messages of both that it sees again"},
      "has_scratchpad": {"type": ["boolean", "null"], "description": "Whether it thinks before it speaks; null: as the sheet says"},
      "model": {"type": ["string", "null"], "description": "A name of GET /v1/models; empty: the first"},
      "adapters": {"type": ["array", "null"], "description": "That the model has loaded (GET /v1/adapters)", "items": {"type": "object", "additionalProperties": false, "required": ["name"], "properties": {"name": {"type": "string"}, "scale": {"type": ["number", "null"], "default": 1}}}},
      "temperature": {"type": ["number", "null"], "minimum": 0, "maximum": 5, "default": 0.6},
      "max_tokens": {"type": ["integer", "null"], "minimum": 1, "default": 200},
      "top_k": {"type": ["integer", "null"], "minimum": 0}, "top_p": {"type": ["number", "null"]}, "min_p": {"type": ["number", "null"]},
      "repetition_penalty": {"type": ["number", "null"]}, "presence_penalty": {"type": ["number", "null"]}, "frequency_penalty": {"type": ["number", "null"]}}},
    "Npc": {"type": "object", "required": ["npc_id", "name"], "properties": {"npc_id": {"type": "string"}, "name": {"type": "string"}, "title": {"type": "string", "description": "As the sheet has it; absent for those without one"}, "registered": {"type": "string", "format": "date-time"},
      "settings": {"type": "object", "description": "Those that are not as usual; for owners and writers"}}},
    "NpcList": {"type": "object", "required": ["npcs"], "properties": {"npcs": {"type": "array", "items": {"$ref": "#/components/schemas/Npc"}}}}
  }
})json";
}

}  // namespace dramatis::server::internal
