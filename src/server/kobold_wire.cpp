// Bodies, answers and events in KoboldAI's shapes.
#include "server/kobold_wire.h"

#include "server/dialect_limits.h"

namespace dramatis::server {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

std::string_view type_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUnavailable:
    case ErrorCode::kConflict:
      return "service_unavailable";
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kOverBudget:
    case ErrorCode::kUnsupported:
      return "bad_input";
    case ErrorCode::kNotFound:
    case ErrorCode::kNpcNotFound:
    case ErrorCode::kUserNotFound:
    case ErrorCode::kConversationNotFound:
    case ErrorCode::kTurnNotFound:
      return "not_found";
    default:
      return "server_error";
  }
}

}  // namespace

Judged<KoboldAsk> read_kobold_generate(std::string_view body) {
  DRAMATIS_TRY(const Json object, read_object(body));
  DialectFields fields(object);
  KoboldAsk asked;
  Ask& ask = asked.ask;
  read_sampling(fields, ask);
  ask.drops_oldest = true;
  ask.model = fields.text({"model"}).value_or("");
  asked.key = fields.text({"genkey"}).value_or("");
  if (asked.key.size() > kMaxGenerationKeyBytes) fields.mistake("genkey", "is too long.");
  const auto count = fields.integer({"n"}, 1, 1);
  static_cast<void>(count);  // more was a mistake
  if (const auto context =
          fields.integer({"truncation_length", "max_context_length"}, 1, std::int64_t{1} << 40))
    ask.context = static_cast<std::size_t>(*context);
  if (const auto grammar = fields.text({"grammar", "grammar_string"}); grammar && !grammar->empty())
    set_grammar(fields, "grammar", {.kind = lm::GrammarText::Kind::kGbnf, .text = *grammar}, ask);
  const Json* images = fields.value({"images"});
  if (images != nullptr && images->as_array() != nullptr && !images->as_array()->empty())
    fields.mistake("images", "is not read: models here read text alone.");
  if (fields.value({"prompt"}) == nullptr) fields.mistake("prompt", "is missing.");
  ask.raw = fields.text({"memory"}).value_or("") + fields.text({"prompt"}).value_or("");
  DRAMATIS_DO(fields.judge());
  if (ask.raw->empty()) return wrong("prompt", "prompt is empty.");
  return asked;
}

Judged<std::string> read_kobold_key(std::string_view body) {
  if (body.empty()) return std::string();
  DRAMATIS_TRY(const Json object, read_object(body));
  DialectFields fields(object);
  const std::string key = fields.text({"genkey"}).value_or("");
  DRAMATIS_DO(fields.judge());
  return key;
}

Judged<std::string> read_kobold_prompt(std::string_view body) {
  DRAMATIS_TRY(const Json object, read_object(body));
  DialectFields fields(object);
  if (fields.value({"prompt"}) == nullptr) fields.mistake("prompt", "is missing.");
  const std::string prompt = fields.text({"prompt"}).value_or("");
  DRAMATIS_DO(fields.judge());
  return prompt;
}

Judged<std::string> read_webui_action(std::string_view body) {
  DRAMATIS_TRY(const Json object, read_object(body));
  DialectFields fields(object);
  const std::string action = fields.text({"action"}).value_or("info");
  DRAMATIS_DO(fields.judge());
  return action;
}

Response kobold_error(const Fault& fault) {
  return fault_response(
      fault, status_of(fault),
      text::print_json(
          JsonObject{{"detail", JsonObject{{"msg", fault.what}, {"type", type_of(fault.code)}}}}));
}

Json kobold_results(std::string_view text, lm::StopReason why, const lm::Completion& made) {
  return JsonObject{
      {"results", JsonArray{JsonObject{{"text", text},
                                       {"finish_reason", kobold_finish(why)},
                                       {"prompt_tokens", made.prompt_tokens},
                                       {"completion_tokens", made.generated_tokens}}}}};
}

Json webui_results(std::string_view text) {
  return JsonObject{{"results", JsonArray{JsonObject{{"text", text}}}}};
}

std::string kobold_event(std::string_view token, std::string_view finish_reason) {
  return "event: message\ndata: " +
         text::print_json(
             JsonObject{{"token", token},
                        {"finish_reason", finish_reason.empty() ? Json() : Json(finish_reason)}}) +
         "\n\n";
}

std::string_view kobold_finish(lm::StopReason why) {
  return why == lm::StopReason::kLength ? "length" : "stop";
}

}  // namespace dramatis::server
