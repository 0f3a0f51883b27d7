// A character's profile and models that write -> scenes, and the experiences that it has in them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "dataset/experience_text.h"
#include "dataset/gates.h"
#include "dataset/profile.h"
#include "dataset/recipe.h"
#include "dataset/record.h"
#include "dataset/scene_plan.h"
#include "dataset/writer.h"
#include "persona/cast.h"

namespace dramatis::dataset {

// Who writes: the plans of scenes, and their scripts. Both outlive whoever holds this.
struct ExperienceWriters {
  Writer& scenes;
  Writer& dialogues;
};

// The steps of a run of experiences: requests for scenes, scenes written out, protective scenes.
// The same number and the same answers of the models give the same record (record.h). Thread-safe.
class ExperienceMaker {
 public:
  // All of it outlives the maker. Errors: kNotFound where cast, world or profile lack.
  [[nodiscard]] static Result<ExperienceMaker> make(const DataRecipe& recipe,
                                                    const persona::Cast& cast,
                                                    std::string_view character, Profile profile,
                                                    const ExperienceWriters& writers);

  [[nodiscard]] std::uint64_t requests() const { return plan_.size(); }
  // {"paragraph","scenes":[{"type","place","background"}],"drops","refusals","cost"}
  [[nodiscard]] Result<text::JsonObject> request(std::uint64_t n,
                                                 const std::stop_token& stop) const;

  // {"source","paragraph","type","place","background"?,"lines"?:[{"speaker","manner","words"}],
  //  "asides","drops","refusals","cost"}
  [[nodiscard]] Result<text::JsonObject> experience(const PlannedScene& planned, std::uint64_t n,
                                                    const std::stop_token& stop) const;

  // So many for each paragraph; none for a character whose sheet names nothing unknown.
  [[nodiscard]] std::uint64_t protective_scenes() const;
  // The same record: somebody comes back again and again to what the character cannot know.
  [[nodiscard]] Result<text::JsonObject> protective(std::uint64_t n,
                                                    const std::stop_token& stop) const;

  // All that the steps depend on, as a digest; of the second, also on the scenes.
  [[nodiscard]] std::string digest() const;
  [[nodiscard]] std::string digest(const ScenePlan& plan) const;

 private:
  struct Parts;
  explicit ExperienceMaker(Parts parts);
  [[nodiscard]] Result<text::JsonObject> write_out(const lm::Prompt& prompt, std::uint64_t seed,
                                                   text::JsonObject record,
                                                   const std::stop_token& stop) const;
  [[nodiscard]] Refusal judge(const Experience& lived, const std::string& id) const;

  const DataRecipe& recipe_;
  const persona::Cast& cast_;
  const persona::Character& character_;
  const persona::World& world_;
  Profile profile_;
  std::vector<std::size_t> plan_;
  Gates gates_;
  ExperienceWriters writers_;
};

// The experiences that a journal's records hold, in the order of their items.
struct ExperienceItem {
  std::string source{};
  std::string type{}, place{};
  Experience experience{};
};
// Errors: kCorrupt naming the record.
[[nodiscard]] Result<std::vector<ExperienceItem>> read_experiences(
    const std::vector<text::Json>& records);

}  // namespace dramatis::dataset
