// The models of a service by name -> the one to ask, and how each of them is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lm/language_model.h"

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
  std::size_t in_flight = 0;  // requests under way
  std::string last_error{};   // a sentence without the service's own words; empty: none since it
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

struct ListedModel {
  std::string name;
  LanguageModel* model;                  // outlives the table
  const HealthSource* health = nullptr;  // null: of this process, and as well as it is
};

// Immutable.
class ModelTable {
 public:
  // The first is the one for whoever names none. Checked: at least one, names differ.
  explicit ModelTable(std::vector<ListedModel> models);

  // Errors: kNotFound naming those that there are.
  [[nodiscard]] Result<const ListedModel*> find(std::string_view name) const&;
  Result<const ListedModel*> find(std::string_view name) && = delete;

  [[nodiscard]] const std::vector<ListedModel>& models() const& { return models_; }
  const std::vector<ListedModel>& models() && = delete;

  // Whether at least one place of every model can be asked.
  [[nodiscard]] bool all_answer() const;

 private:
  std::vector<ListedModel> models_;
};

}  // namespace dramatis::lm
