// Settings -> a language model behind its port: a file in this process, or a service elsewhere.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "engine/engine.h"
#include "lm/embedder.h"
#include "lm/language_model.h"
#include "persona/cast.h"
#include "prompt/compose.h"
#include "prompt/examples.h"
#include "search/matcher.h"
#include "settings.h"

namespace dramatis::app {

// Whether what a model computes for characters outlasts the program (settings warm, warm_size).
enum class Start { kCold, kWarm };

struct OpenedModel {
  // What stands behind a model of the list `models:`: the services' router and what it writes to, a
  // fallback. Nobody else owns it; it goes last.
  std::shared_ptr<const void> behind{};
  std::unique_ptr<lm::LanguageModel> own{};      // what a guided model replies with; may be null
  std::unique_ptr<lm::LanguageModel> english{};  // and what judges its language; may be null
  std::unique_ptr<lm::LanguageModel> model{};    // the one to ask; listens to the two above
  prompt::Head head = prompt::Head::kFull;       // how a character is told to it
  engine::Engine* engine = nullptr;  // of the above, the one that a file runs in; null: a service
  std::optional<std::vector<std::string>>
      taught{};  // characters by id; nothing: any may be asked of it
};

// A model that was trained here on a cast speaks with its author's help (voice/), unless the
// setting `voice` says free. A name of the list `models:` opens that one. Errors: kNotFound with
// the mend where there is no model file; those of the rooms that open it. `clock` outlives the
// model.
[[nodiscard]] Result<OpenedModel> open_model(const Settings& settings, const Clock& clock,
                                             Start start = Start::kCold);

// At the end of a program: what the model computed for characters is kept for the next. Says on
// standard error where that fails.
void keep_warm(const OpenedModel& opened);

// The file or folder at `path`, which was named at `place`, as open_model() opens the one that
// `model` names. Errors: the same.
[[nodiscard]] Result<OpenedModel> open_model_file(const Settings& settings,
                                                  const std::filesystem::path& path,
                                                  const std::string& place,
                                                  Start start = Start::kCold);

// The authored lines of a cast, ranked by the matcher that the settings name, or by shared words
// where there is none.
struct OpenedExamples {
  std::unique_ptr<const search::Matcher> matcher{};  // outlives the examples
  prompt::Examples examples;
};

// Errors: those of Matcher::read and Examples::build.
[[nodiscard]] Result<OpenedExamples> open_examples(const Settings& settings,
                                                   const persona::Cast& cast);

// What makes vectors of texts, by the setting `embeddings`: an encoder in this process, or a
// service. Null where the setting is empty. Errors: those of Encoder::load, read_key and
// RemoteModel::open.
[[nodiscard]] Result<std::unique_ptr<lm::Embedder>> open_embedder(const Settings& settings,
                                                                  const Clock& clock);

// What a promise of memory (setting `ram`) asks of the C library. Before any other thread is made.
void prepare_memory(const Settings& settings);

// The setting adapters_size in bytes; 0 where nothing is said.
[[nodiscard]] Result<std::size_t> adapter_room(const Settings& settings);

// The base model beside `model` that knows English and no character, to judge replies with. Errors:
// kNotFound where there is none; those of convert::base_model.
[[nodiscard]] Result<std::unique_ptr<lm::LanguageModel>> open_english(
    const std::filesystem::path& model, std::size_t threads);
// The same where the model's file is open: `like`.
[[nodiscard]] Result<std::unique_ptr<lm::LanguageModel>> open_english(
    const std::filesystem::path& model, const formats::Gguf& like, std::size_t threads);

}  // namespace dramatis::app
