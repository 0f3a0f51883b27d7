// What a route took and answered, beside what /openapi.json tells of it.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "server/openapi.h"
#include "server/routes.h"
#include "server/testing/schema_reader.h"

namespace dramatis::server::testing {

// Immutable.
class Told {
 public:
  // `routes` outlives it.
  explicit Told(const Routes& routes)
      : routes_(routes),
        document_(openapi_json(routes, "0")),
        reader_(*document_.find("components")) {}
  Told(const Told&) = delete;
  Told& operator=(const Told&) = delete;

  struct Exchange {
    std::string_view method{};
    std::string_view path{};
    std::string_view sent{};  // the body
    int status = 0;
    std::string_view type{};
    std::string_view body{};
  };
  // A sentence for each fault; none for what is no route with an operation.
  [[nodiscard]] std::vector<std::string> faults(const Exchange& exchange) const {
    // What is wrong with HTTP itself is told of no route.
    const std::set<int> any{0, 414, 417, 431, 501, 505};
    const auto match = routes_.match(exchange.method, exchange.path);
    if (any.contains(exchange.status) || !match || match->route->method != exchange.method ||
        match->route->operation.empty())
      return {};
    const Route& route = *match->route;
    std::vector<std::string> found = answer_faults(route, exchange);
    if (exchange.status / 100 == 2 && !exchange.sent.empty()) {
      for (auto& fault : body_faults(route, exchange.sent)) found.push_back(std::move(fault));
    }
    for (auto& fault : found) fault.insert(0, fmt::format("{}: ", route.operation));
    return found;
  }

 private:
  [[nodiscard]] std::vector<std::string> answer_faults(const Route& route,
                                                       const Exchange& exchange) const {
    std::string method;
    for (const char c : route.method) method += static_cast<char>(c - 'A' + 'a');
    const text::Json& told =
        *document_.find("paths")->find(route.pattern)->find(method)->find("responses");
    const text::Json* response = told.find(std::to_string(exchange.status));
    if (response == nullptr) return {fmt::format("{} is not told of", exchange.status)};
    if (const auto* reference = response->find("$ref"))
      response = reader_.at(*reference->as_string());
    const text::Json* content = response->find("content");
    if (content == nullptr) {
      if (exchange.body.empty()) return {};
      return {fmt::format("{} has a body", exchange.status)};
    }
    const std::string_view type = exchange.type.substr(0, exchange.type.find(';'));
    const text::Json* meant = content->find(type);
    if (meant == nullptr) return {fmt::format("{} of {} is not told of", type, exchange.status)};
    if (!type.ends_with("json")) return {};
    const auto value = text::parse_json(exchange.body);
    if (!value) return {"the answer is no JSON"};
    // A document that is passed on as text has no schema of its own.
    if (route.doc.answer == "Text") return {};
    return reader_.faults(*value, *meant->find("schema"), std::to_string(exchange.status));
  }

  // What was taken is what may be sent.
  [[nodiscard]] std::vector<std::string> body_faults(const Route& route,
                                                     std::string_view sent) const {
    const auto value = text::parse_json(sent);
    if (!value || route.doc.body.empty() || route.doc.body_type != "application/json") return {};
    const auto* schema = reader_.at(fmt::format("#/components/schemas/{}", route.doc.body));
    return reader_.faults(*value, *schema, "the body");
  }

  const Routes& routes_;
  const text::Json document_;
  const SchemaReader reader_;
};

}  // namespace dramatis::server::testing
