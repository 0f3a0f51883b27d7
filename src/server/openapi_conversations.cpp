// The schemas of conversations; by hand.
#include "server/internal/schemas.h"

namespace dramatis::server::internal {

std::string_view schemas_of_conversations() {
  return R"json({
  "parameters": {
    "conversation": {"name": "conversation", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/ConversationId"}},
    "limit": {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 500, "default": 50}},
    "after_conversation": {"name": "after", "in": "query", "description": "The last one of the page before", "schema": {"type": "string"}}
  },
  "schemas": {
    "ConversationId": {"type": "string", "pattern": "^cnv_[0-9a-f]{16}$"},
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
    "PreviewWish": {"type": "object", "additionalProperties": false, "properties": {"message": {"type": ["string", "null"]}}},
    "Preview": {"type": "object", "required": ["tokens", "sections", "messages"], "properties": {"tokens": {"type": "integer"}, "sections": {"type": "array", "items": {"type": "object"}}, "messages": {"type": "array", "items": {"type": "object"}}}},
    "Removed": {"type": "object", "required": ["removed"], "properties": {"removed": {"oneOf": [{"$ref": "#/components/schemas/Turn"}, {"type": "null"}]}}},
    "RemovedCount": {"type": "object", "required": ["removed"], "properties": {"removed": {"type": "integer"}}}
  }
})json";
}

}  // namespace dramatis::server::internal
