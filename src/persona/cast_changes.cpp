// Two deques, and who is the newest of each id.
#include "persona/cast_changes.h"

#include <fmt/format.h>

#include "persona/limits.h"

namespace dramatis::persona {

Status CastChanges::make_room() const {
  if (all_worlds_.size() + all_members_.size() < kMaxCastChanges) return {};
  return fail(
      ErrorCode::kOverBudget,
      fmt::format("{} sheets were saved since the service began; start it anew.", kMaxCastChanges));
}

Status CastChanges::put(World world) {
  const std::lock_guard lock(mutex_);
  DRAMATIS_DO(make_room());
  const World& kept = all_worlds_.emplace_back(std::move(world));
  worlds_[kept.id] = &kept;
  return {};
}

Status CastChanges::put(Member member) {
  const std::lock_guard lock(mutex_);
  DRAMATIS_DO(make_room());
  const Member& kept = all_members_.emplace_back(std::move(member));
  members_[kept.sheet.id] = &kept;
  return {};
}

const World* CastChanges::find_world(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto at = worlds_.find(id);
  return at == worlds_.end() ? nullptr : at->second;
}

const Member* CastChanges::find_member(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto at = members_.find(id);
  return at == members_.end() ? nullptr : at->second;
}

std::vector<const World*> CastChanges::worlds() const {
  const std::lock_guard lock(mutex_);
  std::vector<const World*> now;
  for (const auto& [id, world] : worlds_) now.push_back(world);
  return now;
}

std::vector<const Member*> CastChanges::members() const {
  const std::lock_guard lock(mutex_);
  std::vector<const Member*> now;
  for (const auto& [id, member] : members_) now.push_back(member);
  return now;
}

}  // namespace dramatis::persona
