// The schemas of talks of NPCs; by hand.
#include "server/internal/schemas.h"

namespace dramatis::server::internal {

std::string_view schemas_of_arenas() {
  return R"json({
  "parameters": {
    "talk": {"name": "talk", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^talk_[0-9a-f]{16}$"}},
    "after_said": {"name": "after", "in": "query", "description": "Lines that the client has already", "schema": {"type": "integer", "minimum": 0, "maximum": 10000, "default": 0}}
  },
  "schemas": {
    "NamedNpc": {"type": "object", "additionalProperties": false, "required": ["npc_id"], "properties": {"npc_id": {"type": "string"}}},
    "ArenaScene": {"type": "object", "additionalProperties": false, "description": "The same for all; who the others are is filled in", "properties": {
      "place": {"type": ["string", "null"]}, "time": {"type": ["string", "null"]}, "status": {"type": ["string", "null"], "description": "What is the matter"}}},
    "ArenaWish": {"type": "object", "additionalProperties": false, "required": ["npcs"], "properties": {
      "npcs": {"type": "array", "minItems": 2, "maxItems": 12, "description": "None twice; the first begins", "items": {"$ref": "#/components/schemas/NamedNpc"}},
      "opening": {"type": ["string", "null"], "maxLength": 2048, "default": "Hello! Who are you?", "description": "What the first one hears; blank: it greets"},
      "scene": {"oneOf": [{"$ref": "#/components/schemas/ArenaScene"}, {"type": "null"}]},
      "note": {"type": ["string", "null"], "description": "The director's, to all"},
      "order": {"enum": ["round-robin", "named", "natural", null], "default": "round-robin", "description": "Who speaks next: one after another, by the list `named`, or whom the last line names"},
      "named": {"type": ["array", "null"], "maxItems": 10000, "description": "Of those in `npcs`; begins again at its end", "items": {"$ref": "#/components/schemas/NamedNpc"}},
      "seed": {"type": ["integer", "null"], "minimum": 0, "description": "Line n is drawn with seed + n; null: drawn"},
      "lines": {"type": ["integer", "null"], "minimum": 1, "maximum": 1000, "description": "Said at once; null: none"}}},
    "ArenaRun": {"type": "object", "additionalProperties": false, "properties": {"lines": {"type": ["integer", "null"], "minimum": 1, "maximum": 1000, "default": 10}}},
    "ArenaPart": {"type": "object", "required": ["npc", "name", "short_name", "hears", "conversation"], "properties": {
      "npc": {"type": "string"}, "name": {"type": "string"}, "short_name": {"type": "string"},
      "hears": {"type": "string", "description": "The player that the others are to it"}, "conversation": {"$ref": "#/components/schemas/ConversationId"}}},
    "ArenaInList": {"type": "object", "required": ["id", "participants", "opening", "order", "named", "seed", "started_ms", "running"], "properties": {
      "id": {"type": "string", "pattern": "^talk_[0-9a-f]{16}$"}, "participants": {"type": "array", "items": {"$ref": "#/components/schemas/ArenaPart"}},
      "opening": {"type": "string"}, "order": {"enum": ["round-robin", "named", "natural"]},
      "named": {"type": "array", "description": "Places among the participants", "items": {"type": "integer"}},
      "seed": {"type": "string", "description": "A number of 64 bits in digits"}, "started_ms": {"type": "integer", "description": "Since 1970"},
      "running": {"type": "boolean"}, "failure": {"$ref": "#/components/schemas/Problem", "description": "Of its last run on this server; absent: it had none, was stopped or ended well"}}},
    "ArenaList": {"type": "object", "required": ["arenas"], "properties": {"arenas": {"type": "array", "items": {"$ref": "#/components/schemas/ArenaInList"}}}},
    "ArenaLine": {"type": "object", "required": ["name", "speaker", "text", "turn", "at_ms", "took_ms"], "properties": {
      "name": {"type": "string"}, "speaker": {"type": "integer", "description": "A place among the participants"}, "text": {"type": "string", "description": "Said aloud; thoughts are in no line"},
      "turn": {"type": "string", "description": "Of the speaker's conversation"}, "at_ms": {"type": "integer", "description": "Since 1970"}, "took_ms": {"type": "integer", "description": "As long as the model worked"}}},
    "ArenaTurn": {"allOf": [{"$ref": "#/components/schemas/ArenaLine"}, {"type": "object", "required": ["place"], "properties": {"place": {"type": "integer", "description": "In the talk, from 0 on"}}}]},
    "Arena": {"allOf": [{"$ref": "#/components/schemas/ArenaInList"}, {"type": "object", "required": ["lines"], "properties": {"lines": {"type": "array", "description": "Oldest first", "items": {"$ref": "#/components/schemas/ArenaLine"}}}}]},
    "ArenaEvents": {"type": "string", "description": "Events: talk with an ArenaInList; for each line from `after` on begins {place, speaker, name}, text {text} as often as there are words (none for lines that were said before), and line with an ArenaTurn; at last end {running, failure}. A stream ends where nothing runs"},
    "ArenaSpeaker": {"type": "object", "required": ["name", "turns", "mean_characters", "mean_words", "mean_reply_seconds", "distinct_1", "distinct_2", "distinct_3", "self_repetition", "topic_drift", "agreement_drift", "clean", "signs"], "properties": {
      "name": {"type": "string"}, "turns": {"type": "integer"}, "mean_characters": {"type": "number"}, "mean_words": {"type": "number"},
      "mean_reply_seconds": {"type": "number", "description": "Between replies that follow each other; 0 where times are unknown"},
      "distinct_1": {"type": "number"}, "distinct_2": {"type": "number"}, "distinct_3": {"type": "number"}, "self_repetition": {"type": "number", "description": "Of runs of four words"},
      "topic_drift": {"type": "number"}, "agreement_drift": {"type": "number"}, "clean": {"type": "integer", "description": "Replies that offend no rule"},
      "signs": {"type": "object", "description": "Replies that offend a rule, by its name", "additionalProperties": {"type": "integer"}}}},
    "ArenaFigures": {"type": "object", "required": ["figures", "speakers", "moves"], "properties": {
      "figures": {"type": "object", "required": ["turns", "mean_characters", "mean_reply_seconds"], "properties": {"turns": {"type": "integer"}, "mean_characters": {"type": "number"}, "mean_reply_seconds": {"type": "number"}}},
      "speakers": {"type": "array", "description": "One for each participant", "items": {"$ref": "#/components/schemas/ArenaSpeaker"}},
      "moves": {"type": "array", "description": "Who brought up, furthered or hindered whose objective", "items": {"type": "object", "required": ["line", "mover", "owner", "objective", "moved"], "properties": {
        "line": {"type": "integer"}, "mover": {"type": "string"}, "owner": {"type": "string"}, "objective": {"type": "string", "description": "As the sheet names it; success: what the owner wants of a talk"}, "moved": {"enum": ["raised", "furthered", "hindered"]}}}}}}
  }
})json";
}

}  // namespace dramatis::server::internal
