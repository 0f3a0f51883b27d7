// Edited answers -> lines of two files.
#include "dataset/curation.h"

#include <set>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "dataset/answer.h"
#include "dataset/collection.h"
#include "persona/dialogues.h"
#include "text/json.h"

namespace dramatis::dataset {

using text::Json;
using text::JsonArray;
using text::JsonObject;

namespace {

// The first of "<character>-curated-<n>" that no conversation has.
std::string free_id(const persona::Member& member) {
  std::set<std::string> taken;
  for (const auto& dialogue : member.dialogues) taken.insert(dialogue.id);
  for (std::size_t n = 1;; ++n) {
    std::string id = fmt::format("{}-curated-{:03}", member.sheet.id, n);
    if (!taken.contains(id)) return id;
  }
}

// A reply as trainers of conversations want it: a list of one message.
JsonArray reply_of(const std::string& words) {
  return JsonArray{JsonObject{{"role", "assistant"}, {"content", words}}};
}

}  // namespace

Result<std::string> with_example(std::string_view dialogues, const persona::Member& member,
                                 const Curated& curated) {
  const std::string id = free_id(member);
  const auto& met = curated.asked.met;
  const std::string scene = met.place.empty()
                                ? std::string()
                                : fmt::format("{}; the player is {}, {}.", met.place, met.who.name,
                                              met.who.role.empty() ? "a stranger" : met.who.role);
  JsonObject exchange{{"player", curated.asked.made.question},
                      {"npc", curated.edited},
                      {"topic", id.substr(id.rfind("curated"))}};
  JsonObject line{{"id", id}};
  if (!scene.empty()) line.emplace_back("scene", scene);
  line.emplace_back("exchanges", JsonArray{std::move(exchange)});
  std::string all(dialogues);
  if (!all.empty() && all.back() != '\n') all += '\n';
  const std::string added = text::print_json(Json(std::move(line))) + "\n";
  std::vector<persona::Finding> found;
  (void)persona::parse_dialogues(added, "The example", member.sheet.secrets, found);
  DRAMATIS_DO(persona::judge(found));
  return all + added;
}

Result<std::string> print_preference(const Curated& curated, const persona::Character& character,
                                     const persona::Cast& cast) {
  Piece piece{.id = "preference", .character = character.id, .scene = scene_of(curated.asked.met)};
  piece.lines.push_back({.who = lm::Role::kPlayer, .text = curated.asked.made.question});
  piece.lines.push_back({.who = lm::Role::kNpc, .text = curated.edited});
  DRAMATIS_TRY(const auto lessons, lessons_of(piece, cast, Sheet::kOn));
  const auto& messages = lessons.front().messages;
  JsonArray prompt;
  for (std::size_t n = 0; n + 1 < messages.size(); ++n) {
    const bool system = messages[n].role == lm::Role::kSystem;
    const bool player = messages[n].role == lm::Role::kPlayer;
    prompt.push_back(JsonObject{{"role", system   ? "system"
                                         : player ? "user"
                                                  : "assistant"},
                                {"content", messages[n].text}});
  }
  return text::print_json(Json(JsonObject{{"prompt", std::move(prompt)},
                                          {"chosen", reply_of(curated.edited)},
                                          {"rejected", reply_of(curated.shown)}})) +
         "\n";
}

Status append_preference(const std::filesystem::path& folder, std::string_view line) {
  const auto path = folder / "preferences.jsonl";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  bool kept = file >= 0;
  while (kept && !line.empty()) {
    const auto written = ::write(file, line.data(), line.size());
    kept = written > 0;
    if (kept) line.remove_prefix(static_cast<std::size_t>(written));
  }
  kept = kept && ::fdatasync(file) == 0;
  if (file >= 0) ::close(file);
  if (kept) return {};
  return fail(ErrorCode::kUnavailable, fmt::format("{} cannot be written.", path.string()));
}

}  // namespace dramatis::dataset
