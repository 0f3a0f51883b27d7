// The list as it is written, but for who comes first.
#include "serving.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

namespace dramatis::app {
namespace {

// Nobody chose a model, and the one that comes with Dramatis is not here.
bool is_absent(const Settings& settings, const Result<OpenedModel>& opened) {
  return !opened && opened.error().code == ErrorCode::kNotFound &&
         settings.find("model").from == From::kDefault;
}

}  // namespace

Result<Serving> Serving::open(const Settings& settings, const Clock& clock,
                              const ModelParts& parts) {
  Serving serving;
  if (!settings.models().empty()) {
    DRAMATIS_TRY(serving.listed_, Models::open(settings, clock, parts));
    serving.rows_ = serving.listed_->serving();
    serving.listed_->look_after_services();
  }
  if (const ModelSettings* first = settings.chosen_model()) {
    const auto chosen =
        std::ranges::find(serving.rows_, first->name, &dialogue::ServingModel::name);
    std::vector<dialogue::ServingModel> rows{*chosen};
    for (const auto& row : serving.rows_) {
      if (row.name != first->name) rows.push_back(row);
    }
    serving.rows_.swap(rows);
    return serving;
  }
  auto opened = open_model(settings, clock, parts.start);
  if (is_absent(settings, opened)) {
    fmt::print(stderr, "dramatis: {}\n", opened.error().what);
    serving.absent_ = std::make_unique<AbsentModel>(opened.error().what);
    serving.rows_.push_back({.name = serving.absent_->name(),
                             .model = *serving.absent_,
                             .health = serving.absent_.get()});
    return serving;
  }
  DRAMATIS_TRY(serving.own_, std::move(opened));
  const std::string name = serving.own_->model->name();
  if (std::ranges::find(serving.rows_, name, &dialogue::ServingModel::name) !=
      serving.rows_.end()) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("models has a model of the name '{}', which is that of {} ({}), too; "
                    "give it another name, or say model: {}.",
                    name, settings.find("model").value, settings.find("model").place, name));
  }
  std::vector<dialogue::ServingModel> rows{
      {.name = name, .model = *serving.own_->model, .head = serving.own_->head}};
  for (const auto& row : serving.rows_) rows.push_back(row);
  serving.rows_.swap(rows);
  return serving;
}

engine::Engine* Serving::engine_of(std::string_view name) const& {
  if (own_ && own_->model->name() == name) return own_->engine;
  const OpenedModel* listed = listed_ == nullptr ? nullptr : listed_->find(name);
  return listed == nullptr ? nullptr : listed->engine;
}

void Serving::keep_warm() const {
  if (own_) app::keep_warm(*own_);
  if (listed_ == nullptr) return;
  for (const auto& row : rows_) {
    if (const OpenedModel* opened = listed_->find(row.name)) app::keep_warm(*opened);
  }
}

}  // namespace dramatis::app
