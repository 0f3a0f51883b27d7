// Tools -> a schema whose definitions are theirs; a reply -> a call.
#include "server/dialect_tools.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"
#include "server/dialect_limits.h"

namespace dramatis::server {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

constexpr std::string_view kSpaces = " \t\r\n";

// Functions' names as OpenAI has them: they come back in answers and in the model's words.
bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxToolNameBytes && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
}

Judged<Tool> read_tool(const Json& from, const std::string& place) {
  if (from.as_object() == nullptr) return wrong(place, place + " is no object.");
  DialectFields outer(from, place + ".");
  const auto type = outer.text({"type"});
  DRAMATIS_DO(outer.judge());
  if (type && *type != "function")
    return wrong(outer.at("type"), fmt::format("{} is not 'function'.", outer.at("type")));
  const Json* function = outer.value({"function"});
  if (function == nullptr || function->as_object() == nullptr)
    return wrong(outer.at("function"), fmt::format("{} is no object.", outer.at("function")));
  DialectFields fields(*function, place + ".function.");
  Tool tool{.name = fields.text({"name"}).value_or(""),
            .description = fields.text({"description"}).value_or("")};
  const Json* parameters = fields.value({"parameters"});
  tool.parameters = parameters == nullptr ? Json(JsonObject{{"type", "object"}}) : *parameters;
  if (!is_name(tool.name))
    fields.mistake("name", "is no word of letters, digits, '_', '-' and '.'.");
  if (tool.parameters.as_object() == nullptr) fields.mistake("parameters", "is no object.");
  DRAMATIS_DO(fields.judge());
  return tool;
}

Judged<void> choose(const Json& choice, Tools& tools) {
  if (const std::string* word = choice.as_string()) {
    if (*word == "none") tools.use = ToolUse::kNever;
    if (*word == "required" || *word == "any") tools.use = ToolUse::kAlways;
    const bool known = *word == "none" || *word == "auto" || *word == "required" || *word == "any";
    if (!known) return wrong("tool_choice", "tool_choice is none, auto, required or a function.");
    if (tools.use == ToolUse::kAlways && tools.list.empty())
      return wrong("tool_choice", "tool_choice asks for a call, and there are no tools.");
    return {};
  }
  const Json* function = choice.find("function");
  const Json* name = function == nullptr ? nullptr : function->find("name");
  const std::string* named = name == nullptr ? nullptr : name->as_string();
  if (named == nullptr) return wrong("tool_choice", "tool_choice names no function.");
  std::erase_if(tools.list, [&](const Tool& tool) { return tool.name != *named; });
  if (tools.list.empty())
    return wrong("tool_choice", "tool_choice names a function that is not among the tools.");
  tools.use = ToolUse::kAlways;
  return {};
}

// Where a reference of a schema that was a document of its own leads in the whole, in which its
// definitions stand beside it: "#/$defs/a" of t0 is "#/$defs/t0-a".
std::string moved_reference(std::string_view reference, std::string_view home) {
  if (reference == "#") return fmt::format("#/$defs/{}", home);
  for (const std::string_view inner : {"#/$defs/", "#/definitions/"}) {
    if (reference.starts_with(inner))
      return fmt::format("#/$defs/{}-{}", home, reference.substr(inner.size()));
  }
  return std::string(reference);  // none that a grammar knows: it will say so
}

Json moved(const Json& schema, const std::string& home) {
  if (const JsonArray* list = schema.as_array()) {
    JsonArray out;
    for (const auto& entry : *list) out.push_back(moved(entry, home));
    return out;
  }
  const JsonObject* object = schema.as_object();
  if (object == nullptr) return schema;
  JsonObject out;
  for (const auto& [key, value] : *object) {
    const std::string* text = value.as_string();
    out.emplace_back(key, key == "$ref" && text != nullptr ? Json(moved_reference(*text, home))
                                                           : moved(value, home));
  }
  return out;
}

// Puts `schema` and its definitions among those of the whole.
void add_definitions(const Json& schema, const std::string& home, JsonObject& definitions) {
  JsonObject kept;
  for (const auto& [key, value] : *schema.as_object()) {
    const bool defines = key == "$defs" || key == "definitions";
    if (!defines) kept.emplace_back(key, moved(value, home));
    if (!defines || value.as_object() == nullptr) continue;
    for (const auto& [name, definition] : *value.as_object())
      definitions.emplace_back(fmt::format("{}-{}", home, name), moved(definition, home));
  }
  definitions.emplace_back(home, Json(std::move(kept)));
}

}  // namespace

Judged<Tools> read_tools(const text::Json* tools, const text::Json* choice) {
  Tools read;
  if (tools != nullptr) {
    const JsonArray* list = tools->as_array();
    if (list == nullptr) return wrong("tools", "tools is no list.");
    if (list->size() > kMaxTools) {
      return wrong("tools", fmt::format("tools has {} entries; at most {} are offered to a model.",
                                        list->size(), kMaxTools));
    }
    for (std::size_t n = 0; n < list->size(); ++n) {
      DRAMATIS_TRY(auto tool, read_tool((*list)[n], fmt::format("tools[{}]", n)));
      read.list.push_back(std::move(tool));
    }
  }
  read.use = read.list.empty() ? ToolUse::kNever : ToolUse::kAsItLikes;
  if (choice != nullptr) DRAMATIS_DO(choose(*choice, read));
  return read;
}

std::string tell_tools(const Tools& tools) {
  if (tools.use == ToolUse::kNever) return {};
  std::string told = "These functions can be called:\n";
  for (const auto& tool : tools.list) {
    told +=
        fmt::format("- {}{}{} Arguments: {}\n", tool.name, tool.description.empty() ? "." : ": ",
                    tool.description, text::print_json(tool.parameters));
  }
  told += "To call one, answer with nothing but {\"name\": NAME, \"arguments\": {...}}.";
  if (tools.use == ToolUse::kAlways) told += " Answer with a call now.";
  return told;
}

lm::GrammarText call_grammar(const Tools& tools) {
  DRAMATIS_CHECK(!tools.list.empty());
  JsonArray calls;
  JsonObject definitions;
  for (std::size_t n = 0; n < tools.list.size(); ++n) {
    const std::string home = fmt::format("t{}", n);
    add_definitions(tools.list[n].parameters, home, definitions);
    calls.push_back(JsonObject{
        {"type", "object"},
        {"properties",
         JsonObject{{"name", JsonObject{{"const", tools.list[n].name}}},
                    {"arguments", JsonObject{{"$ref", fmt::format("#/$defs/{}", home)}}}}},
        {"required", JsonArray{"name", "arguments"}}});
  }
  JsonObject whole;
  if (calls.size() == 1) {
    whole = *calls.front().as_object();
  } else {
    whole.emplace_back("anyOf", std::move(calls));
  }
  whole.emplace_back("$defs", std::move(definitions));
  return {.kind = lm::GrammarText::Kind::kJsonSchema, .text = text::print_json(whole)};
}

std::string print_call(const ToolCall& call) {
  return text::print_json(JsonObject{{"name", call.name}, {"arguments", call.arguments}});
}

std::optional<ToolCall> call_in(std::string_view reply, const Tools& tools) {
  if (tools.use == ToolUse::kNever) return std::nullopt;
  const auto value = text::parse_json(reply);
  if (!value) return std::nullopt;
  const Json* name = value->find("name");
  const Json* arguments = value->find("arguments");
  if (name == nullptr || name->as_string() == nullptr || arguments == nullptr ||
      arguments->as_object() == nullptr)
    return std::nullopt;
  for (const auto& tool : tools.list) {
    if (tool.name == *name->as_string())
      return ToolCall{.name = tool.name, .arguments = *arguments};
  }
  return std::nullopt;
}

lm::Go CallSieve::write(std::string_view text) {
  if (is_words_) return words_.write(text);
  held_ += text;
  const std::size_t first = held_.find_first_not_of(kSpaces);
  const bool may_be_call =
      tools_.use != ToolUse::kNever && (first == std::string::npos || held_[first] == '{');
  if (may_be_call) return lm::Go::kOn;
  is_words_ = true;
  return words_.write(std::exchange(held_, {}));
}

std::optional<ToolCall> CallSieve::finish() {
  if (is_words_) return std::nullopt;
  if (auto call = call_in(held_, tools_)) return call;
  is_words_ = true;
  // The reply has ended: whoever has left by now misses nothing more.
  if (!held_.empty()) static_cast<void>(words_.write(std::exchange(held_, {})));
  return std::nullopt;
}

}  // namespace dramatis::server
