// The list of talks, compared with what was typed.
#include "arena_find.h"

#include <vector>

#include <fmt/format.h>

#include "arena/limits.h"

namespace dramatis::app {

Result<arena::TalkId> find_talk(arena::Store& talks, const std::string& typed) {
  if (const auto id = arena::parse_talk_id(typed)) return *id;
  DRAMATIS_TRY(const auto listed, talks.list_talks(arena::kMaxTalksListed));
  if (listed.empty())
    return fail(ErrorCode::kNotFound, "No NPCs have talked yet; begin with: dramatis arena A B");
  if (typed == "last") return listed.front().id;
  std::vector<arena::TalkId> meant;
  for (const auto& talk : listed) {
    if (!typed.empty() && print_id(talk.id).ends_with(typed)) meant.push_back(talk.id);
  }
  if (meant.size() == 1) return meant.front();
  return fail(ErrorCode::kNotFound,
              fmt::format("'{}' is {} talk; `dramatis arena list` names them, and `last` is the "
                          "newest.",
                          typed, meant.empty() ? "no" : "more than one"));
}

}  // namespace dramatis::app
