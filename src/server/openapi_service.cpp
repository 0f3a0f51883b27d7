// The schemas of the service itself, of problems and of what comes as it is; by hand.
#include "server/internal/schemas.h"

namespace dramatis::server::internal {

std::string_view schemas_of_service() {
  return R"json({
  "parameters": {
    "model": {"name": "model", "in": "path", "required": true, "schema": {"type": "string"}},
    "after_line": {"name": "after", "in": "query", "description": "The last line that the client has", "schema": {"type": "integer", "minimum": 0, "default": 0}},
    "idempotency_key": {"name": "Idempotency-Key", "in": "header", "description": "The same key and request give the same answer, and are done once", "schema": {"type": "string", "maxLength": 128}}
  },
  "schemas": {
    "Text": {"type": "string"},
    "Bytes": {"type": "string", "format": "binary", "maxLength": 67108864, "description": "A file as it is"},
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
    "Me": {"type": "object", "required": ["role"], "properties": {"role": {"enum": ["owner", "writer", "player"]}, "key_id": {"type": "string"}, "user_id": {"type": "string"}, "username": {"type": "string"}, "registered": {"type": "string", "format": "date-time"}}},
    "LogList": {"type": "object", "required": ["lines"], "properties": {"lines": {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "integer"}, "line": {}}}}}}
  }
})json";
}

}  // namespace dramatis::server::internal
