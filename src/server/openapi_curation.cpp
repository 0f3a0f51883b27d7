// The schemas of data sets and what writers make of them; by hand.
#include "server/internal/schemas.h"

namespace dramatis::server::internal {

std::string_view schemas_of_curation() {
  return R"json({
  "parameters": {
    "dataset": {"name": "dataset", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$"}},
    "of_character": {"name": "character", "in": "query", "required": true, "description": "Id of a character of the cast", "schema": {"type": "string"}}
  },
  "schemas": {
    "DataSetList": {"type": "object", "required": ["datasets"], "properties": {"datasets": {"type": "array", "items": {"type": "object", "required": ["name", "characters"], "properties": {
      "name": {"type": "string"}, "characters": {"type": "array", "items": {"type": "string"}, "description": "Ids of those of the cast who have exchanges there"}}}}}},
    "Exchange": {"type": "object", "required": ["item", "of", "who", "role", "place", "emotion", "reason", "acquaintance", "question", "answer"], "properties": {
      "item": {"type": "integer", "description": "By which it is named again"}, "of": {"type": "integer", "description": "Exchanges of the character in the set"},
      "who": {"type": "string", "description": "The name of who comes"}, "role": {"type": "string", "description": "Who that is"}, "place": {"type": "string"}, "emotion": {"type": "string"}, "reason": {"type": "string", "description": "What brings them"},
      "acquaintance": {"type": "string", "description": "How well the two know each other"}, "question": {"type": "string"}, "answer": {"type": "string", "description": "As the model wrote it"}}},
    "AnswerWish": {"type": "object", "additionalProperties": false, "required": ["character", "item"], "properties": {
      "character": {"type": "string"}, "item": {"type": "integer", "minimum": 0}, "model": {"type": ["string", "null"], "description": "Of GET /v1/models; null: the first"}}},
    "AnswerNow": {"type": "object", "required": ["answer", "refusals"], "properties": {
      "answer": {"type": ["string", "null"], "description": "null: all that was written fell at a gate"},
      "refusals": {"type": "array", "items": {"type": "object", "required": ["gate", "reason", "answer"], "properties": {"gate": {"type": "string"}, "reason": {"type": "string"}, "answer": {"type": "string", "description": "What fell"}}}}}},
    "Curation": {"type": "object", "additionalProperties": false, "required": ["character", "item", "answer"], "properties": {
      "character": {"type": "string"}, "item": {"type": "integer", "minimum": 0}, "answer": {"type": "string", "minLength": 1, "maxLength": 8192, "description": "As it should be"},
      "shown": {"type": ["string", "null"], "maxLength": 8192, "description": "What was shown; null: the journal's answer"}}},
    "Curated": {"type": "object", "required": ["conversations", "preference"], "properties": {
      "conversations": {"type": "integer", "description": "Of the character's dialogues, with the new one"}, "preference": {"type": "boolean", "description": "Whether the answer was another one than shown, and is kept as a preference"}}}
  }
})json";
}

}  // namespace dramatis::server::internal
