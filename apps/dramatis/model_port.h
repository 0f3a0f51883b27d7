// Settings -> a language model behind its port: a file in this process, or a service elsewhere.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/result.h"
#include "lm/language_model.h"
#include "prompt/compose.h"
#include "settings.h"

namespace dramatis::app {

struct OpenedModel {
  // Small models speak through a second one that heeds the author's lines; then this is what it
  // listens to, and it dies last.
  std::unique_ptr<lm::LanguageModel> own{};
  std::unique_ptr<lm::LanguageModel> model{};
  prompt::Head head = prompt::Head::kFull;  // how a character is told to it
};

// Whether `model` of the settings is an address rather than a file.
[[nodiscard]] bool is_address(std::string_view model);

// Errors: kNotFound with the mend where there is no model file; those of the rooms that open it.
// `clock` outlives the model.
[[nodiscard]] Result<OpenedModel> open_model(const Settings& settings, const Clock& clock);

}  // namespace dramatis::app
