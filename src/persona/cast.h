// A cast: a folder of worlds, and in each the files of its characters.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "persona/character.h"
#include "persona/checks.h"
#include "persona/dialogues.h"
#include "persona/finding.h"
#include "persona/troupe.h"
#include "persona/wordings.h"
#include "persona/world.h"

namespace dramatis::persona {

// A character with what its author wrote beside the sheet.
struct Member {
  Character sheet{};
  std::vector<Dialogue> dialogues{};      // may be empty
  std::vector<TopicWordings> wordings{};  // of the dialogues' topics; may be empty
  std::vector<Check> checks{};            // may be empty
};

class CastChanges;

// In the order of the folders' and files' names, whatever the file system says. Immutable once
// loaded, but for what writers save while it is played.
struct Cast {
  std::vector<World> worlds{};
  std::vector<Member> members{};
  std::vector<Troupe> troupes{};           // of the worlds that have one
  std::shared_ptr<CastChanges> changes{};  // null: nobody changes it; shared by copies of the cast

  // Null where there is none; as it was saved last. What they point to lives as long as the cast.
  [[nodiscard]] const World* find_world(std::string_view id) const&;
  [[nodiscard]] const Member* find_member(std::string_view id) const&;
  [[nodiscard]] const Troupe* find_troupe(std::string_view world) const&;
  const World* find_world(std::string_view id) && = delete;
  const Member* find_member(std::string_view id) && = delete;
  const Troupe* find_troupe(std::string_view world) && = delete;
  // All of them, each as it was saved last; who came later stands behind.
  [[nodiscard]] std::vector<const World*> worlds_now() const&;
  [[nodiscard]] std::vector<const Member*> members_now() const&;
  std::vector<const World*> worlds_now() && = delete;
  std::vector<const Member*> members_now() && = delete;
};

// The cast in `folder`. Errors: kNotFound where there is no folder; kInvalidArgument with the first
// fault (file, line, field, suggestion) and the number of others; kOverBudget.
[[nodiscard]] Result<Cast> load_cast(const std::filesystem::path& folder);

// Puts the checks of `folder` (a file "<id>.checks.yaml" for each character) in the place of the
// cast's own; who has no file there has none. Errors: kNotFound where nobody of the cast has one,
// kInvalidArgument as in load_cast.
[[nodiscard]] Status replace_checks(Cast& cast, const std::filesystem::path& folder);

// The character `id` of `world` with what lies beside its sheet in `folder`, were `yaml` its sheet.
// What is wrong is appended to `found`.
[[nodiscard]] Member judge_member(const std::filesystem::path& folder, const std::string& world,
                                  const std::string& id, const std::string& yaml,
                                  std::vector<Finding>& found);

// All that is wrong with the cast in `folder`, at most kMaxFindings, in the order of its files.
[[nodiscard]] std::vector<Finding> lint(const std::filesystem::path& folder);

}  // namespace dramatis::persona
