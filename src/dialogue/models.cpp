// The same names for every NPC of a service.
#include "dialogue/models.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/check.h"
#include "dialogue/limits.h"
#include "text/utf8.h"
#include "text/utterance.h"

namespace dramatis::dialogue {

Models::Models(std::vector<ServingModel> serving) : serving_(std::move(serving)) {
  DRAMATIS_CHECK(!serving_.empty());
  std::set<std::string_view> names;
  for (const auto& one : serving_) DRAMATIS_CHECK(names.insert(one.name).second);
}

Result<const ServingModel*> Models::find(std::string_view name) const {
  if (name.empty()) return &first();
  const auto found = std::ranges::find(serving_, name, &ServingModel::name);
  if (found != serving_.end()) return &*found;
  std::string names;
  for (const auto& one : serving_) names += (names.empty() ? "" : ", ") + one.name;
  return fail(ErrorCode::kNotFound,
              fmt::format("No model is named '{}'; there are: {}.",
                          text::printable(text::cut_at(name, kMaxNameBytes)), names));
}

}  // namespace dramatis::dialogue
