// Sheets and texts -> paragraphs; paragraphs -> a plan.
#include "dataset/profile.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/random.h"
#include "dataset/limits.h"
#include "dataset/paragraphs.h"

namespace dramatis::dataset {

Profile profile_of(const persona::Character& character) {
  Profile profile;
  if (!character.summary.empty()) profile.push_back({.text = character.summary});
  for (const auto* notes : {&character.backstory, &character.values, &character.objectives,
                            &character.opinions, &character.knowledge}) {
    for (const auto& note : *notes) profile.push_back({.heading = note.name, .text = note.text});
  }
  if (profile.empty() && !character.description.empty())
    profile.push_back({.text = character.description});
  return profile;
}

Result<Profile> parse_profile(std::string_view text, std::string_view place) {
  if (text.size() > kMaxProfileBytes) {
    return fail(ErrorCode::kOverBudget, fmt::format("{} has {} bytes; a profile has {} at most.",
                                                    place, text.size(), kMaxProfileBytes));
  }
  const auto all = paragraphs(text);
  if (all.empty() || !all.front().front().starts_with("# ")) {
    return fail(
        ErrorCode::kCorrupt,
        fmt::format("{}: a profile begins with a line such as \"# Orlando Marlo\".", place));
  }
  Profile profile;
  std::string heading;
  for (std::size_t n = 0; n < all.size(); ++n) {
    Paragraph lines = all[n];
    if (n == 0) lines.erase(lines.begin());
    if (!lines.empty() && lines.front().starts_with("##")) {
      heading = trimmed(
          std::string_view(lines.front())
              .substr(std::min(lines.front().find_first_not_of('#'), lines.front().size())));
      lines.erase(lines.begin());
    }
    if (lines.empty()) continue;  // a heading alone belongs to what follows
    profile.push_back({.heading = std::exchange(heading, {}), .text = joined(lines)});
  }
  if (profile.empty())
    return fail(ErrorCode::kCorrupt, fmt::format("{} has a name and tells nothing.", place));
  return profile;
}

std::vector<std::size_t> plan_requests(const Profile& profile, std::size_t count,
                                       std::uint64_t seed) {
  std::vector<std::size_t> plan;
  if (profile.empty()) return plan;
  const std::size_t rounds = std::max<std::size_t>(count / profile.size(), 1);
  std::size_t letters = 0;
  for (const auto& paragraph : profile) letters += paragraph.text.size() + 1;
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t n = 0; n < profile.size(); ++n) plan.push_back(n);
  }
  Rng rng(seed);
  while (plan.size() < count) {
    std::size_t drawn = rng.below(letters);
    std::size_t n = 0;
    while (drawn > profile[n].text.size()) drawn -= profile[n++].text.size() + 1;
    plan.push_back(n);
  }
  return plan;
}

}  // namespace dramatis::dataset
