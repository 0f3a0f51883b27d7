// Each map is read by a table of its fields: a name, and what its value does.
#include "model_settings.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "names.h"
#include "remote/limits.h"
#include "remote/service.h"
#include "remote/transcript.h"
#include "text/utterance.h"

namespace dramatis::app {
namespace {

using text::YamlNode;

// A field of a map: its value, and the sentence that says what is wrong with it, after "takes ".
struct Field {
  std::string_view name;
  std::function<Status(const YamlNode&)> take;
};

class Reader {
 public:
  explicit Reader(const std::filesystem::path& file) : file_(file) {}

  Result<ModelSettings> read_model(const YamlNode& node) const;

 private:
  tl::unexpected<Error> wrong(const YamlNode& node, const std::string& what) const {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}:{}: {}.", file_.string(), node.line, text::printable(what)));
  }

  Status read_map(const YamlNode& node, std::string_view what,
                  const std::vector<Field>& fields) const {
    if (node.kind != YamlNode::Kind::kMap)
      return wrong(node, fmt::format("{} is lines of `field: value`", what));
    for (const auto& [key, value] : node.members) {
      const auto found = std::find_if(fields.begin(), fields.end(), [&key = key](const Field& one) {
        return one.name == key.scalar;
      });
      if (found == fields.end()) return unknown(key, what, fields);
      if (value.kind == YamlNode::Kind::kNull) continue;
      DRAMATIS_DO(found->take(value));
    }
    return {};
  }

  tl::unexpected<Error> unknown(const YamlNode& key, std::string_view what,
                                const std::vector<Field>& fields) const {
    std::vector<std::string> names;
    for (const auto& field : fields) names.emplace_back(field.name);
    const auto nearest = nearest_names(key.scalar, names, 1);
    return wrong(key,
                 fmt::format("{} has no field '{}'; {}", what, key.scalar,
                             nearest.empty() ? fmt::format("it has {}", fmt::join(names, ", "))
                                             : fmt::format("did you mean '{}'?", nearest.front())));
  }

  Result<std::string> scalar(const YamlNode& node, std::string_view takes) const {
    if (node.kind == YamlNode::Kind::kScalar && !node.scalar.empty()) return node.scalar;
    return wrong(node, fmt::format("here stands one value: {}", takes));
  }

  Field text(std::string_view name, std::string& into) const {
    return {name, [this, name, &into](const YamlNode& node) -> Status {
              DRAMATIS_TRY(into, scalar(node, fmt::format("'{}' takes a text", name)));
              return {};
            }};
  }

  Field path(std::string_view name, std::filesystem::path& into) const {
    return {name, [this, name, &into](const YamlNode& node) -> Status {
              DRAMATIS_TRY(const std::string said,
                           scalar(node, fmt::format("'{}' takes a path", name)));
              into = file_.parent_path() / said;  // an absolute one stays as it is
              return {};
            }};
  }

  template <class T>
  Field number(std::string_view name, T least, T most, T& into) const {
    return {name, [=, this, &into](const YamlNode& node) -> Status {
              const std::string takes =
                  fmt::format("'{}' takes a {} from {} to {}", name,
                              std::is_integral_v<T> ? "whole number" : "number", least, most);
              DRAMATIS_TRY(const std::string said, scalar(node, takes));
              T value{};
              const auto [end, failed] =
                  std::from_chars(said.data(), said.data() + said.size(), value);
              const bool whole = failed == std::errc{} && end == said.data() + said.size();
              // A number that is none is in no range either.
              if (!whole || !(value >= least && value <= most))
                return wrong(node, fmt::format("'{}' is '{}'; it takes{}", name, said,
                                               takes.substr(takes.find(" a "))));
              into = value;
              return {};
            }};
  }

  template <class T>
  Field number(std::string_view name, T least, T most, std::optional<T>& into) const {
    return {name, [=, this, &into](const YamlNode& node) -> Status {
              T value{};
              DRAMATIS_DO(number<T>(name, least, most, value).take(node));
              into = value;
              return {};
            }};
  }

  Field on_off(std::string_view name, bool& into) const {
    return {name, [this, name, &into](const YamlNode& node) -> Status {
              DRAMATIS_TRY(const std::string said,
                           scalar(node, fmt::format("'{}' takes on or off", name)));
              if (said != "on" && said != "off" && said != "true" && said != "false")
                return wrong(node, fmt::format("'{}' is '{}'; it takes on or off", name, said));
              into = said == "on" || said == "true";
              return {};
            }};
  }

  Field limit(std::string_view name, DayLimit& into) const {
    return {name, [this, name, &into](const YamlNode& node) {
              return read_map(node, fmt::format("'{}'", name),
                              {number<std::int64_t>("tokens", 0, kMostTokens, into.tokens),
                               number<double>("money", 0, kMostMoney, into.money)});
            }};
  }

  Result<ServiceSettings> read_service(const YamlNode& node) const;
  Status read_services(const YamlNode& node, std::vector<ServiceSettings>& into) const;
  Status judge(const YamlNode& node, const ServiceSettings& service) const;
  Status judge(const YamlNode& node, const ModelSettings& model) const;

  // A thousand million million: past it a double is no exact number of millionths.
  static constexpr std::int64_t kMostTokens = 1'000'000'000'000'000;
  static constexpr double kMostMoney = 1e9;

  const std::filesystem::path& file_;
};

// Other characters would end a label or look like a path.
bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

Result<ServiceSettings> Reader::read_service(const YamlNode& node) const {
  ServiceSettings service;
  constexpr double kHour = 3600;
  DRAMATIS_DO(read_map(
      node, "A service",
      {text("address", service.address), text("model", service.model),
       text("key_variable", service.key_variable), path("key_file", service.key_file),
       number<double>("weight", 0.001, 1e6, service.weight),
       number<std::int64_t>("at_once", 1, static_cast<std::int64_t>(remote::kMaxInFlight),
                            service.at_once),
       number<std::int64_t>("context", 256, 100'000'000, service.context),
       text("form", service.form), on_off("streams", service.streams),
       on_off("samplers", service.samplers), text("max_tokens_field", service.max_tokens_field),
       number<double>("connect_seconds", 0.01, kHour, service.connect_seconds),
       number<double>("first_word_seconds", 0.01, kHour, service.first_word_seconds),
       number<double>("idle_seconds", 0.01, kHour, service.idle_seconds),
       number<double>("price_prompt", 0, 1e6, service.price_prompt),
       number<double>("price_reply", 0, 1e6, service.price_reply)}));
  DRAMATIS_DO(judge(node, service));
  return service;
}

Status Reader::judge(const YamlNode& node, const ServiceSettings& service) const {
  if (service.address.empty()) {
    return wrong(node,
                 "A service needs an `address`, such as ollama:http://localhost:11434#llama3.2");
  }
  const auto parsed = remote::parse_service(service.address);
  if (!parsed) return wrong(node, parsed.error().what.substr(0, parsed.error().what.size() - 1));
  if (parsed->model.empty() && service.model.empty() &&
      parsed->protocol != remote::Protocol::kKobold) {
    return wrong(node, fmt::format("The service {} needs a `model`: the name that it knows it by",
                                   service.address));
  }
  if (!service.key_variable.empty() && !service.key_file.empty())
    return wrong(node, "A service takes its key from `key_variable` or `key_file`, not from both");
  if (!remote::find_text_form(service.form)) {
    return wrong(node, fmt::format("'form' is '{}'; it takes one of {}", service.form,
                                   fmt::join(remote::text_form_names(), ", ")));
  }
  return {};
}

Status Reader::read_services(const YamlNode& node, std::vector<ServiceSettings>& into) const {
  if (node.kind != YamlNode::Kind::kList || node.items.empty() ||
      node.items.size() > remote::kMaxEndpoints) {
    return wrong(node,
                 fmt::format("'services' is a list of 1 to {}, each beginning with `- address:`",
                             remote::kMaxEndpoints));
  }
  for (const auto& item : node.items) {
    DRAMATIS_TRY(auto service, read_service(item));
    into.push_back(std::move(service));
  }
  return {};
}

Result<ModelSettings> Reader::read_model(const YamlNode& node) const {
  ModelSettings model;
  model.place = fmt::format("{}:{}", file_.string(), node.line);
  const Field services{"services", [this, &model](const YamlNode& list) {
                         return read_services(list, model.services);
                       }};
  DRAMATIS_DO(read_map(node, "A model",
                       {text("name", model.name), path("file", model.file), services,
                        text("falls_back_to", model.falls_back_to),
                        number<double>("total_seconds", 0.01, 3600, model.total_seconds),
                        limit("per_key", model.per_key), limit("together", model.together)}));
  DRAMATIS_DO(judge(node, model));
  return model;
}

Status Reader::judge(const YamlNode& node, const ModelSettings& model) const {
  if (!is_name(model.name)) {
    return wrong(node,
                 fmt::format("A model needs a `name` of 1 to 64 letters, digits, '-', '_' and "
                             "'.'; this one is '{}'",
                             model.name));
  }
  if (model.file.empty() == model.services.empty()) {
    return wrong(node,
                 fmt::format("The model '{}' takes either a `file` or `services`", model.name));
  }
  const bool is_limited = model.per_key != DayLimit{} || model.together != DayLimit{};
  if (!model.file.empty() && (is_limited || !model.falls_back_to.empty())) {
    return wrong(node, fmt::format("The model '{}' is a file: it costs nothing and needs nobody to "
                                   "speak instead; `falls_back_to`, `per_key` and `together` are "
                                   "for services",
                                   model.name));
  }
  return {};
}

}  // namespace

Result<std::vector<ModelSettings>> parse_models(const YamlNode& list,
                                                const std::filesystem::path& file) {
  const auto wrong = [](const std::string& place, const std::string& what) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{}: {}.", place, what));
  };
  std::vector<ModelSettings> models;
  if (list.kind != YamlNode::Kind::kList) {
    return wrong(fmt::format("{}:{}", file.string(), list.line),
                 "'models' is a list, each entry beginning with `- name:`");
  }
  const Reader reader(file);
  for (const auto& item : list.items) {
    DRAMATIS_TRY(auto model, reader.read_model(item));
    if (find_model(models, model.name) != nullptr)
      return wrong(model.place, fmt::format("there are two models '{}'", model.name));
    models.push_back(std::move(model));
  }
  for (const auto& model : models) {
    if (model.falls_back_to.empty()) continue;
    const auto* other = find_model(models, model.falls_back_to);
    if (other == nullptr || other->file.empty()) {
      return wrong(
          model.place,
          fmt::format("'{}' falls back to '{}', which is no model with a `file` in the list",
                      model.name, text::printable(model.falls_back_to)));
    }
  }
  return models;
}

const ModelSettings* find_model(const std::vector<ModelSettings>& models, std::string_view name) {
  const auto found = std::find_if(models.begin(), models.end(),
                                  [&](const ModelSettings& one) { return one.name == name; });
  return found == models.end() ? nullptr : &*found;
}

}  // namespace dramatis::app
