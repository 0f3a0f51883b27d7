// A folder -> Cast, or what is wrong with it.
#include "persona/cast.h"

#include <algorithm>
#include <array>
#include <map>
#include <system_error>

#include <fmt/format.h>

#include "base/files.h"
#include "persona/cast_changes.h"
#include "persona/internal/fields.h"
#include "persona/limits.h"
#include "persona/secrets.h"
#include "text/limits.h"
#include "text/yaml.h"

namespace dramatis::persona {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTroupeFile = "troupe.yaml";
constexpr std::string_view kSharedWordings = "wordings.yaml";

// The names in a folder, sorted. Whatever begins with a dot is somebody else's.
std::vector<std::string> names_in(const fs::path& folder, std::vector<Finding>& found) {
  std::vector<std::string> names;
  std::error_code broken;
  for (fs::directory_iterator at(folder, broken), end; !broken && at != end; at.increment(broken)) {
    const std::string name = at->path().filename().string();
    if (!name.starts_with('.')) names.push_back(name);
    if (names.size() > kMaxCastFiles) {
      found.push_back(
          {.file = folder.string(),
           .what = fmt::format("more than {} files are in this folder.", kMaxCastFiles)});
      return {};
    }
  }
  if (broken)
    found.push_back(
        {.file = folder.string(), .what = "the folder cannot be read: " + broken.message()});
  std::ranges::sort(names);
  return names;
}

// Reads one cast. One use.
class Reader {
 public:
  Reader(const fs::path& folder, std::vector<Finding>& found) : folder_(folder), found_(found) {}

  [[nodiscard]] Cast read() {
    const auto names = names_in(folder_, found_);
    read_shared(names);
    for (const auto& name : names) {
      if (fs::is_directory(folder_ / name)) read_world(name);
    }
    if (cast_.worlds.empty()) {
      found_.push_back({.file = folder_.string(),
                        .what = "no world is in this folder.",
                        .suggestion = "a world is a folder with a world.yaml"});
    }
    return std::move(cast_);
  }

  [[nodiscard]] Member read_one(const std::string& world, const std::string& id,
                                const std::string& yaml) {
    std::vector<Finding> unread;  // a world that is not written yet has nothing beside its sheets
    read_shared(names_in(folder_, unread));
    add_member(world, id, yaml, names_in(folder_ / world, unread));
    return std::move(cast_.members.back());
  }

 private:
  [[nodiscard]] std::optional<std::string> text_of(const std::string& file, std::size_t max_bytes) {
    auto text = read_text_file(folder_ / file, max_bytes);
    if (text) return *std::move(text);
    found_.push_back({.file = file, .what = text.error().what});
    return std::nullopt;
  }

  void read_shared(const std::vector<std::string>& names) {
    if (std::ranges::find(names, kSharedWordings) == names.end()) return;
    const std::string file(kSharedWordings);
    if (const auto yaml = text_of(file, text::kMaxYamlBytes))
      shared_ = parse_shared_wordings(*yaml, file, found_);
  }

  void read_world(const std::string& name) {
    const std::string file = name + "/world.yaml";
    const auto yaml = text_of(file, text::kMaxYamlBytes);
    if (!yaml) return;
    World world = parse_world(*yaml, file, found_);
    if (!world.id.empty() && world.id != name) {
      found_.push_back({.file = file,
                        .line = 1,
                        .field = "id",
                        .what = fmt::format("the id is '{}', the folder '{}'.", world.id, name),
                        .suggestion = "give both the same name"});
    }
    cast_.worlds.push_back(std::move(world));
    read_members(name, *yaml);
  }

  void read_members(const std::string& world, const std::string& world_yaml) {
    const std::size_t first = cast_.members.size();
    const auto names = names_in(folder_ / world, found_);
    for (const auto& name : names) {
      const bool sheet = name.ends_with(".yaml") && !name.ends_with(".checks.yaml") &&
                         !name.ends_with(".wordings.yaml") && name != "world.yaml" &&
                         name != kTroupeFile;
      if (sheet) read_member(world, name.substr(0, name.size() - 5), names);
    }
    for (const auto& name : names) refuse_orphan(world, name, names);
    if (std::ranges::find(names, kTroupeFile) != names.end()) read_troupe(world);
    for (std::size_t n = first; n < cast_.members.size(); ++n) {
      warn_of_public_secrets(world, world_yaml, cast_.members[n].sheet);
    }
  }

  void read_troupe(const std::string& world) {
    const std::string file = fmt::format("{}/{}", world, kTroupeFile);
    if (const auto yaml = text_of(file, text::kMaxYamlBytes))
      cast_.troupes.push_back(parse_troupe(*yaml, file, world, found_));
  }

  void read_member(const std::string& world, const std::string& id,
                   const std::vector<std::string>& names) {
    const std::string file = fmt::format("{}/{}.yaml", world, id);
    if (const auto yaml = text_of(file, text::kMaxYamlBytes)) add_member(world, id, *yaml, names);
  }

  void add_member(const std::string& world, const std::string& id, const std::string& yaml,
                  const std::vector<std::string>& names) {
    const std::string file = fmt::format("{}/{}.yaml", world, id);
    Member member;
    member.sheet = parse_character(yaml, file, found_);
    judge_references(member.sheet, world, id, file);
    const auto has = [&names](const std::string& name) {
      return std::ranges::find(names, name) != names.end();
    };
    if (has(id + ".dialogues.jsonl")) {
      const std::string beside = fmt::format("{}/{}.dialogues.jsonl", world, id);
      if (const auto jsonl = text_of(beside, kMaxDialoguesBytes)) {
        member.dialogues = parse_dialogues(*jsonl, beside, member.sheet.secrets, found_);
      }
    }
    if (has(id + ".wordings.yaml")) {
      const std::string beside = fmt::format("{}/{}.wordings.yaml", world, id);
      if (const auto lines = text_of(beside, text::kMaxYamlBytes)) {
        member.wordings =
            parse_wordings(*lines, beside, member.dialogues, member.sheet.secrets, found_);
      }
    }
    add_shared(shared_, member.dialogues, member.sheet.secrets, member.wordings);
    if (has(id + ".checks.yaml")) {
      const std::string beside = fmt::format("{}/{}.checks.yaml", world, id);
      if (const auto checks = text_of(beside, text::kMaxYamlBytes)) {
        member.checks = parse_checks(*checks, beside, member.sheet, found_);
      }
    }
    cast_.members.push_back(std::move(member));
  }

  void judge_references(const Character& sheet, const std::string& world, const std::string& id,
                        const std::string& file) {
    if (!sheet.id.empty() && sheet.id != id) {
      found_.push_back({.file = file,
                        .line = 1,
                        .field = "id",
                        .what = fmt::format("the id is '{}', the file '{}.yaml'.", sheet.id, id),
                        .suggestion = "give both the same name"});
    }
    if (!sheet.world.empty() && sheet.world != world) {
      found_.push_back(
          {.file = file,
           .line = 1,
           .field = "world",
           .what = fmt::format("the world is '{}', the sheet lies in '{}'.", sheet.world, world),
           .suggestion = fmt::format("write `world: {}`", world)});
    }
    const auto [at, fresh] = file_of_.emplace(id, file);
    if (!fresh) {
      found_.push_back({.file = file,
                        .line = 1,
                        .field = "id",
                        .what = fmt::format("'{}' is also the id of {}.", id, at->second),
                        .suggestion = "an id belongs to one character of the cast"});
    }
  }

  // Dialogues or checks whose sheet is missing, most often by a slip in the name.
  void refuse_orphan(const std::string& world, const std::string& name,
                     const std::vector<std::string>& names) {
    for (const std::string_view ending : {".dialogues.jsonl", ".checks.yaml", ".wordings.yaml"}) {
      if (!name.ends_with(ending)) continue;
      const std::string sheet = name.substr(0, name.size() - ending.size()) + ".yaml";
      if (std::ranges::find(names, sheet) != names.end()) continue;
      found_.push_back({.file = fmt::format("{}/{}", world, name),
                        .what = fmt::format("there is no {} beside this file.", sheet),
                        .suggestion = "both bear the character's id"});
    }
  }

  // What all the world knows is no secret; but the word may have a second, harmless meaning there.
  void warn_of_public_secrets(const std::string& world, const std::string& yaml,
                              const Character& sheet) {
    const auto root = text::parse_yaml(yaml);
    if (!root || sheet.secrets.empty()) return;
    internal::Report report(world + "/world.yaml", found_);
    internal::each_scalar(*root, "", {}, [&](const text::YamlNode& node, const std::string& path) {
      if (const auto word = find_secret(node.scalar, sheet.secrets)) {
        report.warning(node.line, path,
                       fmt::format("the text says '{}', a secret's word of {}.", *word, sheet.id));
      }
    });
  }

  const fs::path& folder_;
  std::vector<Finding>& found_;
  Cast cast_;
  std::vector<TopicWordings> shared_;
  std::map<std::string, std::string> file_of_;  // by character id
};

Result<Cast> read_cast(const fs::path& folder, std::vector<Finding>& found) {
  std::error_code broken;
  if (!fs::is_directory(folder, broken)) {
    return fail(
        ErrorCode::kNotFound,
        fmt::format("{}: no folder is here; a cast is a folder of worlds.", folder.string()));
  }
  return Reader(folder, found).read();
}

}  // namespace

const World* Cast::find_world(std::string_view id) const& {
  if (const World* saved = changes == nullptr ? nullptr : changes->find_world(id)) return saved;
  const auto at = std::ranges::find(worlds, id, &World::id);
  return at == worlds.end() ? nullptr : &*at;
}

const Troupe* Cast::find_troupe(std::string_view world) const& {
  const auto at = std::ranges::find(troupes, world, &Troupe::world);
  return at == troupes.end() ? nullptr : &*at;
}

const Member* Cast::find_member(std::string_view id) const& {
  if (const Member* saved = changes == nullptr ? nullptr : changes->find_member(id)) return saved;
  const auto at = std::ranges::find(
      members, id, [](const Member& member) -> const std::string& { return member.sheet.id; });
  return at == members.end() ? nullptr : &*at;
}

std::vector<const World*> Cast::worlds_now() const& {
  std::vector<const World*> now;
  for (const World& world : worlds) now.push_back(find_world(world.id));
  if (changes == nullptr) return now;
  for (const World* saved : changes->worlds()) {
    if (std::ranges::find(now, saved) == now.end()) now.push_back(saved);
  }
  return now;
}

std::vector<const Member*> Cast::members_now() const& {
  std::vector<const Member*> now;
  for (const Member& member : members) now.push_back(find_member(member.sheet.id));
  if (changes == nullptr) return now;
  for (const Member* saved : changes->members()) {
    if (std::ranges::find(now, saved) == now.end()) now.push_back(saved);
  }
  return now;
}

Member judge_member(const fs::path& folder, const std::string& world, const std::string& id,
                    const std::string& yaml, std::vector<Finding>& found) {
  return Reader(folder, found).read_one(world, id, yaml);
}

Result<Cast> load_cast(const fs::path& folder) {
  std::vector<Finding> found;
  DRAMATIS_TRY(auto cast, read_cast(folder, found));
  DRAMATIS_DO(judge(found));
  return cast;
}

Status replace_checks(Cast& cast, const fs::path& folder) {
  std::vector<Finding> found;
  bool any = false;
  for (auto& member : cast.members) {
    const fs::path file = folder / (member.sheet.id + ".checks.yaml");
    member.checks.clear();
    std::error_code broken;
    if (!fs::exists(file, broken)) continue;
    DRAMATIS_TRY(const auto yaml, read_text_file(file, text::kMaxYamlBytes));
    member.checks = parse_checks(yaml, file.string(), member.sheet, found);
    any = true;
  }
  if (!any) {
    return fail(ErrorCode::kNotFound,
                fmt::format("{} has no file such as {}.checks.yaml.", folder.string(),
                            cast.members.empty() ? "somebody" : cast.members.front().sheet.id));
  }
  return judge(found);
}

std::vector<Finding> lint(const fs::path& folder) {
  std::vector<Finding> found;
  if (const auto cast = read_cast(folder, found); !cast) {
    found.push_back({.file = folder.string(), .what = cast.error().what});
  }
  return found;
}

}  // namespace dramatis::persona
