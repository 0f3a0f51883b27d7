// Files -> a desk; an archive -> what it holds.
#include "dataset_desk.h"

#include <fmt/format.h>

#include "base/files.h"
#include "dataset/folder_archive.h"
#include "dataset/limits.h"
#include "names.h"
#include "persona/limits.h"
#include "persona/troupe.h"
#include "places.h"
#include "text/digest.h"
#include "text/limits.h"

namespace dramatis::app {
namespace {

// Relative to the folder of the recipe.
std::filesystem::path beside(const std::filesystem::path& recipe, const std::string& named) {
  const std::filesystem::path path(named);
  return path.is_absolute() ? path : recipe.parent_path() / path;
}

// The recipe's own company comes to every world.
Status replace_troupes(const std::filesystem::path& path, persona::Cast& cast) {
  DRAMATIS_TRY(const auto yaml, read_text_file(path, text::kMaxYamlBytes));
  std::vector<persona::Troupe> troupes;
  for (const auto& world : cast.worlds) {
    std::vector<persona::Finding> found;
    troupes.push_back(persona::parse_troupe(yaml, path.string(), world.id, found));
    DRAMATIS_DO(persona::judge(found));
  }
  cast.troupes = std::move(troupes);
  return {};
}

// The folder, or the run in the database that was named.
Status open_archive(const DatasetArgs& args, Desk& desk) {
  if (args.database.empty()) {
    if (!args.run.empty())
      return fail(ErrorCode::kInvalidArgument, "--run names a run of --database.");
    desk.archive = std::make_unique<dataset::FolderArchive>(desk.folder);
    return {};
  }
  DRAMATIS_TRY(const auto address, store::parse_address(args.database));
  std::error_code none;
  if (!args.adds && address.kind == store::Kind::kSqlite &&
      !std::filesystem::exists(address.path, none)) {
    return fail(ErrorCode::kNotFound, fmt::format("{}: there is no database.", address.shown));
  }
  if (args.lease_seconds < 1 || args.lease_seconds > kMaxLeaseSeconds) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("--lease is {} seconds; it goes from 1 to {}.", args.lease_seconds,
                            kMaxLeaseSeconds));
  }
  DRAMATIS_TRY(desk.database, store::open(args.database));
  const auto run = args.run.empty() ? args.recipe.stem().string() : args.run;
  DRAMATIS_TRY(desk.archive, desk.database->archive(
                                 {.run = run, .lease = std::chrono::seconds(args.lease_seconds)}));
  return {};
}

}  // namespace

std::vector<dataset::StepKey> Desk::steps() const {
  std::vector<dataset::StepKey> all;
  for (const auto& character : characters) {
    for (const auto& step : steps_of(recipe.kind))
      all.push_back({.character = character, .step = step});
  }
  return all;
}

Result<std::vector<text::Json>> Desk::records(const std::string& character,
                                              const std::string& step) const {
  return archive->read({.character = character, .step = step});
}

dataset::Profile Desk::profile_of(const std::string& character) const {
  if (!profile.empty()) return profile;
  return dataset::profile_of(studio.cast.find_member(character)->sheet);
}

Result<std::unique_ptr<Desk>> open_desk(const Settings& settings, const DatasetArgs& args) {
  auto desk = std::make_unique<Desk>();
  DRAMATIS_TRY(const auto yaml, read_text_file(args.recipe, dataset::kMaxRecipeBytes));
  DRAMATIS_TRY(desk->recipe, dataset::parse_recipe(yaml, args.recipe.string()));
  desk->recipe_digest = text::sha256(yaml);
  DRAMATIS_TRY(desk->studio.cast, persona::load_cast(settings.path("cast")));
  if (!desk->recipe.troupe.empty())
    DRAMATIS_DO(replace_troupes(beside(args.recipe, desk->recipe.troupe), desk->studio.cast));
  DRAMATIS_TRY(auto examples, open_examples(settings, desk->studio.cast));
  desk->studio.examples.emplace(std::move(examples));
  DRAMATIS_TRY(desk->characters, ids_of(desk->studio, desk->recipe.characters));
  if (!desk->recipe.profile.empty()) {
    const auto path = beside(args.recipe, desk->recipe.profile);
    DRAMATIS_TRY(const auto text, read_text_file(path, dataset::kMaxProfileBytes));
    DRAMATIS_TRY(desk->profile, dataset::parse_profile(text, path.string()));
  }
  desk->folder = args.folder;
  if (desk->folder.empty()) desk->folder = settings.path("datasets") / args.recipe.stem();
  DRAMATIS_DO(open_archive(args, *desk));
  return desk;
}

std::vector<std::string> steps_of(dataset::DataKind kind) {
  if (kind == dataset::DataKind::kExchanges) return {"exchanges"};
  return {"scenes", "experiences", "protective"};
}

Result<std::optional<std::uint64_t>> items_of_step(const Desk& desk, const std::string& character,
                                                   const std::string& step) {
  using Count = std::optional<std::uint64_t>;
  const auto& recipe = desk.recipe;
  if (step == "exchanges") return Count(recipe.count);
  const auto profile = desk.profile_of(character);
  const auto& sheet = desk.studio.cast.find_member(character)->sheet;
  if (step == "protective")
    return Count(sheet.unknown.empty() ? 0 : profile.size() * recipe.protective);
  const std::uint64_t requests =
      dataset::plan_requests(profile, recipe.scene_prompts, recipe.seed).size();
  if (step == "scenes") return Count(requests);
  DRAMATIS_TRY(const auto records, desk.records(character, "scenes"));
  if (records.size() < requests + 1) return Count();
  DRAMATIS_TRY(const auto plan, dataset::plan_scenes(records, recipe.most_scenes, recipe.seed));
  return Count(plan.scenes.size());
}

Result<dataset::Cost> cost_so_far(const Desk& desk) {
  return desk.archive->spent(desk.steps());
}

Result<dataset::Gathered> gather(const Desk& desk, const std::string& character) {
  dataset::Gathered all;
  const auto take = [&all](dataset::Gathered some) {
    for (auto& piece : some.pieces) all.pieces.push_back(std::move(piece));
    for (auto& refusal : some.refused) all.refused.push_back(std::move(refusal));
  };
  const auto& member = *desk.studio.cast.find_member(character);
  DRAMATIS_TRY(const auto gates,
               dataset::Gates::make(desk.studio.cast, character, desk.recipe.gates));
  if (desk.recipe.kind == dataset::DataKind::kExchanges) {
    DRAMATIS_TRY(const auto records, desk.records(character, "exchanges"));
    DRAMATIS_TRY(auto exchanges, dataset::gather_exchanges(character, records, gates));
    take(std::move(exchanges));
  } else {
    for (const auto& [step, source] : {std::pair{"experiences", dataset::Source::kExperience},
                                       std::pair{"protective", dataset::Source::kProtective}}) {
      DRAMATIS_TRY(const auto records, desk.records(character, step));
      DRAMATIS_TRY(auto some, dataset::gather_experiences(member.sheet, records, source));
      take(std::move(some));
    }
  }
  DRAMATIS_TRY(const auto talks, desk.records(character, "talks"));
  DRAMATIS_TRY(auto held, dataset::gather_talks(character, talks, gates));
  take(std::move(held));
  if (desk.recipe.authored) take(dataset::gather_authored(member));
  return all;
}

}  // namespace dramatis::app
