// dramatis chat: a character of the cast, a player and a model -> a talk.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <optional>

#include <fmt/format.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "commands.h"
#include "dialogue/conversations.h"
#include "dialogue/registry.h"
#include "dialogue/turnstile.h"
#include "model_port.h"
#include "names.h"
#include "npcs.h"
#include "persona/cast.h"
#include "places.h"
#include "prompt/examples.h"
#include "scene_words.h"
#include "store/database.h"
#include "talk.h"
#include "terminal.h"
#include "text/utterance.h"
#include "word_wrap.h"

namespace dramatis::app {
namespace {

// Whom you meet when you name nobody.
constexpr std::string_view kFirstOfTheCast = "orlando-marlo";

// A folder for a conversation that nobody wants kept; gone with this object.
class PassingFolder {
 public:
  static Result<PassingFolder> make() {
    std::string name = (std::filesystem::temp_directory_path() / "dramatis-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
      return fail(ErrorCode::kUnavailable, fmt::format("No folder can be made at {}.", name));
    }
    return PassingFolder(name);
  }
  PassingFolder(PassingFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  PassingFolder& operator=(PassingFolder&&) = delete;
  ~PassingFolder() {
    std::error_code left;  // a folder that stays in /tmp is no harm
    if (!path_.empty()) std::filesystem::remove_all(path_, left);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit PassingFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

int list_cast(const persona::Cast& cast) {
  for (const auto& member : cast.members) {
    const persona::World* world = cast.find_world(member.sheet.world);
    fmt::print("{:<24} {}, {} ({})\n", member.sheet.id, text::printable(member.sheet.name),
               text::printable(member.sheet.title),
               world == nullptr ? member.sheet.world : text::printable(world->name));
  }
  return 0;
}

Result<const persona::Member*> choose(const persona::Cast& cast, const std::string& typed) {
  if (cast.members.empty()) return fail(ErrorCode::kNotFound, "The cast has no characters.");
  if (typed.empty()) {
    const persona::Member* first = cast.find_member(kFirstOfTheCast);
    return first != nullptr ? first : &cast.members.front();
  }
  std::vector<Named> named;
  for (const auto& member : cast.members) named.push_back({member.sheet.id, member.sheet.name});
  DRAMATIS_TRY(const std::size_t which, find_named(typed, named));
  return &cast.members[which];
}

Result<dialogue::User> find_or_add_player(dialogue::Store& store, const std::string& name) {
  auto known = store.find_user_named(name);
  if (known || known.error().code != ErrorCode::kUserNotFound) return known;
  return dialogue::register_user(store, SystemClock(), name);
}

// A small model plays whom it was taught; for anybody else it has the sheet's own lines at best.
void warn_of_a_stranger(const OpenedModel& opened, const persona::Character& sheet) {
  if (!opened.taught || std::ranges::find(*opened.taught, sheet.id) != opened.taught->end()) return;
  const std::string warning = fmt::format(
      "{} was never taught {}, and will often be at a loss. A larger model "
      "(--model http://localhost:11434/v1 --model-name llama3.2) or a training of its own "
      "(dramatis train) suits {} better; docs/models/hearth.md says how.",
      opened.model->name(), text::printable(sheet.name), text::printable(sheet.short_name));
  fmt::print(stderr, "{}\n", wrap_words(warning, columns_of(stderr), 0));
}

// A scene that is named is another conversation's.
Status set_the_scene(const std::vector<std::string>& typed, const Talk& talk) {
  if (typed.empty()) return {};
  prompt::Scene scene;
  for (const auto& words : typed) DRAMATIS_DO(set_scene(words, scene));
  DRAMATIS_DO(dialogue::begin_conversation({.pair = talk.pair, .scene = scene}, talk.ports));
  return {};
}

// What was typed is remembered beside the database, or where that would lie by default.
std::filesystem::path history_folder(const std::string& address) {
  const auto parsed = store::parse_address(address);
  const bool is_file = parsed && parsed->kind == store::Kind::kSqlite;
  return (is_file ? parsed->path : default_database()).parent_path();
}

// What is under way while the cast is read.
struct Opening {
  Signals signals{};
  SystemClock clock{};
  std::future<Result<OpenedModel>> model{};  // last: it ends before what it uses does
};

// Nobody else is spoken to, so that nobody else's lines need be made ready.
persona::Cast alone(const persona::Cast& cast, const persona::Member& member) {
  return {.worlds = cast.worlds, .members = {member}};
}

// Opens everything that a talk needs, and holds it.
Result<int> chat(const Settings& settings, const ChatArgs& args, Opening& opening,
                 const persona::Cast& cast, const persona::Member& member) {
  const bool is_piped = isatty(STDIN_FILENO) == 0;
  DRAMATIS_TRY(const auto wanted, npc_settings(settings, member.sheet.id));
  DRAMATIS_TRY(const auto seed, seed_of(settings));
  DRAMATIS_TRY(const auto found, open_examples(settings, alone(cast, member)));
  DRAMATIS_TRY(const auto opened, opening.model.get());

  // What is piped in is a new conversation; unless a database is named, nobody wants it kept.
  std::string address = database_address(settings);
  std::optional<PassingFolder> passing;
  if (is_piped && settings.find("database").from == From::kDefault) {
    DRAMATIS_TRY(auto folder, PassingFolder::make());
    address = passing.emplace(std::move(folder)).path() / "dramatis.sqlite";
  }
  DRAMATIS_TRY(const auto database, store::open(address));
  dialogue::Store& store = database->conversations();
  DRAMATIS_TRY(const auto player, find_or_add_player(store, settings.find("player").value));
  DRAMATIS_TRY(
      const NpcId npc,
      find_or_add_npc(store, cast, wanted, is_piped ? Kept::kForThisTalk : Kept::kAcrossRestarts));
  const prompt::Examples& examples = found.examples;
  const persona::World* world = cast.find_world(member.sheet.world);
  DRAMATIS_CHECK(world != nullptr);
  dialogue::Turnstile turnstile;
  const dialogue::Models models({{opened.model->name(), *opened.model, opened.head}});
  Talk talk{.ports = {store, models, opening.clock, cast, examples, turnstile},
            .pair = {.npc = npc, .user = player.id},
            .world = *world,
            .character = member.sheet,
            .player = player.name,
            .seed = seed,
            .signals = opening.signals,
            .shows_thoughts = args.shows_thoughts};
  DRAMATIS_DO(set_the_scene(args.scene, talk));
  if (!is_piped) warn_of_a_stranger(opened, member.sheet);
  auto done =
      is_piped ? talk_with_pipe(talk) : talk_with_person(talk, history_folder(address) / "history");
  keep_warm(opened);
  return done;
}

}  // namespace

int run_chat(const Settings& settings, const ChatArgs& args) {
  prepare_memory(settings);
  Opening opening;
  if (!args.list) {
    opening.model = std::async(
        std::launch::async | std::launch::deferred,
        [&settings, &clock = opening.clock] { return open_model(settings, clock, Start::kWarm); });
  }
  const auto cast = persona::load_cast(settings.path("cast"));
  if (!cast) return complain(cast.error());
  if (args.list) return list_cast(*cast);
  const auto member = choose(*cast, args.character);
  if (!member) return complain(member.error());
  const auto done = chat(settings, args, opening, *cast, **member);
  return done ? *done : complain(done.error());
}

}  // namespace dramatis::app
