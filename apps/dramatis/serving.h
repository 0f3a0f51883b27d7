// Settings -> the models that a service has, by name, the first for whoever names none.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "absent_model.h"
#include "base/clock.h"
#include "base/result.h"
#include "dialogue/models.h"
#include "engine/engine.h"
#include "model_port.h"
#include "models.h"
#include "settings.h"

namespace dramatis::app {

// One thread at a time.
class Serving {
 public:
  // What the setting `model` says comes first, be it a name of the list `models:` or not; then the
  // others of the list. From now on quiet services are asked for signs of life. `clock` and `parts`
  // outlive it. Errors: those of open_model and Models::open; kInvalidArgument where two models
  // would have one name. Where nobody chose a model and the one that comes with Dramatis is not
  // there, an AbsentModel serves.
  [[nodiscard]] static Result<Serving> open(const Settings& settings, const Clock& clock,
                                            const ModelParts& parts);

  // Reads this object.
  [[nodiscard]] const std::vector<dialogue::ServingModel>& models() const& { return rows_; }
  const std::vector<dialogue::ServingModel>& models() && = delete;
  // What computes the model of this name; null where it is not of this process.
  [[nodiscard]] engine::Engine* engine_of(std::string_view name) const&;
  // As app::keep_warm, of all models of this process.
  void keep_warm() const;

 private:
  std::optional<OpenedModel> own_{};       // where the first is not of the list
  std::unique_ptr<AbsentModel> absent_{};  // where there is none
  std::unique_ptr<Models> listed_{};       // null: there is no list
  std::vector<dialogue::ServingModel> rows_{};
};

}  // namespace dramatis::app
