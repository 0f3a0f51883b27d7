// The schemas of the native API, by hand.
#include "server/openapi.h"

namespace dramatis::server {

std::string_view openapi_components() {
  return R"json({
  "securitySchemes": {
    "key": {"type": "http", "scheme": "bearer", "description": "A key of the service; none is asked for on loopback while there are none"}
  },
  "parameters": {
    "user": {"name": "user", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^usr_[0-9a-f]{16}$"}},
    "npc": {"name": "npc", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^npc_[0-9a-f]{16}$"}},
    "conversation": {"name": "conversation", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/ConversationId"}},
    "turn": {"name": "turn", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^trn_[0-9a-f]{16}$"}},
    "key": {"name": "key", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^key_[0-9a-f]{16}$"}},
    "model": {"name": "model", "in": "path", "required": true, "schema": {"type": "string"}},
    "user_id": {"name": "user_id", "in": "query", "description": "The player; a player's key may leave it away", "schema": {"type": "string"}},
    "npc_id": {"name": "npc_id", "in": "query", "schema": {"type": "string"}},
    "limit": {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 500, "default": 50}},
    "before": {"name": "before", "in": "query", "description": "A turn: those before it", "schema": {"type": "string"}},
    "after_conversation": {"name": "after", "in": "query", "description": "The last one of the page before", "schema": {"type": "string"}},
    "after_byte": {"name": "after", "in": "query", "description": "Bytes (UTF-8) of the reply that the client has already", "schema": {"type": "integer", "minimum": 0, "maximum": 2147483647, "default": 0}},
    "after_line": {"name": "after", "in": "query", "description": "The last line that the client has", "schema": {"type": "integer", "minimum": 0, "default": 0}},
    "idempotency_key": {"name": "Idempotency-Key", "in": "header", "description": "The same key and request give the same answer, and are done once", "schema": {"type": "string", "maxLength": 128}},
    "prefer": {"name": "Prefer", "in": "header", "description": "respond-async: 202 at once, and the turn at GET /v1/turns/{turn}", "schema": {"type": "string"}}
  },
  "responses": {
    "Problem": {"description": "What is wrong, and what to do about it", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
  },
  "schemas": {
    "Text": {"type": "string"},
    "ConversationId": {"type": "string", "pattern": "^cnv_[0-9a-f]{16}$"},
    "Problem": {"type": "object", "description": "RFC 9457", "required": ["title", "status", "code"], "properties": {
      "title": {"type": "string"}, "status": {"type": "integer"}, "code": {"type": "string", "description": "Stable; for programs"},
      "detail": {"type": "string"}, "retry_after": {"type": "integer", "description": "Seconds"},
      "line": {"type": "string", "description": "What the NPC says instead, where no model answers; nothing is stored"}}},
    "Status": {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}}},
    "Health": {"type": "object", "required": ["status", "models"], "properties": {
      "status": {"enum": ["ok", "ill"]}, "models": {"type": "array", "items": {"type": "object", "required": ["name", "state"], "properties": {"name": {"type": "string"}, "state": {"enum": ["up", "down"]}, "places": {"type": "array", "description": "The services behind it; for owners and writers", "items": {"type": "object", "required": ["name", "state", "since", "in_flight", "detail"], "properties": {
        "name": {"type": "string"}, "state": {"enum": ["up", "half_open", "down"], "description": "half_open: it failed, and is being tried again"}, "since": {"type": "string", "format": "date-time"}, "in_flight": {"type": "integer", "description": "Requests under way"}, "detail": {"type": "string", "description": "In words"}}}}}}},
      "version": {"type": "string"}, "store": {"type": "string"}, "turns_underway": {"type": "integer"}}},
    "Model": {"type": "object", "required": ["id", "object"], "properties": {
      "id": {"type": "string"}, "object": {"const": "model"}, "created": {"type": "integer"}, "owned_by": {"type": "string"},
      "name": {"type": "string"}, "state": {"enum": ["up", "down"]}, "context_size": {"type": "integer", "description": "Tokens"}}},
    "ModelList": {"type": "object", "required": ["object", "data"], "properties": {"object": {"const": "list"}, "data": {"type": "array", "items": {"$ref": "#/components/schemas/Model"}}}},
    "Me": {"type": "object", "required": ["role"], "properties": {"role": {"enum": ["owner", "writer", "player"]}, "key_id": {"type": "string"}, "user_id": {"type": "string"}, "username": {"type": "string"}}},
    "LogList": {"type": "object", "required": ["lines"], "properties": {"lines": {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "integer"}, "line": {}}}}}},
    "PreviewWish": {"type": "object", "additionalProperties": false, "properties": {"message": {"type": ["string", "null"]}}},
    "Preview": {"type": "object", "required": ["tokens", "sections", "messages"], "properties": {"tokens": {"type": "integer"}, "sections": {"type": "array", "items": {"type": "object"}}, "messages": {"type": "array", "items": {"type": "object"}}}},
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
      "adapters": {"type": ["array", "null"], "items": {"type": "object", "additionalProperties": false, "required": ["name"], "properties": {"name": {"type": "string"}, "scale": {"type": ["number", "null"], "default": 1}}}},
      "temperature": {"type": ["number", "null"], "minimum": 0, "maximum": 5, "default": 0.6},
      "max_tokens": {"type": ["integer", "null"], "minimum": 1, "default": 200},
      "top_k": {"type": ["integer", "null"], "minimum": 0}, "top_p": {"type": ["number", "null"]}, "min_p": {"type": ["number", "null"]},
      "repetition_penalty": {"type": ["number", "null"]}, "presence_penalty": {"type": ["number", "null"]}, "frequency_penalty": {"type": ["number", "null"]}}},
    "Npc": {"type": "object", "required": ["npc_id", "name"], "properties": {"npc_id": {"type": "string"}, "name": {"type": "string"}, "registered": {"type": "string", "format": "date-time"},
      "settings": {"type": "object", "description": "Those that are not as usual; for owners and writers"}}},
    "NpcList": {"type": "object", "required": ["npcs"], "properties": {"npcs": {"type": "array", "items": {"$ref": "#/components/schemas/Npc"}}}},
    "Said": {"type": "object", "additionalProperties": false, "required": ["message"], "properties": {"user_id": {"type": ["string", "null"], "description": "A player's key may leave it away"}, "message": {"type": "string", "minLength": 1, "maxLength": 8192}, "seed": {"type": ["integer", "null"], "minimum": 0}}},
    "Saying": {"type": "object", "additionalProperties": false, "required": ["message"], "properties": {"message": {"type": "string", "minLength": 1, "maxLength": 8192}, "seed": {"type": ["integer", "null"], "minimum": 0}}},
    "Seeded": {"type": "object", "additionalProperties": false, "properties": {"seed": {"type": ["integer", "null"], "minimum": 0}}},
    "Spoken": {"type": "object", "required": ["turn_id", "conversation_id", "reply"], "properties": {"turn_id": {"type": "string"}, "conversation_id": {"type": "string"}, "reply": {"type": "string"}}},
    "Events": {"type": "string", "description": "Events: started {turn_id}, thinking {} where the NPC begins with private thoughts, text {text} as often as there are words, then done with the whole answer, or error with a problem"},
    "PutOff": {"type": "object", "required": ["turn_id", "done"], "properties": {"turn_id": {"type": "string"}, "done": {"const": false}}},
    "History": {"type": "object", "required": ["messages"], "properties": {"messages": {"type": "array", "items": {"$ref": "#/components/schemas/Message"}}}},
    "Message": {"type": "object", "required": ["role", "content"], "properties": {"role": {"enum": ["player", "npc"]}, "content": {"type": "string"}, "thoughts": {"type": "string", "description": "For owners and writers"}}},
    "Scene": {"type": "object", "additionalProperties": false, "description": "Each may be left away", "properties": {
      "place": {"type": ["string", "null"]}, "time": {"type": ["string", "null"]}, "status": {"type": ["string", "null"], "description": "What is the matter"},
      "player": {"type": ["string", "null"]}, "player_is": {"type": ["string", "null"]}, "acquaintance": {"type": ["string", "null"], "description": "How well the two know each other"}}},
    "Beginning": {"type": "object", "additionalProperties": false, "required": ["npc_id"], "properties": {
      "npc_id": {"type": "string"}, "user_id": {"type": ["string", "null"], "description": "A player's key may leave it away"}, "title": {"type": ["string", "null"], "maxLength": 200},
      "scene": {"oneOf": [{"$ref": "#/components/schemas/Scene"}, {"type": "null"}]}, "note": {"type": ["string", "null"], "description": "The director's; for owners and writers"},
      "messages": {"type": ["array", "null"], "description": "What was said before, oldest first; the last one is the NPC's. For owners and writers",
        "items": {"type": "object", "additionalProperties": false, "required": ["role", "content"], "properties": {"role": {"enum": ["player", "npc"]}, "content": {"type": "string"}}}}}},
    "ConversationChange": {"type": "object", "additionalProperties": false, "properties": {"title": {"type": ["string", "null"]}, "scene": {"oneOf": [{"$ref": "#/components/schemas/Scene"}, {"type": "null"}]}, "note": {"type": ["string", "null"]}, "current": {"enum": [true, null]}}},
    "Conversation": {"type": "object", "required": ["conversation_id", "npc_id", "user_id"], "properties": {
      "conversation_id": {"$ref": "#/components/schemas/ConversationId"}, "npc_id": {"type": "string"}, "user_id": {"type": "string"}, "title": {"type": "string"},
      "started": {"type": "string", "format": "date-time"}, "scene": {"$ref": "#/components/schemas/Scene"}, "note": {"type": "string"}, "branched_after": {"type": "string"}, "current": {"type": "boolean"}}},
    "ConversationList": {"type": "object", "required": ["conversations"], "properties": {"conversations": {"type": "array", "items": {"$ref": "#/components/schemas/Conversation"}}, "after": {"type": ["string", "null"], "description": "For the next page"}}},
    "BranchWish": {"type": "object", "additionalProperties": false, "required": ["turn_id"], "properties": {"turn_id": {"type": "string"}}},
    "Turn": {"type": "object", "required": ["turn_id", "conversation_id", "reply"], "properties": {
      "turn_id": {"type": "string"}, "conversation_id": {"type": "string"}, "npc_id": {"type": "string"}, "user_id": {"type": "string"},
      "message": {"type": ["string", "null"], "description": "null: the NPC spoke first"}, "reply": {"type": "string"}, "chosen": {"type": "integer"}, "alternatives": {"type": "integer"},
      "at": {"type": "string", "format": "date-time"}, "thoughts": {"type": "string", "description": "For owners and writers"}}},
    "TurnList": {"type": "object", "required": ["turns"], "properties": {"turns": {"type": "array", "items": {"$ref": "#/components/schemas/Turn"}}, "before": {"type": ["string", "null"], "description": "For the next page"}}},
    "TurnState": {"type": "object", "required": ["turn_id", "done", "text"], "properties": {"turn_id": {"type": "string"}, "done": {"type": "boolean"}, "text": {"type": "string", "description": "From byte `after` on"},
      "turn": {"$ref": "#/components/schemas/Turn"}, "replies": {"type": "array", "items": {"type": "object"}}, "problem": {"$ref": "#/components/schemas/Problem"}}},
    "TurnChange": {"type": "object", "additionalProperties": false, "minProperties": 1, "properties": {"message": {"type": ["string", "null"]}, "reply": {"type": ["string", "null"], "description": "For owners and writers"}, "chosen": {"type": ["integer", "null"], "minimum": 0}}},
    "Removed": {"type": "object", "required": ["removed"], "properties": {"removed": {"oneOf": [{"$ref": "#/components/schemas/Turn"}, {"type": "null"}]}}},
    "RemovedCount": {"type": "object", "required": ["removed"], "properties": {"removed": {"type": "integer"}}},
    "Replay": {"type": "object", "required": ["reply", "same_prompt", "same_reply"], "properties": {"turn_id": {"type": "string"}, "reply": {"type": "string"}, "same_prompt": {"type": "boolean"}, "same_reply": {"type": "boolean"}}},
    "Explanation": {"type": "object", "required": ["turn_id", "account", "replies"], "properties": {"turn_id": {"type": "string"}, "chosen": {"type": "integer"},
      "account": {"type": ["object", "null"], "description": "null: no model was asked"}, "replies": {"type": "array", "items": {"type": "object"}}}},
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

}  // namespace dramatis::server
