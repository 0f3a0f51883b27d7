// Lines, answers, lists and errors in Ollama's shapes.
#include "server/ollama_wire.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "text/digest.h"

namespace dramatis::server {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

std::string time_of(Instant at) {
  const auto seconds = std::chrono::time_point_cast<std::chrono::seconds>(at);
  const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(at - seconds);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), rest.count());
}

JsonObject start_of(const OllamaStamp& stamp) {
  return {{"model", stamp.model}, {"created_at", time_of(stamp.at)}};
}

JsonArray calls_json(const ToolCall& call) {
  return {JsonObject{{"function", JsonObject{{"name", call.name}, {"arguments", call.arguments}}}}};
}

void say(const OllamaStamp& stamp, std::string_view text, const ToolCall* call, JsonObject& line) {
  if (stamp.shape == OllamaShape::kGenerate) {
    line.emplace_back("response", text);
    return;
  }
  JsonObject message{{"role", "assistant"}, {"content", text}};
  if (call != nullptr) message.emplace_back("tool_calls", calls_json(*call));
  line.emplace_back("message", std::move(message));
}

JsonObject details() {
  return {{"parent_model", ""},   {"format", "gguf"},
          {"family", "dramatis"}, {"families", JsonArray{"dramatis"}},
          {"parameter_size", ""}, {"quantization_level", ""}};
}

JsonObject tag(const Listed& model) {
  return {{"name", model.name},
          {"model", model.name},
          {"modified_at", time_of(model.since)},
          {"size", 0},
          // No model here has a digest of Ollama's; clients only want one that stays.
          {"digest", text::sha256(model.name)},
          {"details", details()}};
}

std::string_view reason_of(lm::StopReason why) {
  return why == lm::StopReason::kLength ? "length" : "stop";
}

}  // namespace

Response ollama_error(const Fault& fault) {
  return fault_response(fault, status_of(fault),
                        text::print_json(JsonObject{{"error", fault.what}}));
}

Json ollama_words(const OllamaStamp& stamp, std::string_view text) {
  JsonObject line = start_of(stamp);
  say(stamp, text, nullptr, line);
  line.emplace_back("done", false);
  return line;
}

Json ollama_call(const OllamaStamp& stamp, const ToolCall& call) {
  JsonObject line = start_of(stamp);
  say(stamp, "", &call, line);
  line.emplace_back("done", false);
  return line;
}

Json ollama_end(const OllamaStamp& stamp, std::string_view text,
                const std::optional<ToolCall>& call, const lm::Completion& made) {
  JsonObject line = start_of(stamp);
  say(stamp, call ? std::string_view() : text, call ? &*call : nullptr, line);
  line.emplace_back("done", true);
  line.emplace_back("done_reason", reason_of(made.why));
  if (stamp.shape == OllamaShape::kGenerate) line.emplace_back("context", JsonArray());
  line.emplace_back("total_duration", made.total.count());
  line.emplace_back("load_duration", 0);
  line.emplace_back("prompt_eval_count", made.prompt_tokens);
  line.emplace_back("prompt_eval_duration", made.first_word.count());
  line.emplace_back("eval_count", made.generated_tokens);
  line.emplace_back("eval_duration", (made.total - made.first_word).count());
  return line;
}

Json ollama_loaded(const OllamaStamp& stamp, bool lets_go) {
  JsonObject line = start_of(stamp);
  say(stamp, "", nullptr, line);
  line.emplace_back("done", true);
  line.emplace_back("done_reason", lets_go ? "unload" : "load");
  return line;
}

Json ollama_embeddings(std::string_view model, const std::vector<std::vector<float>>& vectors,
                       std::size_t tokens) {
  JsonArray list;
  for (const auto& vector : vectors) {
    JsonArray numbers;
    for (const float number : vector) numbers.push_back(static_cast<double>(number));
    list.push_back(std::move(numbers));
  }
  return JsonObject{{"model", model},
                    {"embeddings", std::move(list)},
                    {"total_duration", 0},
                    {"load_duration", 0},
                    {"prompt_eval_count", tokens}};
}

Json ollama_tags(const std::vector<Listed>& models) {
  JsonArray list;
  for (const auto& model : models) list.push_back(tag(model));
  return JsonObject{{"models", std::move(list)}};
}

Json ollama_running(const std::vector<Listed>& models, std::size_t context) {
  JsonArray list;
  for (const auto& model : models) {
    JsonObject entry = tag(model);
    entry.emplace_back("expires_at", "9999-12-31T23:59:59Z");
    entry.emplace_back("size_vram", 0);
    entry.emplace_back("context_length", context);
    list.push_back(std::move(entry));
  }
  return JsonObject{{"models", std::move(list)}};
}

Json ollama_show(const Listed& model, std::string_view system, std::size_t context) {
  return JsonObject{{"license", ""},
                    {"modelfile", fmt::format("FROM {}\n", model.name)},
                    {"parameters", ""},
                    {"template", ""},
                    {"system", system},
                    {"details", details()},
                    {"model_info", JsonObject{{"general.architecture", "dramatis"},
                                              {"general.basename", model.title},
                                              {"dramatis.context_length", context}}},
                    {"capabilities", JsonArray{"completion", "tools"}},
                    {"modified_at", time_of(model.since)}};
}

}  // namespace dramatis::server
