// Names -> NPCs, characters of the cast, the model.
#include "server/dialect_models.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "server/dialect_limits.h"
#include "text/utf8.h"
#include "text/utterance.h"

namespace dramatis::server {
namespace {

constexpr std::string_view kNpcPrefix = "npc/";
constexpr std::string_view kLatest = ":latest";

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

Result<Sheet> sheet_of(const dialogue::NpcSettings& settings, const persona::Cast& cast) {
  if (settings.character.empty()) {
    DRAMATIS_TRY(auto described, persona::character_from_text(settings.world_description,
                                                              settings.character_description));
    return Sheet(std::move(described));
  }
  const persona::Member* member = cast.find_member(settings.character);
  if (member == nullptr || cast.find_world(member->sheet.world) == nullptr)
    return fail(ErrorCode::kNotFound,
                fmt::format("'{}' is no longer in the cast.", settings.character));
  return Sheet(cast, *member);
}

Judged<Named> named(const dialogue::Npc& npc, const dialogue::Ports& with) {
  DRAMATIS_TRY(auto sheet, sheet_of(npc.settings, with.cast));
  DRAMATIS_TRY(const auto serving, with.models.find(npc.settings.model));
  return Named{.name = fmt::format("{}{}", kNpcPrefix, print_id(npc.id)),
               .serving = serving,
               .actor = Actor{.npc = npc, .settings = npc.settings, .sheet = std::move(sheet)}};
}

tl::unexpected<Fault> nobody(std::string_view name) {
  const std::string shown = text::printable(text::cut_at(name, kMaxModelNameBytes));
  return tl::unexpected(Fault(ErrorCode::kNotFound,
                              fmt::format("There is no model '{}'; the list of models has the "
                                          "names.",
                                          shown),
                              "model"));
}

// `wanted` is in lower case.
bool is_called(const dialogue::Npc& npc, const std::string& wanted, const persona::Cast& cast) {
  if (!npc.settings.character.empty() && lower(npc.settings.character) == wanted) return true;
  const auto sheet = sheet_of(npc.settings, cast);
  return sheet && (lower(sheet->character().name) == wanted ||
                   lower(sheet->character().short_name) == wanted);
}

Judged<Named> find_npc(std::string_view name, const dialogue::Ports& with) {
  if (const auto id = parse_npc_id(name)) {
    DRAMATIS_TRY(const auto npc, with.store.find_npc(*id));
    return named(npc, with);
  }
  const std::string wanted = lower(name);
  DRAMATIS_TRY(const auto npcs, with.store.list_npcs());
  for (const auto& npc : npcs) {
    if (!is_called(npc, wanted, with.cast)) continue;
    DRAMATIS_TRY(auto found, named(npc, with));
    found.name = fmt::format("{}{}", kNpcPrefix, name);
    return found;
  }
  for (const auto& member : with.cast.members) {
    const bool is_wanted = member.sheet.id == wanted || lower(member.sheet.name) == wanted ||
                           lower(member.sheet.short_name) == wanted;
    if (!is_wanted) continue;
    const dialogue::NpcSettings settings{.character = member.sheet.id};
    DRAMATIS_TRY(auto sheet, sheet_of(settings, with.cast));
    return Named{.name = fmt::format("{}{}", kNpcPrefix, member.sheet.id),
                 .serving = &with.models.first(),
                 .actor = Actor{.npc = {}, .settings = settings, .sheet = std::move(sheet)}};
  }
  return nobody(fmt::format("{}{}", kNpcPrefix, name));
}

// "npc/Ida%20Fenn" -> "npc/Ida Fenn"; what is no escape stays.
std::string decoded(std::string_view path) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  std::string out;
  for (std::size_t at = 0; at < path.size(); ++at) {
    const int high = path[at] == '%' && at + 2 < path.size() ? digit(path[at + 1]) : -1;
    const int low = high >= 0 ? digit(path[at + 2]) : -1;
    out += low >= 0 ? static_cast<char>(high * 16 + low) : path[at];
    if (low >= 0) at += 2;
  }
  return text::repair_utf8(out);
}

}  // namespace

Judged<Named> find_model(std::string_view name, const dialogue::Ports& with) {
  if (name.size() > kMaxModelNameBytes) return nobody(name);
  if (name.ends_with(kLatest)) name.remove_suffix(kLatest.size());
  if (name.starts_with(kNpcPrefix)) return find_npc(name.substr(kNpcPrefix.size()), with);
  for (const auto& serving : with.models.all()) {
    const bool is_wanted = name.empty() || lower(name) == lower(serving.name) ||
                           lower(name) == lower(serving.model.name());
    if (is_wanted) return Named{.name = serving.name, .serving = &serving, .actor = {}};
  }
  return nobody(name);
}

Judged<Listed> find_listed(std::string_view escaped, const dialogue::Ports& with) {
  const std::string name = decoded(escaped);
  DRAMATIS_TRY(const auto who, find_model(name, with));
  Listed listed{.name = name, .title = who.name, .since = {}};
  if (!who.actor) return listed;
  listed.title = who.actor->sheet.character().name;
  if (who.actor->npc) listed.since = who.actor->npc->registered;
  return listed;
}

Judged<std::vector<Listed>> list_names(const dialogue::Ports& with) {
  std::vector<Listed> all;
  for (const auto& serving : with.models.all())
    all.push_back({.name = serving.name, .title = serving.model.name(), .since = {}});
  DRAMATIS_TRY(auto npcs, list_npc_names(with));
  for (auto& npc : npcs) all.push_back(std::move(npc));
  return all;
}

Judged<std::vector<Listed>> list_npc_names(const dialogue::Ports& with) {
  std::vector<Listed> all;
  std::set<std::string> taken;
  std::set<std::string, std::less<>> played;
  DRAMATIS_TRY(const auto npcs, with.store.list_npcs());
  for (const auto& npc : npcs) {
    const auto sheet = sheet_of(npc.settings, with.cast);
    if (!sheet) continue;  // has left the cast, and cannot answer
    const std::string& title = sheet->character().name;
    played.insert(npc.settings.character);
    const bool leads_there = !title.empty() && taken.insert(lower(title)).second;
    all.push_back({.name = fmt::format("{}{}", kNpcPrefix, leads_there ? title : print_id(npc.id)),
                   .title = title,
                   .since = npc.registered});
  }
  for (const auto& member : with.cast.members) {
    if (played.contains(member.sheet.id)) continue;
    all.push_back({.name = fmt::format("{}{}", kNpcPrefix, member.sheet.id),
                   .title = member.sheet.name,
                   .since = {}});
  }
  return all;
}

}  // namespace dramatis::server
