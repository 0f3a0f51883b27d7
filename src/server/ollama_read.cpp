// The bodies of requests, field by field.
#include <fmt/format.h>

#include "lm/limits.h"
#include "server/dialect_limits.h"
#include "server/ollama_wire.h"

namespace dramatis::server {
namespace {

using text::Json;
using text::JsonArray;

// A list with something in it; absent and empty are the same.
bool holds(const Json* list) {
  return list != nullptr && list->as_array() != nullptr && !list->as_array()->empty();
}

Judged<lm::Message> read_message(const Json& from, const std::string& place) {
  if (from.as_object() == nullptr) return wrong(place, place + " is no object.");
  DialectFields fields(from, place + ".");
  const std::string role = fields.text({"role"}).value_or("");
  std::string words = fields.text({"content"}).value_or("");
  DRAMATIS_DO(fields.judge());
  if (holds(fields.value({"images"}))) {
    return wrong(fields.at("images"),
                 fmt::format("{}: models here read text alone, no images.", fields.at("images")));
  }
  if (role == "system") return lm::Message{.role = lm::Role::kSystem, .text = std::move(words)};
  if (role == "user") return lm::Message{.role = lm::Role::kPlayer, .text = std::move(words)};
  if (role == "tool") return lm::Message{.role = lm::Role::kPlayer, .text = "[Result] " + words};
  if (role != "assistant") {
    return wrong(fields.at("role"),
                 fmt::format("{} is none of system, user, assistant and tool.", fields.at("role")));
  }
  if (const Json* calls = fields.value({"tool_calls"}); holds(calls)) {
    for (const auto& call : *calls->as_array()) {
      const Json* function = call.find("function");
      const Json* name = function == nullptr ? nullptr : function->find("name");
      const Json* arguments = function == nullptr ? nullptr : function->find("arguments");
      if (name == nullptr || name->as_string() == nullptr || arguments == nullptr) continue;
      add_line(words, print_call({.name = *name->as_string(), .arguments = *arguments}));
    }
  }
  return lm::Message{.role = lm::Role::kNpc, .text = std::move(words)};
}

void read_options(DialectFields& fields, Ask& ask) {
  const Json* options = fields.value({"options"});
  if (options == nullptr) return;
  if (options->as_object() == nullptr) return fields.mistake("options", "is no object.");
  DialectFields inner(*options, "options.");
  read_sampling(inner, ask);
  // Below 0: until the model has finished.
  if (const auto tokens = inner.integer({"num_predict"}, -2, std::int64_t{1} << 40);
      tokens && *tokens > 0)
    ask.max_tokens = static_cast<int>(std::min<std::int64_t>(*tokens, lm::kMaxReplyTokens));
  if (const auto context = inner.integer({"num_ctx"}, 1, std::int64_t{1} << 40))
    ask.context = static_cast<std::size_t>(*context);
  if (const auto judged = inner.judge(); !judged) fields.mistake(judged.error());
}

void read_format(DialectFields& fields, Ask& ask) {
  using Kind = lm::GrammarText::Kind;
  const Json* format = fields.value({"format"});
  if (format == nullptr) return;
  if (const std::string* word = format->as_string()) {
    if (*word == "json") return set_grammar(fields, "format", {.kind = Kind::kJsonObject}, ask);
    if (!word->empty()) fields.mistake("format", "is neither json nor a schema.");
    return;
  }
  if (format->as_object() == nullptr)
    return fields.mistake("format", "is neither json nor a schema.");
  set_grammar(fields, "format", {.kind = Kind::kJsonSchema, .text = text::print_json(*format)},
              ask);
}

// "0", "0s", 0: the model may go now.
bool is_nothing(const Json* keep_alive) {
  if (keep_alive == nullptr) return false;
  if (const auto number = keep_alive->as_number()) return *number == 0;
  const std::string* text = keep_alive->as_string();
  return text != nullptr && (*text == "0" || *text == "0s" || *text == "0m");
}

void read_common(DialectFields& fields, OllamaAsk& asked) {
  Ask& ask = asked.ask;
  ask.model = fields.text({"model", "name"}).value_or("");
  if (ask.model.empty()) fields.mistake("model", "is missing.");
  ask.streams = fields.truth({"stream"}).value_or(true);
  ask.drops_oldest = fields.truth({"truncate"}).value_or(true);
  asked.lets_go = is_nothing(fields.value({"keep_alive"}));
  read_options(fields, ask);
  read_format(fields, ask);
}

}  // namespace

Judged<OllamaAsk> read_ollama_chat(std::string_view body) {
  DRAMATIS_TRY(const Json object, read_object(body));
  DialectFields fields(object);
  OllamaAsk asked;
  read_common(fields, asked);
  DRAMATIS_DO(fields.judge());
  const Json* messages = fields.value({"messages"});
  if (messages != nullptr && messages->as_array() == nullptr)
    return wrong("messages", "messages is no list.");
  if (!holds(messages)) {
    asked.is_empty = true;
    return asked;
  }
  const JsonArray& list = *messages->as_array();
  if (list.size() > kMaxDialectMessages) {
    return wrong("messages", fmt::format("messages has {} entries; at most {} are read.",
                                         list.size(), kMaxDialectMessages));
  }
  std::vector<lm::Message> said;
  for (std::size_t n = 0; n < list.size(); ++n) {
    DRAMATIS_TRY(auto message, read_message(list[n], fmt::format("messages[{}]", n)));
    said.push_back(std::move(message));
  }
  asked.ask.messages = in_turns(std::move(said));
  DRAMATIS_TRY(asked.ask.tools, read_tools(fields.value({"tools"}), nullptr));
  return asked;
}

Judged<OllamaAsk> read_ollama_generate(std::string_view body) {
  DRAMATIS_TRY(const Json object, read_object(body));
  DialectFields fields(object);
  OllamaAsk asked;
  read_common(fields, asked);
  const std::string prompt = fields.text({"prompt"}).value_or("");
  const std::string system = fields.text({"system"}).value_or("");
  const bool raw = fields.truth({"raw"}).value_or(false);
  if (const auto suffix = fields.text({"suffix"}); suffix && !suffix->empty())
    fields.mistake("suffix", "is not taken by this service.");
  if (const auto form = fields.text({"template"}); form && !form->empty())
    fields.mistake("template", "is not taken by this service; send the whole text with raw.");
  if (holds(fields.value({"images"})))
    fields.mistake("images", "is not read: models here read text alone.");
  DRAMATIS_DO(fields.judge());
  asked.is_empty = prompt.empty();
  if (raw) {
    asked.ask.raw = prompt;
  } else {
    asked.ask.messages = in_turns(
        {{.role = lm::Role::kSystem, .text = system}, {.role = lm::Role::kPlayer, .text = prompt}});
  }
  return asked;
}

Judged<OllamaEmbedAsk> read_ollama_embed(std::string_view body) {
  DRAMATIS_TRY(const Json object, read_object(body));
  DialectFields fields(object);
  OllamaEmbedAsk ask{.model = fields.text({"model", "name"}).value_or("")};
  if (fields.value({"input", "prompt"}) == nullptr) fields.mistake("input", "is missing.");
  ask.texts = fields.texts({"input", "prompt"}, lm::kMaxEmbedTexts);
  DRAMATIS_DO(fields.judge());
  return ask;
}

Judged<std::string> read_ollama_name(std::string_view body) {
  DRAMATIS_TRY(const Json object, read_object(body));
  DialectFields fields(object);
  const std::string name = fields.text({"model", "name"}).value_or("");
  if (name.empty()) fields.mistake("model", "is missing.");
  DRAMATIS_DO(fields.judge());
  return name;
}

}  // namespace dramatis::server
