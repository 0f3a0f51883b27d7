// The language models of a service, by the names that NPCs' settings use.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lm/health.h"
#include "lm/language_model.h"
#include "prompt/compose.h"

namespace dramatis::dialogue {

struct ServingModel {
  std::string name;  // "hearth"; one model's alone
  lm::LanguageModel& model;
  prompt::Head head = prompt::Head::kFull;   // kCompact for small models
  const lm::HealthSource* health = nullptr;  // null: of this process, and as well as it is
};

// Immutable; thread-safe. The models outlive it.
class Models {
 public:
  // The first serves NPCs that name none. Checked: there is one at least, and names differ.
  explicit Models(std::vector<ServingModel> serving);

  [[nodiscard]] const ServingModel& first() const { return serving_.front(); }
  // Empty: the first. kNotFound with the names that there are.
  [[nodiscard]] Result<const ServingModel*> find(std::string_view name) const;
  [[nodiscard]] const std::vector<ServingModel>& all() const { return serving_; }

 private:
  std::vector<ServingModel> serving_;
};

}  // namespace dramatis::dialogue
