// A journal for each talk.
#include "arena/folder_store.h"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include "arena/limits.h"
#include "arena/record.h"
#include "base/files.h"
#include "text/limits.h"

namespace dramatis::arena {
namespace {

constexpr std::string_view kEnding = ".jsonl";

Result<std::pair<NpcId, UserId>> read_player(const text::Json& record) {
  const text::Json* const npc = record.find("npc");
  const text::Json* const user = record.find("user");
  if (npc != nullptr && user != nullptr && npc->as_string() != nullptr &&
      user->as_string() != nullptr) {
    const auto npc_id = parse_npc_id(*npc->as_string());
    const auto user_id = parse_user_id(*user->as_string());
    if (npc_id && user_id) return std::pair(*npc_id, *user_id);
  }
  return fail(ErrorCode::kCorrupt, "A record of players names no NPC and no player.");
}

}  // namespace

Result<Talk> talk_of_records(std::span<const text::Json> records) {
  if (records.empty()) return fail(ErrorCode::kCorrupt, "The journal of a talk is empty.");
  DRAMATIS_TRY(auto talk, read_talk(records.front()));
  if (records.size() - 1 > kMaxLines)
    return fail(ErrorCode::kCorrupt, fmt::format("A talk has {} lines.", records.size() - 1));
  for (const auto& record : records.subspan(1)) {
    DRAMATIS_TRY(auto line, read_line(record, talk));
    talk.lines.push_back(std::move(line));
  }
  return talk;
}

Result<std::unique_ptr<FolderStore>> FolderStore::open(std::filesystem::path folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("{} cannot be made: {}.", folder.string(), error.message()));
  }
  DRAMATIS_TRY(auto players, text::Journal::open(folder / fmt::format("players{}", kEnding)));
  const auto found = players.found();
  std::unique_ptr<FolderStore> store(new FolderStore(std::move(folder), std::move(players)));
  const runtime::Lock lock(store->mutex_);
  for (const auto& record : found) {
    DRAMATIS_TRY(const auto player, read_player(record));
    store->players_.insert(player);
  }
  return store;
}

std::filesystem::path FolderStore::file_of(TalkId id) const {
  return folder_ / fmt::format("{}{}", print_id(id), kEnding);
}

Result<Talk> FolderStore::read(TalkId id) const {
  const auto path = file_of(id);
  auto bytes = read_text_file(path, text::kMaxJournalBytes);
  if (!bytes && bytes.error().code == ErrorCode::kNotFound) return tl::unexpected(no_such(id));
  if (!bytes) return tl::unexpected(bytes.error());
  DRAMATIS_TRY(const auto read, text::read_records(*bytes, path.string()));
  auto talk = talk_of_records(read.records);
  if (!talk)
    return fail(talk.error().code, fmt::format("{}: {}", path.string(), talk.error().what));
  return talk;
}

Result<std::optional<UserId>> FolderStore::player_of(NpcId npc) const {
  const runtime::Lock lock(mutex_);
  const auto found = players_.find(npc);
  return found == players_.end() ? std::nullopt : std::optional(found->second);
}

Status FolderStore::keep_player(NpcId npc, UserId user) {
  const runtime::Lock lock(mutex_);
  if (players_.contains(npc)) return tl::unexpected(has_player(npc));
  DRAMATIS_DO(
      player_journal_.append(text::JsonObject{{"npc", print_id(npc)}, {"user", print_id(user)}}));
  players_.emplace(npc, user);
  return {};
}

Status FolderStore::add_talk(const Talk& talk) {
  const runtime::Lock lock(mutex_);
  std::error_code ignored;  // what cannot be seen cannot be opened either
  if (std::filesystem::exists(file_of(talk.id), ignored)) return tl::unexpected(taken(talk.id));
  DRAMATIS_TRY(auto journal, text::Journal::open(file_of(talk.id)));
  return journal.append(talk_json(talk));
}

Result<Talk> FolderStore::find_talk(TalkId id) const {
  const runtime::Lock lock(mutex_);
  return read(id);
}

Result<std::vector<Talk>> FolderStore::list_talks(std::size_t count) const {
  const runtime::Lock lock(mutex_);
  std::vector<Talk> talks;
  std::error_code error;
  for (auto entry = std::filesystem::directory_iterator(folder_, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const auto id = parse_talk_id(entry->path().stem().string());
    if (!id || entry->path().extension() != kEnding) continue;
    DRAMATIS_TRY(auto talk, read(*id));
    talk.lines.clear();
    talks.push_back(std::move(talk));
  }
  if (error) return fail(ErrorCode::kUnavailable, folder_.string() + ": " + error.message());
  std::ranges::sort(talks, [](const Talk& a, const Talk& b) {
    return a.started != b.started ? a.started > b.started : a.id > b.id;
  });
  talks.resize(std::min(talks.size(), count));
  return talks;
}

Status FolderStore::add_line(TalkId id, std::size_t place, const Line& line) {
  const runtime::Lock lock(mutex_);
  DRAMATIS_TRY(const auto talk, read(id));
  if (place != talk.lines.size())
    return tl::unexpected(line_out_of_place(id, place, talk.lines.size()));
  DRAMATIS_TRY(auto journal, text::Journal::open(file_of(id)));
  return journal.append(line_json(line));
}

Status FolderStore::remove_talk(TalkId id) {
  const runtime::Lock lock(mutex_);
  std::error_code error;
  if (std::filesystem::remove(file_of(id), error)) return {};
  if (!error) return tl::unexpected(no_such(id));
  return fail(ErrorCode::kUnavailable, file_of(id).string() + ": " + error.message());
}

}  // namespace dramatis::arena
