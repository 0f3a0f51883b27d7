// Files first, since services may fall back to them; then the services' routers.
#include "models.h"

#include <chrono>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "base/random.h"
#include "remote/key.h"
#include "remote/remote_model.h"
#include "remote/router.h"
#include "remote/service.h"

namespace dramatis::app {
namespace {

// How often services are looked after: those that were down a second ago are asked within this.
constexpr std::chrono::seconds kLook{5};
// A model of this process that needs longer for a few words is of no use in a conversation.
constexpr std::chrono::seconds kPatience{60};

std::chrono::milliseconds milliseconds_of(double seconds) {
  return std::chrono::milliseconds(std::llround(seconds * 1000));
}

std::uint64_t micros_of(double money) {
  return static_cast<std::uint64_t>(std::llround(money * 1e6));
}

remote::SpendLimit limit_of(const DayLimit& day) {
  remote::SpendLimit limit;
  if (day.tokens) limit.tokens = static_cast<std::uint64_t>(*day.tokens);
  if (day.money) limit.micros = micros_of(*day.money);
  return limit;
}

// An error about an entry of the list, with its place.
tl::unexpected<Error> at(const ModelSettings& listed, const Error& error) {
  return fail(error.code, fmt::format("{}: {}", listed.place, error.what));
}

Result<remote::RemoteOptions> options_of(const ServiceSettings& service,
                                         const ModelSettings& listed) {
  remote::RemoteOptions options;
  DRAMATIS_TRY(auto parsed, remote::parse_service(service.address));
  options.protocol = parsed.protocol;
  options.url = std::move(parsed.url);
  options.model = service.model.empty() ? std::move(parsed.model) : service.model;
  options.form = remote::find_text_form(service.form).value_or(remote::TextForm::kPlain);
  options.stream = service.streams ? remote::Streaming::kOn : remote::Streaming::kOff;
  options.samplers = service.samplers ? remote::Samplers::kExtended : remote::Samplers::kStandard;
  options.max_tokens_field = service.max_tokens_field;
  options.context_size = static_cast<std::size_t>(service.context);
  options.connect_timeout = milliseconds_of(service.connect_seconds);
  options.first_byte_timeout = milliseconds_of(service.first_word_seconds);
  options.idle_timeout = milliseconds_of(service.idle_seconds);
  options.total_timeout = milliseconds_of(listed.total_seconds);
  if (!service.key_variable.empty() || !service.key_file.empty()) {
    DRAMATIS_TRY(options.key,
                 remote::read_key({.variable = service.key_variable, .file = service.key_file}));
  }
  return options;
}

Result<remote::Endpoint> open_endpoint(const ServiceSettings& service, const ModelSettings& listed,
                                       const Clock& clock) {
  DRAMATIS_TRY(auto options, options_of(service, listed));
  DRAMATIS_TRY(const std::uint64_t seed, random_u64());
  DRAMATIS_TRY(auto model, remote::RemoteModel::open(std::move(options), Rng(seed), clock));
  remote::Seat seat{.name = model->name(),
                    .weight = service.weight,
                    .most_in_flight = static_cast<std::size_t>(service.at_once)};
  return remote::Endpoint{.backend = std::move(model),
                          .seat = std::move(seat),
                          .price = {.prompt = micros_of(service.price_prompt),
                                    .reply = micros_of(service.price_reply)}};
}

// Hears nothing; whether words come is what counts.
class Deaf final : public lm::TextSink {
 public:
  [[nodiscard]] lm::Go write(std::string_view /*words*/) override { return lm::Go::kOn; }
};

ModelReport report_on_file(const ModelSettings& listed, const OpenedModel& opened,
                           const Clock& clock) {
  lm::Prompt asked;
  asked.messages = {{lm::Role::kSystem, "You are a knight."}, {lm::Role::kPlayer, "Good day."}};
  lm::Sampling how;
  how.max_tokens = 8;
  how.seed = 1;
  how.deadline = clock.steady() + kPatience;
  Deaf deaf;
  const auto said = opened.model->generate(asked, how, deaf, {});
  if (!said) return {.name = listed.name, .detail = said.error().what};
  return {.name = listed.name,
          .answers = true,
          .detail = fmt::format("{}, context {}, answers in {:.2f} s", listed.file.string(),
                                opened.model->context_size(),
                                std::chrono::duration<double>(said->total).count())};
}

ModelReport report_on_services(const ModelSettings& listed, remote::Router& router) {
  router.feel_pulses({});
  ModelReport report{.name = listed.name};
  for (const auto& place : router.services()) {
    const bool answers = place.last_error.empty();
    report.answers = report.answers || answers;
    report.detail += fmt::format("{}{}: {}", report.detail.empty() ? "" : "; ", place.name,
                                 answers ? "answers" : place.last_error);
  }
  return report;
}

}  // namespace

struct Models::Inside {
  struct Named {
    const ModelSettings* listed;
    OpenedModel opened{};
    remote::Router* router = nullptr;  // opened.model, where that is one
  };

  // What nobody else gave.
  runtime::Metrics own_metrics{};
  runtime::SilentSink silence{};
  std::unique_ptr<runtime::Log> own_log{};
  remote::MemoryLedger own_ledger{};

  std::vector<ModelSettings> list{};
  std::vector<Named> models{};
  std::mutex mutex{};
  std::condition_variable_any never{};
  std::jthread looker{};  // last: it uses the routers until it is gone

  Named* find(std::string_view name) {
    for (auto& one : models) {
      if (one.listed->name == name) return &one;
    }
    return nullptr;
  }

  Status open_file(const Settings& settings, const ModelSettings& listed, Start start) {
    if (find(listed.name) != nullptr) return {};
    auto opened = open_model_file(settings, listed.file, listed.place, start);
    if (!opened) return at(listed, opened.error());
    models.push_back({.listed = &listed, .opened = *std::move(opened)});
    return {};
  }

  Status open_services(const ModelSettings& listed, const remote::RouterParts& parts) {
    std::vector<remote::Endpoint> endpoints;
    for (const auto& service : listed.services) {
      auto endpoint = open_endpoint(service, listed, parts.clock);
      if (!endpoint) return at(listed, endpoint.error());
      endpoints.push_back(*std::move(endpoint));
    }
    remote::Fallback fallback;
    if (const Named* other = find(listed.falls_back_to)) {
      fallback = {.model = other->opened.model.get(), .name = other->listed->name};
    }
    DRAMATIS_TRY(const std::uint64_t seed, random_u64());
    auto router = remote::Router::open({.name = listed.name,
                                        .total_timeout = milliseconds_of(listed.total_seconds),
                                        .limit_per_account = limit_of(listed.per_key),
                                        .limit = limit_of(listed.together)},
                                       std::move(endpoints), std::move(fallback), Rng(seed), parts);
    if (!router) return at(listed, router.error());
    remote::Router* const routing = router->get();
    OpenedModel opened;
    opened.model = *std::move(router);
    models.push_back({.listed = &listed, .opened = std::move(opened), .router = routing});
    return {};
  }

  void look_after(const std::stop_token& stop) {
    std::unique_lock lock(mutex);
    while (!stop.stop_requested()) {
      for (auto& one : models) {
        if (one.router != nullptr) one.router->feel_pulses(stop);
      }
      never.wait_for(lock, stop, kLook, [] { return false; });
    }
  }
};

Models::Models(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Models::~Models() = default;

Result<std::unique_ptr<Models>> Models::open(const Settings& settings, const Clock& clock,
                                             const ModelParts& parts, std::string_view only) {
  auto inside = std::make_unique<Inside>();
  inside->own_log = std::make_unique<runtime::Log>(inside->silence, clock);
  inside->list = settings.models();
  const remote::RouterParts standing{
      .clock = clock,
      .metrics = parts.metrics != nullptr ? *parts.metrics : inside->own_metrics,
      .log = parts.log != nullptr ? *parts.log : *inside->own_log,
      .ledger = parts.ledger != nullptr ? parts.ledger : &inside->own_ledger};
  const ModelSettings* one = find_model(inside->list, only);
  if (!only.empty() && one == nullptr) {
    return fail(ErrorCode::kNotFound, fmt::format("There is no model '{}' in the list.", only));
  }
  const auto wanted = [&](const ModelSettings& listed) {
    return one == nullptr || one == &listed || one->falls_back_to == listed.name;
  };
  for (const auto& listed : inside->list) {
    if (!listed.file.empty() && wanted(listed))
      DRAMATIS_DO(inside->open_file(settings, listed, parts.start));
  }
  for (const auto& listed : inside->list) {
    if (!listed.services.empty() && wanted(listed))
      DRAMATIS_DO(inside->open_services(listed, standing));
  }
  return std::unique_ptr<Models>(new Models(std::move(inside)));
}

void Models::look_after_services() {
  inside_->looker = std::jthread(
      [inside = inside_.get()](const std::stop_token& stop) { inside->look_after(stop); });
}

const OpenedModel* Models::find(std::string_view name) const& {
  const auto* found = inside_->find(name);
  return found == nullptr ? nullptr : &found->opened;
}

std::vector<dialogue::ServingModel> Models::serving() const& {
  std::vector<dialogue::ServingModel> rows;
  for (const auto& listed : inside_->list) {
    if (const auto* found = inside_->find(listed.name)) {
      rows.push_back({.name = listed.name,
                      .model = *found->opened.model,
                      .head = found->opened.head,
                      .health = found->router});
    }
  }
  return rows;
}

Result<OpenedModel> open_listed_model(const Settings& settings, const ModelSettings& listed,
                                      const Clock& clock, Start start) {
  DRAMATIS_TRY(std::shared_ptr<Models> models,
               Models::open(settings, clock, {.start = start}, listed.name));
  OpenedModel opened = std::move(models->inside_->find(listed.name)->opened);
  opened.behind = std::move(models);
  return opened;
}

std::vector<ModelReport> look_at_models(const Settings& settings, const Clock& clock) {
  std::vector<ModelReport> reports;
  for (const auto& listed : settings.models()) {
    auto opened = open_listed_model(settings, listed, clock, Start::kCold);
    if (!opened) {
      reports.push_back({.name = listed.name, .detail = opened.error().what});
    } else if (auto* router = dynamic_cast<remote::Router*>(opened->model.get())) {
      reports.push_back(report_on_services(listed, *router));
    } else {
      reports.push_back(report_on_file(listed, *opened, clock));
    }
  }
  return reports;
}

}  // namespace dramatis::app
