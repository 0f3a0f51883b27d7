// What writers save while a cast is played: the newest sheet of each id, and all before it, which a
// turn under way may still read.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "persona/cast.h"

namespace dramatis::persona {

// Thread-safe. What was put in is never moved and lives as long as this.
class CastChanges {
 public:
  // kOverBudget past kMaxCastChanges: the service starts anew before it takes more.
  [[nodiscard]] Status put(World world);
  [[nodiscard]] Status put(Member member);

  // Null where nothing was saved under this id.
  [[nodiscard]] const World* find_world(std::string_view id) const;
  [[nodiscard]] const Member* find_member(std::string_view id) const;
  // The newest of each, in the order of ids.
  [[nodiscard]] std::vector<const World*> worlds() const;
  [[nodiscard]] std::vector<const Member*> members() const;

 private:
  [[nodiscard]] Status make_room() const;  // under mutex_

  mutable std::mutex mutex_;
  // All guarded by mutex_. A deque does not move what it holds when it grows.
  std::deque<World> all_worlds_;
  std::deque<Member> all_members_;
  std::map<std::string, const World*, std::less<>> worlds_;
  std::map<std::string, const Member*, std::less<>> members_;
};

}  // namespace dramatis::persona
