// A cast: a folder of worlds, and in each the files of its characters.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "persona/character.h"
#include "persona/checks.h"
#include "persona/dialogues.h"
#include "persona/finding.h"
#include "persona/world.h"

namespace dramatis::persona {

// A character with what its author wrote beside the sheet.
struct Member {
  Character sheet{};
  std::vector<Dialogue> dialogues{};  // may be empty
  std::vector<Check> checks{};        // may be empty
};

// In the order of the folders' and files' names, whatever the file system says. Immutable once
// loaded.
struct Cast {
  std::vector<World> worlds{};
  std::vector<Member> members{};

  // Null where there is none. What they point to lives as long as the cast.
  [[nodiscard]] const World* find_world(std::string_view id) const&;
  [[nodiscard]] const Member* find_member(std::string_view id) const&;
  const World* find_world(std::string_view id) && = delete;
  const Member* find_member(std::string_view id) && = delete;
};

// The cast in `folder`. Errors: kNotFound where there is no folder; kInvalidArgument with the first
// fault (file, line, field, suggestion) and the number of others; kOverBudget.
[[nodiscard]] Result<Cast> load_cast(const std::filesystem::path& folder);

// All that is wrong with the cast in `folder`, at most kMaxFindings, in the order of its files.
[[nodiscard]] std::vector<Finding> lint(const std::filesystem::path& folder);

}  // namespace dramatis::persona
