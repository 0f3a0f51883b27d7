// Records of requests -> a plan.
#include "dataset/scene_plan.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/random.h"
#include "dataset/near_duplicates.h"
#include "dataset/record.h"

namespace dramatis::dataset {

using text::Json;

Result<ScenePlan> plan_scenes(const std::vector<Json>& records, std::size_t most,
                              std::uint64_t seed) {
  std::map<std::int64_t, std::vector<PlannedScene>> by_item;
  for (const auto& record : records) {
    DRAMATIS_TRY(const auto item, item_of(record));
    if (!item) continue;
    const Json* const scenes = record.find("scenes");
    const Json* const paragraph = record.find("paragraph");
    if (scenes == nullptr || scenes->as_array() == nullptr || paragraph == nullptr ||
        paragraph->as_int() == nullptr)
      return fail(ErrorCode::kCorrupt, fmt::format("Item {} has no list of scenes.", *item));
    auto& planned = by_item[*item];
    for (const auto& scene : *scenes->as_array()) {
      planned.push_back({.scene = {.type = text_in(scene, "type"),
                                   .place = text_in(scene, "place"),
                                   .background = text_in(scene, "background")},
                         .paragraph = static_cast<std::size_t>(*paragraph->as_int()),
                         .source = fmt::format("scene-{}-{}", *item, planned.size())});
    }
  }
  std::vector<PlannedScene> all;
  std::vector<std::string> told;
  for (auto& [item, planned] : by_item) {
    for (auto& scene : planned) {
      told.push_back(scene.scene.background);
      all.push_back(std::move(scene));
    }
  }
  const auto first = first_alike(told);
  ScenePlan plan;
  std::vector<std::size_t> different;
  for (std::size_t n = 0; n < all.size(); ++n) {
    if (first[n] == n) different.push_back(n);
  }
  plan.repeats = all.size() - different.size();
  if (most > 0 && different.size() > most) {
    plan.left_out = different.size() - most;
    Rng rng(seed);
    for (std::size_t left = different.size(); left > 1; --left)
      std::swap(different[left - 1], different[rng.below(left)]);
    different.resize(most);
    std::ranges::sort(different);
  }
  for (const std::size_t n : different) plan.scenes.push_back(std::move(all[n]));
  return plan;
}

}  // namespace dramatis::dataset
