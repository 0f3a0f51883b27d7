// A short list, searched from its start.
#include "lm/model_table.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"
#include "text/utterance.h"

namespace dramatis::lm {

std::string_view state_name(EndpointState state) {
  switch (state) {
    case EndpointState::kUp:
      return "up";
    case EndpointState::kHalfOpen:
      return "half_open";
    case EndpointState::kDown:
      return "down";
  }
  return "down";
}

ModelTable::ModelTable(std::vector<ListedModel> models) : models_(std::move(models)) {
  DRAMATIS_CHECK(!models_.empty());
  for (std::size_t n = 0; n < models_.size(); ++n) {
    DRAMATIS_CHECK(models_[n].model != nullptr);
    for (std::size_t m = 0; m < n; ++m) DRAMATIS_CHECK(models_[m].name != models_[n].name);
  }
}

Result<const ListedModel*> ModelTable::find(std::string_view name) const& {
  if (name.empty()) return &models_.front();
  for (const auto& listed : models_) {
    if (listed.name == name) return &listed;
  }
  std::string names;
  for (const auto& listed : models_) names += (names.empty() ? "" : ", ") + listed.name;
  return fail(ErrorCode::kNotFound,
              fmt::format("There is no model '{}'; there are {}.", text::printable(name), names));
}

bool ModelTable::all_answer() const {
  return std::all_of(models_.begin(), models_.end(), [](const ListedModel& listed) {
    if (listed.health == nullptr) return true;
    const auto places = listed.health->health();
    return std::any_of(places.begin(), places.end(), [](const EndpointHealth& place) {
      return place.state != EndpointState::kDown;
    });
  });
}

}  // namespace dramatis::lm
