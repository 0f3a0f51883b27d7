// Words for states.
#include "lm/health.h"

#include <algorithm>

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

bool can_be_asked(const std::vector<EndpointHealth>& places) {
  return places.empty() || std::any_of(places.begin(), places.end(), [](const auto& place) {
           return place.state != EndpointState::kDown;
         });
}

}  // namespace dramatis::lm
