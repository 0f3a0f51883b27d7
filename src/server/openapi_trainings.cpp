// The schemas of runs of the trainer; by hand.
#include "server/internal/schemas.h"

namespace dramatis::server::internal {

std::string_view schemas_of_trainings() {
  return R"json({
  "parameters": {
    "training": {"name": "training", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$"}},
    "after_entry": {"name": "after", "in": "query", "description": "Lines of the log that the client has: `next` of the page before", "schema": {"type": "integer", "minimum": 0, "maximum": 2147483647, "default": 0}}
  },
  "schemas": {
    "TrainingResult": {"type": "object", "description": "What the model card says", "required": ["name", "method", "base", "base_checksum", "recipe", "lessons", "sheet", "form", "arithmetic", "rank", "alpha", "rslora", "dropout", "targets", "rate", "learnt", "held_out", "too_long", "updates", "parameters", "workers", "first_loss", "best_loss", "best_update", "tokens", "seconds", "megabytes", "answers", "ended", "seed"], "properties": {
      "name": {"type": "string"}, "method": {"type": "string"}, "base": {"type": "string"}, "base_checksum": {"type": "string"},
      "recipe": {"type": "string", "description": "SHA-256 of its text"}, "lessons": {"type": "string", "description": "SHA-256 of what was learnt and measured"},
      "sheet": {"type": "boolean", "description": "Whether the system's message was read"}, "form": {"type": "string", "description": "Of the chat template"}, "arithmetic": {"type": "string"},
      "rank": {"type": "integer", "description": "Of an adapter; 0: every weight was learnt"}, "alpha": {"type": "number"}, "rslora": {"type": "boolean"}, "dropout": {"type": "number"}, "targets": {"type": "array", "items": {"type": "string"}},
      "rate": {"type": "number"}, "learnt": {"type": "integer", "description": "Conversations or preferences"}, "held_out": {"type": "integer"}, "too_long": {"type": "integer"}, "updates": {"type": "integer"},
      "parameters": {"type": "integer", "description": "That learnt"}, "workers": {"type": "integer"}, "first_loss": {"type": "number"}, "best_loss": {"type": "number"}, "best_update": {"type": "integer"},
      "tokens": {"type": "number"}, "seconds": {"type": "number"}, "megabytes": {"type": "number", "description": "Of memory, at the peak"},
      "answers": {"type": "integer", "description": "At the best evaluation"}, "ended": {"type": "integer", "description": "Of these, by themselves"}, "seed": {"type": "integer"}}},
    "Training": {"type": "object", "description": "What is not known is left away", "required": ["name", "state", "written_ms"], "properties": {
      "name": {"type": "string", "description": "Of its folder"}, "state": {"enum": ["learning", "quiet", "ended"], "description": "quiet: nothing was written for ten minutes"}, "written_ms": {"type": "integer", "description": "When its log last grew, since 1970"},
      "method": {"type": "string"}, "base": {"type": "string"}, "updates": {"type": "integer", "description": "That it is going to make"}, "epochs": {"type": "integer"}, "lessons": {"type": "integer"}, "held_out": {"type": "integer"}, "digest": {"type": "string", "description": "Of recipe, base and lessons"},
      "update": {"type": "integer", "description": "The last one"}, "epoch": {"type": "integer"}, "loss": {"type": "number", "description": "Of its batch"}, "rate": {"type": "number"}, "tokens_per_second": {"type": "number"},
      "first_loss": {"type": "number", "description": "Of what is held out, by the base"}, "held_out_loss": {"type": "number", "description": "The same, by the last evaluation"}, "best_loss": {"type": "number"}, "best_update": {"type": "integer"},
      "unread": {"type": "integer", "description": "Lines of the log that are no entries"}, "result": {"$ref": "#/components/schemas/TrainingResult"}}},
    "TrainingList": {"type": "object", "required": ["trainings"], "properties": {"trainings": {"type": "array", "description": "Written last first, at most 100", "items": {"$ref": "#/components/schemas/Training"}}}},
    "TrainingEntry": {"oneOf": [
      {"type": "object", "required": ["kind", "update", "name", "method", "base", "updates", "epochs", "lessons", "held_out", "digest", "recompute", "memory"], "properties": {"kind": {"const": "begin"}, "update": {"const": 0},
        "name": {"type": "string"}, "method": {"type": "string"}, "base": {"type": "string"}, "updates": {"type": "integer"}, "epochs": {"type": "integer"}, "lessons": {"type": "integer"}, "held_out": {"type": "integer"}, "digest": {"type": "string"},
        "recompute": {"type": "boolean", "description": "Whether passes compute their layers again on the way back"}, "memory": {"type": "string", "description": "What they keep, in words, and why"}}},
      {"type": "object", "required": ["kind", "update", "epoch", "loss", "rate", "gradient", "tokens_per_second"], "properties": {"kind": {"const": "update"}, "update": {"type": "integer"}, "epoch": {"type": "integer"},
        "loss": {"type": "number"}, "rate": {"type": "number"}, "gradient": {"type": "number", "description": "Its length"}, "tokens_per_second": {"type": "number"}}},
      {"type": "object", "required": ["kind", "update", "epoch", "loss", "best", "samples"], "properties": {"kind": {"const": "evaluation"}, "update": {"type": "integer", "description": "0: of the base"}, "epoch": {"type": "integer"},
        "loss": {"type": "number", "description": "Of what is held out"}, "best": {"type": "boolean"}, "right": {"type": "number", "description": "Of preferences: the share where the chosen one is likelier"},
        "samples": {"type": "array", "items": {"type": "object", "required": ["question", "reply", "ended"], "properties": {"question": {"type": "string"}, "reply": {"type": "string"}, "ended": {"type": "boolean", "description": "By itself"}}}}}},
      {"type": "object", "required": ["kind", "update"], "properties": {"kind": {"const": "end"}, "update": {"type": "integer"}}}]},
    "TrainingLog": {"allOf": [{"$ref": "#/components/schemas/Training"}, {"type": "object", "required": ["entries", "next", "more"], "properties": {
      "entries": {"type": "array", "description": "Of lines after the first `after`, at most 2000", "items": {"$ref": "#/components/schemas/TrainingEntry"}},
      "next": {"type": "integer", "description": "`after` of the next page; less than `after`: the run began anew, ask from 0"}, "more": {"type": "boolean", "description": "There are lines after these"}}}]}
  }
})json";
}

}  // namespace dramatis::server::internal
