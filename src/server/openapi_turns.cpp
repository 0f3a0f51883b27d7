// The schemas of turns; by hand.
#include "server/internal/schemas.h"

namespace dramatis::server::internal {

std::string_view schemas_of_turns() {
  return R"json({
  "parameters": {
    "turn": {"name": "turn", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^trn_[0-9a-f]{16}$"}},
    "before": {"name": "before", "in": "query", "description": "A turn: those before it", "schema": {"type": "string"}},
    "after_byte": {"name": "after", "in": "query", "description": "Bytes (UTF-8) of the reply that the client has already", "schema": {"type": "integer", "minimum": 0, "maximum": 2147483647, "default": 0}},
    "prefer": {"name": "Prefer", "in": "header", "description": "respond-async: 202 at once, and the turn at GET /v1/turns/{turn}", "schema": {"type": "string"}}
  },
  "schemas": {
    "Said": {"type": "object", "additionalProperties": false, "required": ["message"], "properties": {"user_id": {"type": ["string", "null"], "description": "A player's key may leave it away"}, "message": {"type": "string", "minLength": 1, "maxLength": 8192}, "seed": {"type": ["integer", "null"], "minimum": 0}}},
    "Saying": {"type": "object", "additionalProperties": false, "required": ["message"], "properties": {"message": {"type": "string", "minLength": 1, "maxLength": 8192}, "seed": {"type": ["integer", "null"], "minimum": 0}}},
    "Seeded": {"type": "object", "additionalProperties": false, "properties": {"seed": {"type": ["integer", "null"], "minimum": 0}}},
    "Spoken": {"type": "object", "required": ["turn_id", "conversation_id", "reply"], "properties": {"turn_id": {"type": "string"}, "conversation_id": {"type": "string"}, "reply": {"type": "string"}}},
    "Events": {"type": "string", "description": "Events: started {turn_id}, thinking {} where the NPC begins with private thoughts, text {text} as often as there are words, then done with the whole answer, or error with a problem"},
    "PutOff": {"type": "object", "required": ["turn_id", "done"], "properties": {"turn_id": {"type": "string"}, "done": {"const": false}}},
    "Turn": {"type": "object", "required": ["turn_id", "conversation_id", "reply"], "properties": {
      "turn_id": {"type": "string"}, "conversation_id": {"type": "string"}, "npc_id": {"type": "string"}, "user_id": {"type": "string"},
      "message": {"type": ["string", "null"], "description": "null: the NPC spoke first"}, "reply": {"type": "string"}, "chosen": {"type": "integer"}, "alternatives": {"type": "integer"},
      "at": {"type": "string", "format": "date-time"}, "thoughts": {"type": "string", "description": "For owners and writers"}}},
    "TurnList": {"type": "object", "required": ["turns"], "properties": {"turns": {"type": "array", "items": {"$ref": "#/components/schemas/Turn"}}, "before": {"type": ["string", "null"], "description": "For the next page"}}},
    "TurnState": {"type": "object", "required": ["turn_id", "done", "text"], "properties": {"turn_id": {"type": "string"}, "done": {"type": "boolean"}, "text": {"type": "string", "description": "From byte `after` on"},
      "turn": {"$ref": "#/components/schemas/Turn"}, "replies": {"type": "array", "items": {"type": "object"}}, "problem": {"$ref": "#/components/schemas/Problem"}}},
    "TurnChange": {"type": "object", "additionalProperties": false, "minProperties": 1, "properties": {"message": {"type": ["string", "null"]}, "reply": {"type": ["string", "null"], "description": "For owners and writers"}, "chosen": {"type": ["integer", "null"], "minimum": 0}}},
    "Replay": {"type": "object", "required": ["reply", "same_prompt", "same_reply"], "properties": {"turn_id": {"type": "string"}, "reply": {"type": "string"}, "same_prompt": {"type": "boolean"}, "same_reply": {"type": "boolean"}}},
    "Explanation": {"type": "object", "required": ["turn_id", "account", "replies"], "properties": {"turn_id": {"type": "string"}, "chosen": {"type": "integer"},
      "account": {"type": ["object", "null"], "description": "null: no model was asked"}, "replies": {"type": "array", "items": {"type": "object"}}}}
  }
})json";
}

}  // namespace dramatis::server::internal
