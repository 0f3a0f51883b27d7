// The bodies of requests, field by field.
#include <fmt/format.h>

#include "lm/limits.h"
#include "server/dialect_limits.h"
#include "server/openai_wire.h"

namespace dramatis::server {
namespace {

using text::Json;
using text::JsonArray;

// Text parts joined; a part of another kind is refused by its place.
Judged<std::string> read_parts(const JsonArray& parts, const std::string& place) {
  std::string all;
  for (std::size_t n = 0; n < parts.size(); ++n) {
    const std::string here = fmt::format("{}[{}]", place, n);
    const Json* type = parts[n].find("type");
    const std::string kind =
        type == nullptr || type->as_string() == nullptr ? "" : *type->as_string();
    const Json* words = parts[n].find(kind == "refusal" ? "refusal" : "text");
    const bool is_text = kind == "text" || kind == "input_text" || kind == "refusal";
    if (!is_text || words == nullptr || words->as_string() == nullptr) {
      return wrong(here, fmt::format("{} is no text; models here read text alone, no images, sound "
                                     "or files.",
                                     here));
    }
    add_line(all, *words->as_string());
  }
  return all;
}

Judged<std::string> read_content(const Json* content, const std::string& place) {
  if (content == nullptr || content->is_null()) return std::string();
  if (const std::string* words = content->as_string()) return *words;
  if (const JsonArray* parts = content->as_array()) return read_parts(*parts, place);
  return wrong(place, place + " is neither a string nor a list of parts.");
}

// The calls of an earlier reply, as the model wrote them.
std::string earlier_calls(const Json* calls) {
  std::string all;
  if (calls == nullptr || calls->as_array() == nullptr) return all;
  for (const auto& call : *calls->as_array()) {
    const Json* function = call.find("function");
    const Json* name = function == nullptr ? nullptr : function->find("name");
    const Json* arguments = function == nullptr ? nullptr : function->find("arguments");
    if (name == nullptr || name->as_string() == nullptr || arguments == nullptr) continue;
    Json given = *arguments;
    if (const std::string* text = arguments->as_string()) {
      const auto parsed = text::parse_json(*text);
      given = parsed ? *parsed : Json(*text);
    }
    add_line(all, print_call({.name = *name->as_string(), .arguments = std::move(given)}));
  }
  return all;
}

Judged<lm::Message> read_message(const Json& from, const std::string& place) {
  if (from.as_object() == nullptr) return wrong(place, place + " is no object.");
  DialectFields fields(from, place + ".");
  const std::string role = fields.text({"role"}).value_or("");
  DRAMATIS_DO(fields.judge());
  DRAMATIS_TRY(std::string words, read_content(from.find("content"), place + ".content"));
  if (role == "system" || role == "developer")
    return lm::Message{.role = lm::Role::kSystem, .text = std::move(words)};
  if (role == "user") return lm::Message{.role = lm::Role::kPlayer, .text = std::move(words)};
  if (role == "assistant") {
    const std::string calls = earlier_calls(from.find("tool_calls"));
    if (!calls.empty()) add_line(words, calls);
    return lm::Message{.role = lm::Role::kNpc, .text = std::move(words)};
  }
  if (role == "tool" || role == "function")
    return lm::Message{.role = lm::Role::kPlayer, .text = "[Result] " + words};
  return wrong(
      fields.at("role"),
      fmt::format("{} is none of system, developer, user, assistant and tool.", fields.at("role")));
}

Judged<std::vector<lm::Message>> read_messages(const Json& from) {
  const JsonArray* list = from.as_array();
  if (list == nullptr) return wrong("messages", "messages is no list.");
  if (list->empty()) return wrong("messages", "messages is empty.");
  if (list->size() > kMaxDialectMessages) {
    return wrong("messages", fmt::format("messages has {} entries; at most {} are read.",
                                         list->size(), kMaxDialectMessages));
  }
  std::vector<lm::Message> messages;
  for (std::size_t n = 0; n < list->size(); ++n) {
    DRAMATIS_TRY(auto message, read_message((*list)[n], fmt::format("messages[{}]", n)));
    messages.push_back(std::move(message));
  }
  return in_turns(std::move(messages));
}

void read_format(DialectFields& fields, Ask& ask) {
  using Kind = lm::GrammarText::Kind;
  if (const Json* format = fields.value({"response_format"})) {
    const Json* type = format->find("type");
    const std::string kind =
        type == nullptr || type->as_string() == nullptr ? "" : *type->as_string();
    const Json* wrapped = format->find("json_schema");
    const Json* schema = wrapped == nullptr ? format->find("schema") : wrapped->find("schema");
    if (kind == "json_object" && schema == nullptr) {
      set_grammar(fields, "response_format", {.kind = Kind::kJsonObject, .text = {}}, ask);
    } else if (kind == "json_schema" || kind == "json_object") {
      if (schema == nullptr) {
        fields.mistake("response_format.json_schema.schema", "is missing.");
      } else {
        set_grammar(fields, "response_format",
                    {.kind = Kind::kJsonSchema, .text = text::print_json(*schema)}, ask);
      }
    } else if (kind != "text") {
      fields.mistake("response_format.type", "is none of text, json_object and json_schema.");
    }
  }
  if (const Json* schema = fields.value({"json_schema"})) {
    set_grammar(fields, "json_schema",
                {.kind = Kind::kJsonSchema, .text = text::print_json(*schema)}, ask);
  }
  if (const auto grammar = fields.text({"grammar"}); grammar && !grammar->empty())
    set_grammar(fields, "grammar", {.kind = Kind::kGbnf, .text = *grammar}, ask);
}

// What cannot be given is refused, not left out in silence; a null or an empty value asks for
// nothing.
void refuse_extras(DialectFields& fields) {
  const Json* logprobs = fields.value({"logprobs"});
  const bool wants_logprobs =
      logprobs != nullptr && !(logprobs->as_bool() && !*logprobs->as_bool());
  if (wants_logprobs) fields.mistake("logprobs", "is not given by this service.");
  const Json* bias = fields.value({"logit_bias"});
  const bool is_empty = bias == nullptr || (bias->as_object() && bias->as_object()->empty()) ||
                        (bias->as_array() && bias->as_array()->empty());
  if (!is_empty) fields.mistake("logit_bias", "is not taken by this service.");
  const auto best_of = fields.integer({"best_of"}, 1, 1);
  static_cast<void>(best_of);  // a larger one was a mistake
  if (const auto suffix = fields.text({"suffix"}); suffix && !suffix->empty())
    fields.mistake("suffix", "is not taken by this service.");
}

void read_common(DialectFields& fields, Ask& ask) {
  ask.model = fields.text({"model"}).value_or("");
  ask.user = fields.text({"user"}).value_or("");
  ask.streams = fields.truth({"stream"}).value_or(false);
  ask.count = static_cast<int>(fields.integer({"n"}, 1, kMaxReplies).value_or(1));
  if (const Json* options = fields.value({"stream_options"})) {
    DialectFields inner(*options, "stream_options.");
    ask.tells_usage = inner.truth({"include_usage"}).value_or(false);
    if (const auto judged = inner.judge(); !judged) fields.mistake(judged.error());
  }
  if (const Json* metadata = fields.value({"metadata"})) {
    DialectFields inner(*metadata, "metadata.");
    ask.session = inner.text({"session"}).value_or("");
    if (const auto judged = inner.judge(); !judged) fields.mistake(judged.error());
  }
  read_sampling(fields, ask);
  read_format(fields, ask);
  refuse_extras(fields);
}

// The one prompt of a request; lists of one are clients' habit.
std::string read_prompt(DialectFields& fields) {
  auto prompts = fields.texts({"prompt"}, 1);
  if (fields.value({"prompt"}) == nullptr) fields.mistake("prompt", "is missing.");
  return prompts.empty() ? std::string() : std::move(prompts.front());
}

}  // namespace

Judged<Ask> read_openai_chat(std::string_view body) {
  DRAMATIS_TRY(const Json object, read_object(body));
  DialectFields fields(object);
  Ask ask;
  read_common(fields, ask);
  const Json* messages = fields.value({"messages"});
  if (messages == nullptr && fields.value({"prompt"}) != nullptr) ask.raw = read_prompt(fields);
  DRAMATIS_DO(fields.judge());
  if (!ask.raw) {
    if (messages == nullptr) return wrong("messages", "messages is missing.");
    DRAMATIS_TRY(ask.messages, read_messages(*messages));
    DRAMATIS_TRY(ask.tools, read_tools(fields.value({"tools"}), fields.value({"tool_choice"})));
    if (ask.tools.use == ToolUse::kAlways && ask.how.grammar)
      return wrong("tool_choice",
                   "tool_choice and response_format ask for two forms of one reply.");
  }
  return ask;
}

Judged<Ask> read_openai_completion(std::string_view body) {
  DRAMATIS_TRY(const Json object, read_object(body));
  DialectFields fields(object);
  Ask ask;
  read_common(fields, ask);
  ask.raw = read_prompt(fields);
  ask.echoes = fields.truth({"echo"}).value_or(false);
  DRAMATIS_DO(fields.judge());
  return ask;
}

Judged<EmbedAsk> read_openai_embeddings(std::string_view body) {
  DRAMATIS_TRY(const Json object, read_object(body));
  DialectFields fields(object);
  EmbedAsk ask{.model = fields.text({"model"}).value_or("")};
  ask.texts = fields.texts({"input"}, lm::kMaxEmbedTexts);
  if (fields.value({"input"}) == nullptr) fields.mistake("input", "is missing.");
  const std::string form = fields.text({"encoding_format"}).value_or("float");
  if (form != "float" && form != "base64")
    fields.mistake("encoding_format", "is neither float nor base64.");
  ask.form = form == "base64" ? VectorForm::kBase64 : VectorForm::kNumbers;
  ask.width = static_cast<std::size_t>(fields.integer({"dimensions"}, 1, 1 << 20).value_or(0));
  DRAMATIS_DO(fields.judge());
  if (ask.texts.empty()) return wrong("input", "input has no text.");
  return ask;
}

}  // namespace dramatis::server
