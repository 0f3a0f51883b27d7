// What a study works with, opened from settings: the cast, the examples, and who answers.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model_port.h"
#include "persona/cast.h"
#include "settings.h"
#include "study/baseline.h"
#include "study/checks.h"

namespace dramatis::app {

// One thread at a time; the models are thread-safe.
struct Studio {
  SystemClock clock{};
  persona::Cast cast{};
  std::optional<OpenedExamples> examples{};
  std::optional<OpenedModel> opened{};             // nothing: a baseline answers
  std::optional<study::BaselineModel> baseline{};  // nothing: a model answers
  study::CheckOptions answers{};                   // as the settings say, whose apart

  [[nodiscard]] lm::LanguageModel& model();
  [[nodiscard]] study::Answerer answerer();
};

// `baseline`: "nearest", "assistant", or empty for the model of the settings. Errors: those of
// load_cast, open_examples and open_model.
[[nodiscard]] Result<std::unique_ptr<Studio>> open_studio(const Settings& settings,
                                                          const std::string& baseline);

// How studies have replies made: temperature 0 and seed 1 unless they are set, so that two runs can
// be compared.
[[nodiscard]] Result<study::CheckOptions> answer_options(const Settings& settings);

// Whose ids `typed` means. "all", or nobody: whom the model was taught, or the whole cast where it
// does not tell. Errors: those of find_named.
[[nodiscard]] Result<std::vector<std::string>> ids_of(const Studio& studio,
                                                      const std::vector<std::string>& typed);

// A model by a name of the list `models:`, or a file. Errors: kNotFound with the mend.
[[nodiscard]] Result<OpenedModel> open_named_model(const Settings& settings,
                                                   const std::string& name, const Clock& clock);

// How far something is, on one line of a terminal, or now and then in a log; with the time left.
// One thread at a time.
class Meter {
 public:
  explicit Meter(std::string what) : what_(std::move(what)) {}
  Meter(const Meter&) = delete;
  Meter& operator=(const Meter&) = delete;
  ~Meter() { end(); }

  void show(std::size_t done, std::size_t of);
  // Clears the line.
  void end();

 private:
  const std::string what_;
  const SystemClock clock_{};
  const SteadyTime begun_ = clock_.steady();
  std::optional<std::size_t> first_{};  // what was done before
  std::size_t tenths_ = 0;              // told already, where there is no terminal
  bool shown_ = false;
};

// "2 min 5 s"
[[nodiscard]] std::string print_time_span(std::chrono::seconds time);

// The most memory that this process has held, in bytes; 0 where the system does not tell.
[[nodiscard]] std::size_t peak_memory();

// Writes `text` there. Errors: those of write_file.
[[nodiscard]] Status write_text(const std::filesystem::path& path, std::string_view text);

}  // namespace dramatis::app
