// Files under a cast's folder. Versions lie in a folder whose name begins with a dot, which a cast
// leaves alone.
#include "server/sheet_desk.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <span>
#include <system_error>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/files.h"
#include "persona/cast_changes.h"
#include "persona/character.h"
#include "persona/dialogues.h"
#include "persona/limits.h"
#include "persona/world.h"
#include "server/limits.h"
#include "text/limits.h"

namespace dramatis::server {
namespace {

namespace fs = std::filesystem;

bool is_id(std::string_view text) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !text.empty() && text.size() <= persona::kMaxIdBytes && text.front() != '-' &&
         std::ranges::all_of(text, is_letter);
}

// "20261121T184500.123Z": sorts by time, and is a file name everywhere.
std::string stamp(Instant at) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(at);
  const auto rest = std::chrono::floor<std::chrono::milliseconds>(at - whole);
  return fmt::format("{:%Y%m%dT%H%M%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(whole)), rest.count());
}

bool is_stamp(std::string_view text) {
  const auto is_mark = [](char c) {
    return (c >= '0' && c <= '9') || c == 'T' || c == 'Z' || c == '.';
  };
  return text.size() == 20 && text.front() != '.' && std::ranges::all_of(text, is_mark);
}

Error cannot_write(const fs::path& where, const std::error_code& broken) {
  return {ErrorCode::kUnavailable,
          fmt::format("{} cannot be written: {}.", where.string(), broken.message())};
}

Error no_such(const SheetName& sheet) {
  return {ErrorCode::kNotFound,
          fmt::format("The cast has no sheet {}/{}.", sheet.world, sheet.name)};
}

struct PortraitKind {
  std::string_view ending;
  std::string_view content_type;
  std::string_view first_bytes;
};
constexpr std::array<PortraitKind, 3> kPortraits = {{
    {".png", "image/png", "\x89PNG\r\n"},
    {".jpg", "image/jpeg", "\xFF\xD8\xFF"},
    {".webp", "image/webp", "RIFF"},
}};

}  // namespace

Result<SheetName> sheet_name(std::string_view world, std::string_view name) {
  if (is_id(world) && is_id(name)) return SheetName{std::string(world), std::string(name)};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("A world and a character have ids of at most {} small letters, digits "
                          "and hyphens.",
                          persona::kMaxIdBytes));
}

fs::path SheetDesk::file_of(const SheetName& sheet) const {
  return folder_ / sheet.world / (sheet.name + ".yaml");
}

fs::path SheetDesk::versions_of(const SheetName& sheet) const {
  return folder_ / sheet.world / ".versions" / sheet.name;
}

Result<JudgedSheet> SheetDesk::read(const SheetName& sheet) const {
  std::error_code broken;
  if (!fs::is_regular_file(file_of(sheet), broken)) return tl::unexpected(no_such(sheet));
  DRAMATIS_TRY(auto yaml, read_text_file(file_of(sheet), text::kMaxYamlBytes));
  return judge(sheet, std::move(yaml));
}

JudgedSheet SheetDesk::judge(const SheetName& sheet, std::string yaml) const {
  JudgedSheet judged{.yaml = std::move(yaml)};
  auto& found = judged.findings;
  const std::string file = fmt::format("{}/{}.yaml", sheet.world, sheet.name);
  const auto complain = [&](std::string_view field, std::string what, std::string mend) {
    found.push_back({.file = file,
                     .line = 1,
                     .field = std::string(field),
                     .what = std::move(what),
                     .suggestion = std::move(mend)});
  };
  if (sheet.is_world()) {
    const auto world = persona::parse_world(judged.yaml, file, found);
    if (!world.id.empty() && world.id != sheet.world)
      complain("id", fmt::format("the id is '{}', the folder '{}'.", world.id, sheet.world),
               "give both the same name");
  } else {
    (void)persona::judge_member(folder_, sheet.world, sheet.name, judged.yaml, found);
    if (cast_.find_world(sheet.world) == nullptr)
      complain("world", fmt::format("the cast has no world '{}'.", sheet.world),
               "save its world first");
    const persona::Member* other = cast_.find_member(sheet.name);
    if (other != nullptr && other->sheet.world != sheet.world)
      complain("id", fmt::format("'{}' is also a character of {}.", sheet.name, other->sheet.world),
               "an id belongs to one character of the cast");
  }
  if (found.size() > persona::kMaxFindings) found.resize(persona::kMaxFindings);
  return judged;
}

Status SheetDesk::keep_version(const SheetName& sheet) {
  const fs::path folder = versions_of(sheet);
  std::error_code broken;
  fs::create_directories(folder, broken);
  if (broken) return tl::unexpected(cannot_write(folder, broken));
  if (!fs::exists(file_of(sheet), broken)) return {};
  fs::copy_file(file_of(sheet), folder / (stamp(clock_.now()) + ".yaml"),
                fs::copy_options::overwrite_existing, broken);
  if (broken) return tl::unexpected(cannot_write(folder, broken));
  DRAMATIS_TRY(const auto kept, versions(sheet));
  for (std::size_t n = kMaxSheetVersions; n < kept.size(); ++n)
    fs::remove(folder / (kept[n].name + ".yaml"), broken);
  return {};
}

Status SheetDesk::play(const SheetName& sheet, const std::string& yaml) {
  std::vector<persona::Finding> found;
  if (sheet.is_world()) return cast_.changes->put(persona::parse_world(yaml, sheet.name, found));
  auto member = persona::judge_member(folder_, sheet.world, sheet.name, yaml, found);
  DRAMATIS_DO(examples_.renew(member));
  return cast_.changes->put(std::move(member));
}

Result<JudgedSheet> SheetDesk::save(const SheetName& sheet, std::string yaml) {
  if (yaml.size() > text::kMaxYamlBytes) {
    return fail(ErrorCode::kOverBudget, fmt::format("The sheet has {} bytes; at most {} are read.",
                                                    yaml.size(), text::kMaxYamlBytes));
  }
  const std::lock_guard lock(writing_);
  JudgedSheet judged = judge(sheet, std::move(yaml));
  DRAMATIS_DO(persona::judge(judged.findings));
  DRAMATIS_DO(keep_version(sheet));
  DRAMATIS_DO(write_file(file_of(sheet), std::as_bytes(std::span(judged.yaml))));
  DRAMATIS_DO(play(sheet, judged.yaml));
  return judged;
}

Status SheetDesk::change_dialogues(std::string_view character, const Change& change) {
  const std::lock_guard lock(writing_);
  const persona::Member* member = cast_.find_member(character);
  if (member == nullptr) return fail(ErrorCode::kNotFound, "The cast has no such character.");
  const SheetName sheet{.world = member->sheet.world, .name = member->sheet.id};
  const fs::path path = folder_ / sheet.world / (sheet.name + ".dialogues.jsonl");
  const auto before = read_text_file(path, persona::kMaxDialoguesBytes);
  if (!before && before.error().code != ErrorCode::kNotFound) return tl::unexpected(before.error());
  DRAMATIS_TRY(const auto after, change(before.value_or(std::string()), *member));
  std::vector<persona::Finding> found;
  (void)persona::parse_dialogues(after, path.filename().string(), member->sheet.secrets, found);
  DRAMATIS_DO(persona::judge(found));
  DRAMATIS_TRY(const auto yaml, read_text_file(file_of(sheet), text::kMaxYamlBytes));
  DRAMATIS_DO(write_file(path, std::as_bytes(std::span(after))));
  return play(sheet, yaml);
}

Result<std::vector<SheetVersion>> SheetDesk::versions(const SheetName& sheet) const {
  std::vector<SheetVersion> kept;
  std::error_code broken;
  for (fs::directory_iterator at(versions_of(sheet), broken), end; !broken && at != end;
       at.increment(broken)) {
    const std::string name = at->path().stem().string();
    std::error_code unknown;
    if (is_stamp(name)) kept.push_back({.name = name, .bytes = at->file_size(unknown)});
  }
  // Of a sheet that somebody took away by hand they are still there.
  std::error_code unknown;
  if (kept.empty() && !fs::is_regular_file(file_of(sheet), unknown))
    return tl::unexpected(no_such(sheet));
  std::ranges::sort(kept, std::ranges::greater(), &SheetVersion::name);
  return kept;
}

Result<JudgedSheet> SheetDesk::read_version(const SheetName& sheet,
                                            std::string_view version) const {
  const auto none = fail(ErrorCode::kNotFound, "There is no such version.");
  if (!is_stamp(version)) return none;
  const fs::path file = versions_of(sheet) / fmt::format("{}.yaml", version);
  std::error_code broken;
  if (!fs::is_regular_file(file, broken)) return none;
  DRAMATIS_TRY(auto yaml, read_text_file(file, text::kMaxYamlBytes));
  return judge(sheet, std::move(yaml));
}

bool SheetDesk::has_portrait(const SheetName& sheet) const {
  return std::ranges::any_of(kPortraits, [&](const PortraitKind& kind) {
    std::error_code broken;
    return fs::is_regular_file(folder_ / sheet.world / fmt::format("{}{}", sheet.name, kind.ending),
                               broken);
  });
}

Result<SheetDesk::Portrait> SheetDesk::portrait(const SheetName& sheet) const {
  for (const PortraitKind& kind : kPortraits) {
    const fs::path file = folder_ / sheet.world / fmt::format("{}{}", sheet.name, kind.ending);
    std::error_code broken;
    if (!fs::is_regular_file(file, broken)) continue;
    DRAMATIS_TRY(const auto bytes, read_file(file, kMaxPortraitBytes));
    std::string content(bytes.size(), '\0');
    std::ranges::transform(bytes, content.begin(),
                           [](std::byte b) { return static_cast<char>(b); });
    // What says that it is a picture and is none is shown to nobody.
    if (content.starts_with(kind.first_bytes))
      return Portrait{std::string(kind.content_type), std::move(content)};
  }
  return fail(ErrorCode::kNotFound, "There is no portrait beside this sheet.");
}

}  // namespace dramatis::server
