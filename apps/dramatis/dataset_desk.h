// A recipe, its cast and what was made by it, as the commands of dataset share them.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "dataset.h"
#include "dataset/archive.h"
#include "dataset/collection.h"
#include "dataset/experiences.h"
#include "dataset/profile.h"
#include "dataset/recipe.h"
#include "dataset/record.h"
#include "dataset/writer.h"
#include "store/database.h"
#include "studio.h"
#include "text/json.h"

namespace dramatis::app {

// One thread at a time.
struct Desk {
  Studio studio{};  // the cast and its lines; no model
  dataset::DataRecipe recipe{};
  std::string recipe_digest{};
  std::filesystem::path folder{};         // of the journals, and of what curating leaves
  std::vector<std::string> characters{};  // ids
  dataset::Profile profile{};             // of the recipe's own file; empty: from the sheets

  std::unique_ptr<store::Database> database{};  // null: the records are in the folder
  std::unique_ptr<dataset::Archive> archive{};

  // Every step of every character.
  [[nodiscard]] std::vector<dataset::StepKey> steps() const;
  // "scenes" of "orlando-marlo" -> its records.
  [[nodiscard]] Result<std::vector<text::Json>> records(const std::string& character,
                                                        const std::string& step) const;
  [[nodiscard]] dataset::Profile profile_of(const std::string& character) const;
};

// Errors: those of the recipe, the cast and the files that the recipe names; those of the database,
// and kNotFound for one that is to be read and is not there.
[[nodiscard]] Result<std::unique_ptr<Desk>> open_desk(const Settings& settings,
                                                      const DatasetArgs& args);

// "exchanges", or "scenes", "experiences" and "protective".
[[nodiscard]] std::vector<std::string> steps_of(dataset::DataKind kind);

// How many items a step has in all; nothing while the scenes are not all there.
[[nodiscard]] Result<std::optional<std::uint64_t>> items_of_step(const Desk& desk,
                                                                 const std::string& character,
                                                                 const std::string& step);

// What all workers have spent.
[[nodiscard]] Result<dataset::Cost> cost_so_far(const Desk& desk);

// Everything of a character that may be learnt from, gated.
[[nodiscard]] Result<dataset::Gathered> gather(const Desk& desk, const std::string& character);

}  // namespace dramatis::app
