// The list `models:` of the settings -> models that answer, by name.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "dialogue/models.h"
#include "model_port.h"
#include "remote/spend.h"
#include "runtime/log.h"
#include "runtime/metrics.h"
#include "settings.h"

namespace dramatis::app {

// Where models write what happens; what is null they keep to themselves. All of it outlives them.
struct ModelParts {
  runtime::Metrics* metrics = nullptr;
  runtime::Log* log = nullptr;
  remote::SpendLedger* ledger = nullptr;
  Start start = Start::kCold;  // of the files
};

// Opened models of the list. Thread-safe.
class Models {
 public:
  // `only`: that one, and what it falls back to; empty: all. `clock` outlives them. Errors:
  // kNotFound for a name that is not in the list; those of open_model_file, read_key,
  // RemoteModel::open and Router::open, each naming the place in the file.
  [[nodiscard]] static Result<std::unique_ptr<Models>> open(const Settings& settings,
                                                            const Clock& clock,
                                                            const ModelParts& parts,
                                                            std::string_view only = {});
  Models(const Models&) = delete;
  Models& operator=(const Models&) = delete;
  ~Models();

  // Null where it was not opened.
  [[nodiscard]] const OpenedModel* find(std::string_view name) const&;
  const OpenedModel* find(std::string_view name) && = delete;

  // From now on a thread asks quiet services for signs of life, and those that were down. Without
  // it, requests find out.
  void look_after_services();

  // In the order of the list; reads this object.
  [[nodiscard]] std::vector<dialogue::ServingModel> serving() const&;
  std::vector<dialogue::ServingModel> serving() && = delete;

 private:
  friend Result<OpenedModel> open_listed_model(const Settings& settings,
                                               const ModelSettings& listed, const Clock& clock,
                                               Start start);
  struct Inside;
  explicit Models(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

// One of the list alone, with all that stands behind it. Errors: those of Models::open.
[[nodiscard]] Result<OpenedModel> open_listed_model(const Settings& settings,
                                                    const ModelSettings& listed, const Clock& clock,
                                                    Start start);

// Whether a model of the list answers: a file by a few words, services by a sign of life, which
// costs nothing.
struct ModelReport {
  std::string name;
  bool answers = false;
  std::string detail{};  // a sentence
};
[[nodiscard]] std::vector<ModelReport> look_at_models(const Settings& settings, const Clock& clock);

}  // namespace dramatis::app
