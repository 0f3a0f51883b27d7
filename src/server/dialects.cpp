// The table of the dialects' addresses.
#include "server/dialects.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "server/kobold_handlers.h"
#include "server/ollama_handlers.h"
#include "server/openai_handlers.h"
#include "server/openai_wire.h"
#include "server/problem.h"

namespace dramatis::server {
namespace {

using enum Dialect;

using RowHandler = void (*)(Dialects& with, const Call& call, Answer& answer);

struct Row {
  std::string_view method;
  std::string_view pattern;
  Dialect dialect;
  Takes takes;
  RowHandler handler;
};

// Clients that were told an address without /v1 ask there too; the native API lists /v1/models.
constexpr Row kRows[] = {
    {"GET", "/v1/models/npc/{name...}", kOpenAi, Takes::kNothing, answer_openai_model},
    {"POST", "/v1/chat/completions", kOpenAi, Takes::kAnyBytes, answer_openai_chat},
    {"POST", "/v1/completions", kOpenAi, Takes::kAnyBytes, answer_openai_completion},
    // Evennia joins its host and its path as they were written, and so may write two slashes.
    {"POST", "//v1/chat/completions", kOpenAi, Takes::kAnyBytes, answer_openai_chat},
    {"POST", "//v1/completions", kOpenAi, Takes::kAnyBytes, answer_openai_completion},
    {"POST", "//api/v1/generate", kKobold, Takes::kAnyBytes, answer_kobold_generate},
    {"POST", "/v1/embeddings", kOpenAi, Takes::kJson, answer_openai_embeddings},
    {"GET", "/models", kOpenAi, Takes::kNothing, answer_openai_models},
    {"GET", "/models/{name...}", kOpenAi, Takes::kNothing, answer_openai_model},
    {"POST", "/chat/completions", kOpenAi, Takes::kAnyBytes, answer_openai_chat},
    {"POST", "/completions", kOpenAi, Takes::kAnyBytes, answer_openai_completion},
    {"POST", "/embeddings", kOpenAi, Takes::kJson, answer_openai_embeddings},

    {"GET", "/", kOllama, Takes::kNothing, answer_ollama_sign},
    {"GET", "/api/version", kOllama, Takes::kNothing, answer_ollama_version},
    {"GET", "/api/tags", kOllama, Takes::kNothing, answer_ollama_tags},
    {"GET", "/api/ps", kOllama, Takes::kNothing, answer_ollama_ps},
    {"POST", "/api/show", kOllama, Takes::kAnyBytes, answer_ollama_show},
    {"POST", "/api/chat", kOllama, Takes::kAnyBytes, answer_ollama_chat},
    {"POST", "/api/generate", kOllama, Takes::kAnyBytes, answer_ollama_generate},
    {"POST", "/api/embed", kOllama, Takes::kAnyBytes, answer_ollama_embed},
    {"POST", "/api/embeddings", kOllama, Takes::kAnyBytes, answer_ollama_embedding},

    {"POST", "/api/v1/generate", kKobold, Takes::kAnyBytes, answer_kobold_generate},
    {"POST", "/api/latest/generate", kKobold, Takes::kAnyBytes, answer_kobold_generate},
    {"GET", "/api/v1/model", kKobold, Takes::kNothing, answer_kobold_model},
    {"GET", "/api/latest/model", kKobold, Takes::kNothing, answer_kobold_model},
    {"POST", "/api/v1/model", kKobold, Takes::kAnyBytes, answer_webui_model},
    {"POST", "/api/v1/token-count", kKobold, Takes::kAnyBytes, answer_webui_count},
    {"POST", "/api/v1/stop-stream", kKobold, Takes::kAnyBytes, answer_webui_stop},
    {"GET", "/api/v1/info/version", kKobold, Takes::kNothing, answer_kobold_api_version},
    {"GET", "/api/v1/config/max_context_length", kKobold, Takes::kNothing, answer_kobold_context},
    {"GET", "/api/v1/config/max_length", kKobold, Takes::kNothing, answer_kobold_length},
    {"GET", "/api/extra/true_max_context_length", kKobold, Takes::kNothing, answer_kobold_context},
    {"GET", "/api/extra/version", kKobold, Takes::kNothing, answer_kobold_version},
    {"POST", "/api/extra/generate/stream", kKobold, Takes::kAnyBytes, answer_kobold_stream},
    {"POST", "/api/extra/generate/check", kKobold, Takes::kAnyBytes, answer_kobold_check},
    {"GET", "/api/extra/generate/check", kKobold, Takes::kNothing, answer_kobold_check},
    {"POST", "/api/extra/abort", kKobold, Takes::kAnyBytes, answer_kobold_abort},
    {"POST", "/api/extra/tokencount", kKobold, Takes::kAnyBytes, answer_kobold_count},
};

constexpr CompatPort kPorts[] = {
    {"ollama", 11434, kOllamaSign}, {"kobold", 5001, {}}, {"webui", 5000, {}}};

std::string text_of(const text::Json& document, std::string_view name) {
  const text::Json* found = document.find(name);
  return found == nullptr || found->as_string() == nullptr ? "" : *found->as_string();
}

std::string_view type_of(int status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
    case 421:
      return "permission_error";
    case 429:
      return "rate_limit_exceeded";
    default:
      return status < 500 ? "invalid_request_error" : "server_error";
  }
}

text::Json reshaped(Dialect dialect, int status, const std::string& what, const std::string& code) {
  using text::JsonObject;
  switch (dialect) {
    case kOpenAi:
      return JsonObject{{"error", JsonObject{{"message", what},
                                             {"type", type_of(status)},
                                             {"param", text::Json()},
                                             {"code", status == 401 ? "invalid_api_key" : code}}}};
    case kOllama:
      return JsonObject{{"error", what}};
    case kKobold:
      break;
  }
  return JsonObject{{"detail", JsonObject{{"msg", what}, {"type", code}}}};
}

}  // namespace

std::vector<Route> dialect_routes(Dialects& with) {
  std::vector<Route> routes;
  for (const Row& row : kRows) {
    if (row.pattern == "/" && with.options.root == Root::kAnothers) continue;
    routes.push_back(
        {.method = row.method,
         .pattern = row.pattern,
         .caller = Caller::kPlayer,
         .takes = row.takes,
         .handler = [&with, handler = row.handler](const Call& call,
                                                   Answer& answer) { handler(with, call, answer); },
         .reword = [dialect = row.dialect](
                       Response refusal) { return in_dialect(dialect, std::move(refusal)); }});
  }
  return routes;
}

std::vector<Route> dialect_routes(const Api& api, DialectOptions options) {
  // Owned by the handlers, all of which die with the table; the last one takes it along.
  const auto with = std::make_shared<Dialects>(api, std::move(options));
  std::vector<Route> routes = dialect_routes(*with);
  for (auto& route : routes) {
    route.handler = [with, handler = std::move(route.handler)](const Call& call, Answer& answer) {
      handler(call, answer);
    };
  }
  return routes;
}

Response in_dialect(Dialect dialect, Response problem) {
  const auto document = text::parse_json(problem.body);
  if (!document) return problem;
  std::string what = text_of(*document, "detail");
  if (what.empty()) what = text_of(*document, "title");
  problem.body =
      text::print_json(reshaped(dialect, problem.status, what, text_of(*document, "code")));
  problem.content_type = "application/json";
  return problem;
}

std::span<const CompatPort> compat_ports() {
  return kPorts;
}

Result<std::vector<CompatPort>> parse_compat(std::string_view names) {
  std::vector<CompatPort> chosen;
  while (!names.empty()) {
    const std::size_t comma = names.find(',');
    std::string_view name = names.substr(0, comma);
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    names = comma == names.npos ? std::string_view() : names.substr(comma + 1);
    const auto known = std::ranges::find(kPorts, name, &CompatPort::name);
    if (known == std::end(kPorts)) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("'{}' is none of ollama, kobold and webui.", name));
    }
    if (std::ranges::find(chosen, name, &CompatPort::name) == chosen.end())
      chosen.push_back(*known);
  }
  return chosen;
}

}  // namespace dramatis::server
