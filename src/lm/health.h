// How the places are where a model answers.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace dramatis::lm {

enum class EndpointState {
  kUp,
  kHalfOpen,  // was down, and is being tried
  kDown,
};

// "up", "half_open", "down": as metrics and health pages say it.
[[nodiscard]] std::string_view state_name(EndpointState state);

// One place where a model answers.
struct EndpointHealth {
  std::string name;  // "llama3.2 at 127.0.0.1:11434"
  EndpointState state = EndpointState::kUp;
  std::size_t in_flight = 0;            // requests under way
  std::chrono::milliseconds lasted{0};  // for how long it has been up, or has not
  std::string last_error{};  // a sentence without the service's own words; empty: none since it
                             // last answered
};

// Thread-safe.
class HealthSource {
 public:
  HealthSource() = default;
  HealthSource(const HealthSource&) = delete;
  HealthSource& operator=(const HealthSource&) = delete;
  virtual ~HealthSource() = default;
  [[nodiscard]] virtual std::vector<EndpointHealth> health() const = 0;
};

// Whether one of them at least can be asked; true of none, which is a model of this process.
[[nodiscard]] bool can_be_asked(const std::vector<EndpointHealth>& places);

}  // namespace dramatis::lm
